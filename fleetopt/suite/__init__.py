"""Scenario suites: one base instance, named overrides, scenarios side by side, and what is expected of them."""

from fleetopt.suite.run import SuiteResult, run_stresses, run_suite
from fleetopt.suite.runs import SuiteOptions

__all__ = ["SuiteOptions", "SuiteResult", "run_stresses", "run_suite"]
