"""Scenario suites: one base instance, named overrides, scenarios side by side, and what is expected of them."""

from fleetopt.suite.ask import find_flip
from fleetopt.suite.run import SuiteResult, run_stresses, run_suite
from fleetopt.suite.runs import SuiteOptions

__all__ = ["SuiteOptions", "SuiteResult", "find_flip", "run_stresses", "run_suite"]
