"""Scenario suites: one base instance, named overrides, scenarios side by side, and what is expected of them."""

from fleetopt.suite.run import SuiteOptions, SuiteResult, run_stresses, run_suite

__all__ = ["SuiteOptions", "SuiteResult", "run_stresses", "run_suite"]
