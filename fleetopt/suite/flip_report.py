"""A flip for people: the picture, the page of text, the page that sorts, and the data."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fleetopt.pipeline.folder import to_json, write_into
from fleetopt.report.charts import Band, Curve, Figure, Legend, Spot
from fleetopt.report.charts.standalone import standalone
from fleetopt.report.page.answer import answer_page
from fleetopt.report.page.cells import brief, spread
from fleetopt.report.page.section import Section
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column
from fleetopt.report.text import plain, table, unmarked
from fleetopt.suite.facts import State
from fleetopt.suite.flip import Bracket, FlipFound, Point, Worth

SLOTS: Mapping[State, int] = {"holds": 2, "does not hold": 0, "infeasible": 3, "unknown": 7}
"""Colour of each state."""
WORDS: Mapping[State, str] = {
    "holds": "holds",
    "does not hold": "does not hold",
    "infeasible": "no plan",
    "unknown": "not known",
}
M_USD = 1e6
LEAST_USD = 0.5
"""What is less is nothing."""


def write_flip(folder: Path, found: FlipFound) -> None:
    """flip.md, flip.json, flip.html and flip.svg."""
    files = {
        "flip.md": flip_markdown(found),
        "flip.json": to_json(flip_data(found)),
        "flip.html": flip_page(found),
        "flip.svg": standalone(flip_figure(found)),
    }
    write_into(folder, files)


def flip_data(found: FlipFound) -> dict[str, Any]:
    """Plain data; plans stand in the run folders."""
    data = asdict(found)
    del data["plans"]
    return data | {"said": verdict(found)}


def verdict(found: FlipFound) -> str:
    """The answer in a sentence."""
    first, last = found.points[0], found.points[-1]
    ends = f"from {first.shown} to {last.shown}"
    unknown = [p for p in found.points if p.state == "unknown"]
    if found.brackets:
        text = " ".join(_flip_words(found, bracket) for bracket in found.brackets)
    elif unknown:
        text = f"No flip was found {ends}."
    else:
        state = {"holds": f"the plan {found.fact}", "does not hold": f"the plan {found.denied}"}
        seen = "at both ends" if len(found.points) == 2 else f"at all {len(found.points)} values looked at"
        text = f"No flip {ends}: {state.get(first.state, 'there is no plan')} {seen}."
        text += " What changes twice in between shows only with more points." if len(found.points) == 2 else ""
    if unknown:
        text += f" What is true at {', '.join(p.shown for p in unknown)} is not known: {unknown[0].because}."
    return text


def _flip_words(found: FlipFound, bracket: Bracket) -> str:
    words = {"holds": found.fact, "does not hold": found.denied, "infeasible": "is no plan"}
    one, two = ("there " if p.state == "infeasible" else "the plan " for p in (bracket.first, bracket.second))
    after, before = words[bracket.second.state], words[bracket.first.state]
    return f"From {bracket.second.shown} on {two}{after}; at {bracket.first.shown} {one}{before}."


def cautions(found: FlipFound) -> list[str]:
    """How far the answer can be trusted: what the gaps leave open, and what was proven."""
    said = []
    for bracket in found.brackets:
        for point in (bracket.first, bracket.second):
            if point.cost_usd is None or point.bound_usd is None:
                continue
            where = f"At {point.shown} the plan costs {brief(point.cost_usd)}"
            if point.proven:
                said.append(f"{where}; that it is so there follows from bounds alone.")
            else:
                said.append(f"{where}; {_left_open(point.cost_usd - point.bound_usd)}")
        one, two = bracket.first.cost_usd, bracket.second.cost_usd
        if one is not None and two is not None:
            side = "more" if two >= one else "less"
            said.append(f"The plan at {bracket.second.shown} costs {brief(abs(two - one))} {side} than the one before.")
    return said + [_worth_words(worth) for worth in found.worths]


def _left_open(open_usd: float) -> str:
    """What the gap leaves open, as people read it."""
    if open_usd < LEAST_USD:
        return "no other way is cheaper, though another may cost the same."
    return f"another way could be up to {brief(open_usd)} cheaper, no more (the gap)."


def _worth_words(worth: Worth) -> str:
    if worth.status == "infeasible":
        return f"At {worth.shown} there is no plan without it: proven."
    if worth.least_usd is None or worth.most_usd is None:
        return f"At {worth.shown} going without came to no end ({worth.status})."
    if worth.proven:
        said = spread(worth.least_usd, worth.most_usd)
        return f"At {worth.shown} going without costs {said} more: proven, every cheapest plan is so."
    return f"At {worth.shown} going without costs at most {brief(worth.most_usd)} more, which is within the gaps."


def flip_figure(found: FlipFound) -> Figure:
    """Cost over the parameter, each point in the colour of its state."""
    spots = tuple(
        Spot(p.position, p.cost_usd, SLOTS[p.state], p.shown, f"{_cost(p)}, {WORDS[p.state]} ({p.because})")
        for p in found.points
    )
    bands = tuple(Band(b.first.position, b.second.position, f"flips: {b.said}") for b in found.brackets)
    states = dict.fromkeys(p.state for p in found.points)
    legend = tuple(Legend(_legend(found, state), SLOTS[state]) for state in states)
    title = found.title or f"Where the plan {found.fact}"
    return Curve(
        f"flip-{found.name or 'curve'}",
        title,
        "Cost of the cheapest plan; colour says what is true of it, the lit stretch is where that changes.",
        found.parameter,
        "cost, M$",
        spots,
        bands,
        legend,
        log=found.log,
        scaled=lambda usd: usd / M_USD,
    ).figure()


def _legend(found: FlipFound, state: State) -> str:
    return {"holds": found.fact, "does not hold": found.denied}.get(state, WORDS[state])


def _cost(point: Point) -> str:
    return "no plan" if point.cost_usd is None else brief(point.cost_usd)


def flip_markdown(found: FlipFound) -> str:
    """The whole answer as text."""
    lines = [f"# {plain(_title(found))}", "", plain(verdict(found)), ""]
    lines += [f"![{plain(_title(found))}](flip.svg)", ""]
    lines += [f"- {plain(text)}" for text in cautions(found)]
    lines += ["", f"{found.solves} runs; the folders are named in the table.", ""]
    rows = [
        [plain(p.shown), WORDS[p.state], plain(p.because), _cost(p), "yes" if p.proven else "–", f"`{p.run}`"]
        for p in found.points
    ]
    lines += table([plain(found.parameter), plain(found.fact), "because", "cost", "proven", "run"], rows)
    for bracket in found.brackets:
        lines += [f"## What changes between {plain(bracket.first.shown)} and {plain(bracket.second.shown)}", ""]
        lines += change_lines(bracket)
    return "\n".join(lines).rstrip() + "\n"


def change_lines(bracket: Bracket, most: int | None = None) -> list[str]:
    """What the second plan does differently, as a list."""
    if not bracket.changes:
        same = "One of the two has no plan." if None in (bracket.first.cost_usd, bracket.second.cost_usd) else ""
        return [same or "Both order the same; what differs is who serves.", ""]
    told = bracket.changes[:most]
    left = bracket.more_changes + len(bracket.changes) - len(told)
    return [*(f"- {text}" for text in told), *([f"- and {left} smaller ones"] if left else []), ""]


def _title(found: FlipFound) -> str:
    return found.title or f"When the plan {found.fact}: {found.parameter}"


def flip_page(found: FlipFound) -> str:
    """The answer as a page."""
    columns = (
        Column("Value", id="value"),
        Column("Stands", id="state"),
        Column("Because", id="because"),
        Column("Cost", "money", id="cost_usd"),
        Column("Bound", "money", id="bound_usd"),
        Column("Run", id="run"),
    )
    rows = [(p.shown, WORDS[p.state], p.because, p.cost_usd, p.bound_usd, p.run) for p in found.points]
    looked = listed("points", "Values looked at", f"Whether the plan {found.fact}.", columns, rows)
    sections = [
        Section("curve", "Cost and fact", " ".join(cautions(found)), (flip_figure(found),), views=(View(looked),))
    ]
    for n, bracket in enumerate(found.brackets, start=1):
        left = (f"and {bracket.more_changes} smaller ones",) if bracket.more_changes else ()
        points = (*map(unmarked, bracket.changes), *left)
        said = "" if points else change_lines(bracket)[0]
        sections.append(Section(f"flip-{n}", f"What changes from {bracket.said}", said, points=points))
    return answer_page(_title(found), f"{found.solves} runs", verdict(found), sections)
