"""What a suite asks beside its scenarios: its courses, and what they found, written."""

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fleetopt.pipeline.folder import write_into
from fleetopt.report.text import plain
from fleetopt.suite.asked import Questions
from fleetopt.suite.courses import Course
from fleetopt.suite.digest import digest
from fleetopt.suite.flip import FlipFound, Point, flip_course
from fleetopt.suite.flip_report import verdict, write_flip
from fleetopt.suite.load import LoadedSuite
from fleetopt.suite.map import MapFound, map_course
from fleetopt.suite.map_report import summary as map_summary
from fleetopt.suite.map_report import write_map
from fleetopt.suite.record import Kept, Record
from fleetopt.suite.regret import RegretFound, regret_course
from fleetopt.suite.regret_report import summary as regret_summary
from fleetopt.suite.regret_report import write_regret
from fleetopt.suite.theses_page import Where, theses_page
from fleetopt.suite.theses_pictures import theses_pictures
from fleetopt.suite.verdicts import Ruling, rulings

PAGE, FIGURES = "theses.md", "theses.json"


@dataclass(frozen=True)
class Answers:
    """What was found."""

    flips: Mapping[str, FlipFound] = field(default_factory=dict)
    maps: Mapping[str, MapFound] = field(default_factory=dict)
    regret: RegretFound | None = None
    rulings: tuple[Ruling, ...] = ()
    record: Record | None = None
    """Figures that the page of the theses is made from."""

    @property
    def points(self) -> Iterator[Point]:
        """Every run of a flip or a map."""
        for flip in self.flips.values():
            yield from flip.points
        for found in self.maps.values():
            for row in found.rows:
                yield from row.cells

    @property
    def stopped(self) -> bool:
        """Whether a run of them was stopped before its end."""
        return any(point.status == "stopped" for point in self.points)

    @property
    def unknown(self) -> bool:
        """Whether a run of them came to no answer."""
        return any(point.state == "unknown" for point in self.points)

    @property
    def lines(self) -> list[str]:
        """Markdown for the end of the comparison."""
        lines = []
        if self.flips or self.maps or self.regret:
            lines += ["", "## Flips, maps and regret", ""]
        lines += [f"- [{plain(n)}](flips/{n}/flip.md): {plain(verdict(found))}" for n, found in self.flips.items()]
        lines += [f"- [{plain(n)}](maps/{n}/map.md): {plain(map_summary(found))}" for n, found in self.maps.items()]
        lines += [f"- [regret](regret.md): {plain(regret_summary(self.regret))}"] if self.regret else []
        if self.rulings:
            lines += ["", f"## Theses ([page]({PAGE}))", ""]
            lines += [f"- {r.thesis.id} {plain(r.thesis.title)}: {r.outcome}" for r in self.rulings]
        return lines


def question_courses(questions: Questions) -> dict[str, Course[Any]]:
    """A course for each question, by the name of its folder."""
    courses: dict[str, Course[Any]] = {f"flips/{flip.name}": flip_course(flip) for flip in questions.flips}
    courses |= {f"maps/{asked.name}": map_course(asked) for asked in questions.maps}
    return courses | ({"regret": regret_course(questions.regret)} if questions.regret is not None else {})


def answered(suite: LoadedSuite, plans: Mapping[str, Mapping[str, Any]], results: Mapping[str, Any]) -> Answers:
    """What the courses found, and what it says of the theses."""
    flips = {flip.name: results[f"flips/{flip.name}"] for flip in suite.questions.flips}
    maps = {asked.name: results[f"maps/{asked.name}"] for asked in suite.questions.maps}
    regret = results.get("regret") if suite.questions.regret is not None else None
    if not suite.file.theses:
        return Answers(flips, maps, regret)
    bases = {str(run.base) for run in suite.runs}
    shown = {base: _from_suite(suite, base) for base in bases}
    kept = {run.name: Kept(run.title, shown[str(run.base)], digest(plans[run.name])) for run in suite.runs}
    sweeps = {name: tuple(sweep.names(name)) for name, sweep in suite.file.sweeps.items()}
    record = Record(kept, sweeps, {name: _digested(flip) for name, flip in flips.items()}, maps, regret)
    return Answers(flips, maps, regret, rulings(suite.file.theses, record), record)


def _digested(flip: FlipFound) -> FlipFound:
    return replace(flip, plans={run: digest(plan) for run, plan in flip.plans.items()})


def _from_suite(suite: LoadedSuite, base: str) -> str:
    """An instance file as the suite names it; by its name alone where that is a path of this machine."""
    said = (suite.file.base, *suite.file.bases.values())
    names = [name for name in said if name is not None and not Path(name).is_absolute()]
    return next((name for name in names if os.path.normpath(suite.folder / name) == base), posixpath.basename(base))


def write_answers(out: Path, suite: LoadedSuite, answers: Answers) -> None:
    """Pages, pictures and data of every question, and the page of the theses."""
    for name, flip in answers.flips.items():
        write_flip(out / "flips" / name, flip)
    for name, found in answers.maps.items():
        write_map(out / "maps" / name, found)
    if answers.regret is not None:
        write_regret(out, answers.regret)
    if answers.record is not None and not answers.stopped:
        where = Where(suite.path.name, linked=False)
        write_into(out, theses_files(suite, answers.record, where))


def theses_files(suite: LoadedSuite, record: Record, where: Where) -> dict[str, str | bytes]:
    """theses.md, its pictures and its figures, by name from the page's folder."""
    files: dict[str, str | bytes] = {PAGE: theses_page(suite.file, record, where), FIGURES: record.to_json()}
    return files | {where.images + name: text for name, text in theses_pictures(suite.file, record).items()}
