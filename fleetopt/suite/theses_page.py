"""theses.md: what each thesis says, what the numbers say, where it breaks; written from the figures of a run alone."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleetopt.report.page.cells import amount, brief, joined
from fleetopt.report.text import plain, table
from fleetopt.suite.figures import figure
from fleetopt.suite.flip_report import change_lines, verdict
from fleetopt.suite.map import MapFound
from fleetopt.suite.map_report import map_table
from fleetopt.suite.record import Kept, Record
from fleetopt.suite.runs import PLANNED
from fleetopt.suite.schema import SuiteFile, Thesis
from fleetopt.suite.theses_pictures import picture_name
from fleetopt.suite.verdicts import Ruling, rulings, said
from fleetopt.suite.write import verdict as judged

MARKS = {"borne out": "borne out", "refuted": "**refuted**", "undecided": "undecided"}
SHOWN_ITEMS = 3
SHOWN_WORKLOADS = 3
SHOWN_CHANGES = 6
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True)
class Where:
    """Where the page lies."""

    suite: str
    """The suite file, from the page's folder; its name alone where pages do not link to it."""
    images: str = ""
    """Folder of its pictures, from the page's folder; empty or with a slash at its end."""
    linked: bool = True
    """Whether suite and instances lie where the page does, in one repository. A run folder may lie anywhere, so its
    page names them as the suite file does, and nothing of the machine's folders."""

    def suite_link(self) -> str:
        """Name of the suite file, in Markdown."""
        name = plain(posixpath.basename(self.suite))
        return f"[{name}]({self.suite})" if self.linked else name

    def instance_link(self, base: str) -> str:
        """Name of an instance file, given as the suite file gives it."""
        at = posixpath.normpath(posixpath.join(posixpath.dirname(self.suite), base))
        return f"[{plain(posixpath.basename(base))}]({at})" if self.linked else plain(base)


def theses_page(file: SuiteFile, record: Record, where: Where) -> str:
    """The whole page. Raises ValueError where a text asks for a figure that there is none of."""
    found = rulings(file.theses, record)
    lines = [f"# {plain(file.title or 'Theses')}", ""]
    lines += _prose(file.notes, record)
    lines += [_score(found), "", *_summary(found, record)]
    for ruling in found:
        lines += _section(ruling, record, where)
    lines += ["## How this page is made", "", _made(record, where)]
    return "\n".join(lines).rstrip() + "\n"


def _score(found: Sequence[Ruling]) -> str:
    counts = {outcome: sum(r.outcome == outcome for r in found) for outcome in MARKS}
    said_ = [f"{count} {outcome}" for outcome, count in counts.items() if count]
    return f"Of {len(found)} claims: **{', '.join(said_)}**. A verdict is no opinion: each claim names what must hold."


def _summary(found: Sequence[Ruling], record: Record) -> list[str]:
    rows = []
    for ruling in found:
        thesis = ruling.thesis
        cells = [_line(said(text, record)) or "–" for text in (thesis.decides, thesis.overturns)]
        rows.append([f"[{plain(_head(thesis))}](#{_anchor(_head(thesis))})", MARKS[ruling.outcome], *cells])
    return table(["thesis", "verdict", "the number that decides", "what would overturn it"], rows)


def _head(thesis: Thesis) -> str:
    return f"{thesis.id}. {thesis.title}"


def _anchor(head: str) -> str:
    """As GitHub makes anchors of headings."""
    return re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")


def _section(ruling: Ruling, record: Record, where: Where) -> list[str]:
    thesis = ruling.thesis
    lines = [f"## {plain(_head(thesis))}", ""]
    lines += [f"> {_line(said(thesis.claim, record))}", ""]
    lines += [f"**{ruling.outcome.capitalize()}.** {_line(said(ruling.why, record))}".rstrip(), ""]
    lines += _prose(thesis.text, record)
    if name := picture_name(thesis, record):
        lines += [f"![{plain(_head(thesis))}]({where.images}{name})", ""]
    lines += _scenarios(thesis, record)
    lines += _flips(thesis, record)
    for map_ in thesis.maps:
        lines += _map(record.maps[map_])
    if thesis.breaks:
        lines += [f"**Where it breaks.** {_line(said(thesis.breaks, record))}", ""]
    lines += ["**What had to hold.**", ""]
    lines += [f"- {plain(judged(judgement))}" for judgement in ruling.judgements]
    lines += ["", *_assumptions(thesis, record, where)]
    return lines


def _scenarios(thesis: Thesis, record: Record) -> list[str]:
    """A row a scenario: its cost, beside that of the first where both serve the same, what it buys, who serves."""
    names = record.members(thesis.scenarios)
    if not names:
        return []
    groups = [names] if thesis.compare is True else [record.members(group) for group in thesis.compare or ()]
    firsts = {name: group[0] for group in groups for name in group}
    heads = ["scenario", "cost", "spends most on", "who serves (share of the rate)"]
    rows = [_row(record.scenarios[name]) for name in names]
    if firsts:
        heads.insert(2, "than the first" if len(groups) == 1 else "than the first of its kind")
        for row, name in zip(rows, names, strict=True):
            row.insert(2, _beside(name, firsts.get(name, name), record))
    return table(heads, rows)


def _row(kept: Kept) -> list[str]:
    plan = kept.plan
    if plan.get("status") not in PLANNED:
        return [plain(kept.title), f"no plan ({plan.get('status', 'did not run')})", "–", "–"]
    return [plain(kept.title), *map(joined, (brief(plan["objective_usd"]), _spending(plan), _serving(plan)))]


