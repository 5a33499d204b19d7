"""Courses: questions that ask for runs, one batch after the other, and make an answer of the results."""

from collections.abc import Generator, Mapping
from typing import TypeVar

from fleetopt.suite.runs import Run, ScenarioResult

__all__ = ["Course", "Run", "ScenarioResult"]

T = TypeVar("T")
Course = Generator[tuple[Run, ...], Mapping[str, ScenarioResult], T]
