"""Re-checks a plan with plain arithmetic: an independent witness that knows neither the model nor the solver."""

from fleetopt.verify.checks import read_run, verify_folder, verify_plan

__all__ = ["read_run", "verify_folder", "verify_plan"]
