"""theses.md: what each thesis says, what the numbers say, where it breaks; written from the figures of a run alone."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleetopt.report.page.cells import amount, brief, joined
from fleetopt.report.text import plain, share, table
from fleetopt.suite.figures import figure
from fleetopt.suite.flip import FlipFound
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
    """The suite file, from the page's folder."""
    images: str = ""
    """Folder of its pictures, from the page's folder; empty or with a slash at its end."""


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
    return f"Of {len(found)} theses: **{', '.join(said_)}**. A verdict is no opinion: each thesis names what must hold."


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
    for flip in thesis.flips:
        lines += _flip(record.flips[flip])
    for map_ in thesis.maps:
        lines += _map(record.maps[map_])
    if thesis.breaks:
        lines += [f"**Where it breaks.** {_line(said(thesis.breaks, record))}", ""]
    lines += ["**What had to hold.**", ""]
    lines += [f"- {plain(judged(judgement))}" for judgement in ruling.judgements]
    lines += ["", *_assumptions(thesis, record, where)]
    return lines


def _scenarios(thesis: Thesis, record: Record) -> list[str]:
    """A row for each scenario: what it costs beside the first, what it spends most on, who serves."""
    names = record.members(thesis.scenarios)
    if not names:
        return []
    first = record.scenarios[names[0]].plan
    rows = [_row(record.scenarios[name], first, name == names[0]) for name in names]
    return table(["scenario", "cost", "than the first", "spends most on", "who serves (share of the rate)"], rows)


def _row(kept: Kept, first: object, is_first: bool) -> list[str]:
    plan = kept.plan
    if plan.get("status") not in PLANNED:
        return [plain(kept.title), f"no plan ({plan.get('status', 'did not run')})", "–", "–", "–"]
    base = first.get("objective_usd") if isinstance(first, dict) else None
    beside = "–"
    if base and not is_first:
        part = plan["objective_usd"] / base - 1
        beside = "the same" if abs(part) < 5e-6 else f"{'+' if part > 0 else '−'}{amount(100 * abs(part))} %"
    cells = [brief(plan["objective_usd"]), beside, _spending(plan), _serving(plan)]
    return [plain(kept.title), *map(joined, cells)]


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
        said_.append(f"{plain(workload)}: {', '.join(f'{plain(s)} {share(by[s] / whole)}' for s in parts)}")
    left = len(served) - SHOWN_WORKLOADS
    said_ += [f"{left} more workloads"] if left > 0 else []
    said_ += [f"{plain(r['workload'])}: trained on {plain(r['system'])}" for r in plan["training_runs"]]
    return "; ".join(said_) or "–"


def _flip(found: FlipFound) -> list[str]:
    title = plain(found.title or f"When the plan {found.fact}")
    lines = [f"**{title}.** {plain(verdict(found))} ({found.solves} runs over `{found.parameter}`.)", ""]
    for bracket in found.brackets:
        if bracket.changes:
            one, two = plain(bracket.first.shown), plain(bracket.second.shown)
            lines += [f"From {one} to {two} the plan changes:", ""]
            lines += change_lines(bracket, SHOWN_CHANGES)
    return lines


def _map(found: MapFound) -> list[str]:
    title = plain(found.title or f"Where the plan {found.fact}")
    return [f"**{title}.** {found.solves} runs.", "", *map_table(found)]


def _assumptions(thesis: Thesis, record: Record, where: Where) -> list[str]:
    names = record.members(thesis.scenarios)
    bases = sorted({record.scenarios[name].base for name in names})
    folder = posixpath.dirname(where.suite)
    links = [f"[{plain(posixpath.basename(b))}]({posixpath.normpath(posixpath.join(folder, b))})" for b in bases]
    links.append(f"[{plain(posixpath.basename(where.suite))}]({where.suite})")
    text = _line(said(thesis.assumes, record)) if thesis.assumes else ""
    return [f"**It rests on:** {text + ' ' if text else ''}{', '.join(links)}.", ""]


def _made(record: Record, where: Where) -> str:
    runs = len(record.scenarios) + sum(f.solves for f in record.flips.values())
    runs += sum(m.solves for m in record.maps.values())
    gaps = [figure(kept.plan, ("gap",)).value for kept in record.scenarios.values()]
    worst = max((gap for gap in gaps if isinstance(gap, float)), default=0.0)
    name = posixpath.basename(where.suite)
    return (
        f"`fleetopt suite {name}` solved {runs} runs, none further than {100 * worst:.2g} % from its bound among the "
        f"scenarios, and wrote this page with [theses.json](theses.json), the figures it is made from; texts are in "
        f"[{name}]({where.suite}). A comparison counts only beyond what the bounds leave open."
    )


def _prose(text: str, record: Record) -> list[str]:
    """Paragraphs with their figures."""
    return [line for part in _paragraphs(said(text, record)) for line in (part, "")]


def _paragraphs(text: str) -> Iterator[str]:
    for part in re.split(r"\n\s*\n", text.strip()):
        if part:
            yield _line(part)


def _line(text: str) -> str:
    """Text on one line with its emphasis and code, nothing in it HTML or a link."""
    flat = " ".join(text.split()).replace("](", "] (").replace("|", "/")
    escaped = "".join(_HTML.get(letter, letter) for letter in flat)
    return joined(re.sub(r"(?i)\b(https?|ftp|mailto|www)([:.])", r"\1&#8203;\2", escaped))