def _beside(name: str, first: str, record: Record) -> str:
    """`+12.3 %`: what a scenario costs more than another; in money where that one earns rather than costs."""
    cost, base = (record.scenarios[one].plan.get("objective_usd") for one in (name, first))
    if name == first or cost is None or base is None:
        return "–"
    if base <= 0:
        return joined(f"{'+' if cost > base else ''}{brief(cost - base)}")
    part = cost / base - 1
    return joined("the same" if abs(part) < 5e-6 else f"{'+' if part > 0 else '−'}{amount(100 * abs(part))} %")


def _spending(plan: object) -> str:
    """`1,200 × b200, 40 × cs-3 rented`."""
    assert isinstance(plan, dict)
    lines = sorted(plan["purchases"], key=lambda p: (-p["cost_usd"], p["system"], p["site"]))
    units: dict[tuple[str, str], float] = {}
    for line in lines:
        key = (line["system"], line["acquisition"])
        units[key] = units.get(key, 0.0) + line["units"]
    shown = [f"{amount(n)} × {plain(s)}{' rented' if a == 'rent' else ''}" for (s, a), n in units.items()]
    left = len(shown) - SHOWN_ITEMS
    return ", ".join([*shown[:SHOWN_ITEMS], *([f"{left} more"] if left > 0 else [])]) or "nothing"


def _serving(plan: object) -> str:
    """`chat: b200 80 %, cs-3 20 %`."""
    assert isinstance(plan, dict)
    served: dict[str, dict[str, float]] = {}
    for placement in plan["placements"]:
        deployment = plan["deployments"][placement["deployment"]]
        if deployment["stage"] != "prefill":
            by = served.setdefault(deployment["workload"], {})
            by[deployment["system"]] = by.get(deployment["system"], 0.0) + sum(placement["served_per_s"].values())
    said_ = []
    for workload, by in list(served.items())[:SHOWN_WORKLOADS]:
        whole = sum(by.values())
        parts = sorted(by, key=lambda system: (-by[system], system))[:SHOWN_ITEMS]
        said_.append(f"{plain(workload)}: {', '.join(f'{plain(s)} {amount(100 * by[s] / whole)} %' for s in parts)}")
    left = len(served) - SHOWN_WORKLOADS
    said_ += [f"{left} more workloads"] if left > 0 else []
    said_ += [f"{plain(r['workload'])}: trained on {plain(r['system'])}" for r in plan["training_runs"]]
    return "; ".join(said_) or "–"


def _flips(thesis: Thesis, record: Record) -> list[str]:
    """A row for each flip, and what changes at the first."""
    flips = [record.flips[name] for name in thesis.flips]
    rows = [
        [
            plain(found.title or f"When the plan {found.fact}"),
            f"`{found.parameter}`, {joined(plain(f'{found.points[0].shown} to {found.points[-1].shown}'))}",
            joined(plain(verdict(found))),
        ]
        for found in flips
    ]
    lines = table(["where it flips", "varied", "answer"], rows)
    first = next((found for found in flips if found.brackets and found.brackets[0].changes), None)
    if first is not None:
        bracket = first.brackets[0]
        one, two, title = (
            plain(text) for text in (bracket.first.shown, bracket.second.shown, first.title or first.fact)
        )
        lines += [joined(f"What the plan does differently from {one} to {two} ({title}):"), ""]
        lines += change_lines(bracket, SHOWN_CHANGES)
    return lines


def _map(found: MapFound) -> list[str]:
    title = plain(found.title or f"Where the plan {found.fact}")
    return [f"**{title}.** {found.solves} runs.", "", *map_table(found)]


def _assumptions(thesis: Thesis, record: Record, where: Where) -> list[str]:
    names = record.members(thesis.scenarios)
    bases = sorted({record.scenarios[name].base for name in names})
    links = [*map(where.instance_link, bases), where.suite_link()]
    text = _line(said(thesis.assumes, record)) if thesis.assumes else ""
    return [f"**It rests on:** {text + ' ' if text else ''}{', '.join(links)}.", ""]


def _made(record: Record, where: Where) -> str:
    runs = len(record.scenarios) + sum(f.solves for f in record.flips.values())
    runs += sum(m.solves for m in record.maps.values()) + (record.regret.evaluations if record.regret else 0)
    gaps = [figure(kept.plan, ("gap",)).value for kept in record.scenarios.values()]
    worst = max((gap for gap in gaps if isinstance(gap, float)), default=0.0)
    name = posixpath.basename(where.suite)
    return (
        f"`fleetopt suite {name}` solved {runs} runs, none further than {100 * worst:.2g} % from its bound among the "
        f"scenarios, and wrote this page with [theses.json](theses.json), the figures it is made from; texts are in "
        f"{where.suite_link()}. A comparison counts only beyond what the bounds leave open."
    )


def _prose(text: str, record: Record) -> list[str]:
    """Paragraphs with their figures."""
    return [line for part in _paragraphs(said(text, record)) for line in (part, "")]


def _paragraphs(text: str) -> Iterator[str]:
    """A line break parts paragraphs: folded text of YAML (`>-`) has one where its source has an empty line."""
    for part in text.splitlines():
        if part.strip():
            yield _line(part)


def _line(text: str) -> str:
    """Text on one line with its emphasis and code, nothing in it HTML or a link."""
    flat = " ".join(text.split()).replace("](", "] (").replace("|", "/")
    escaped = "".join(_HTML.get(letter, letter) for letter in flat)
    return joined(re.sub(r"(?i)\b(https?|ftp|mailto|www)([:.])", r"\1&#8203;\2", escaped))
