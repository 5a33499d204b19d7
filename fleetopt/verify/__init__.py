"""Re-checks a plan with plain arithmetic: an independent witness that knows neither the model nor the solver."""

from fleetopt.verify.checks import verify_folder, verify_plan

__all__ = ["verify_folder", "verify_plan"]
