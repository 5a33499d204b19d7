"""`compare`: plans of earlier runs side by side."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from fleetopt.cli.options import Json
from fleetopt.cli.output import print_json, say
from fleetopt.errors import UsageError


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR DIR...", help="Run folders; the first is the base.")],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the comparison as a page to this file instead.")
    ] = None,
    json_: Json = False,
) -> None:
    """Show plans side by side: cost line by cost line, what is ordered by vendor and site, and what changes.

    The change list says what a plan orders anew, no longer, more, less, earlier, later or elsewhere than the first
    plan. What is printed is Markdown, `--html` writes a page that sorts and filters; nothing is solved.

    Example: `fleetopt compare runs/base runs/no-orbit --html comparison.html`
    """
    from fleetopt.report.side_by_side import comparison_data, comparison_markdown

    plans = _plans(folders)
    if html is not None:
        from fleetopt.pipeline.folder import write_into
        from fleetopt.report.page import comparison_page

        write_into(html.parent, {html.name: comparison_page(" and ".join(plans), plans)})
        if not json_:
            say([str(html)])
            return
    if json_:
        print_json(comparison_data(plans))
    else:
        say(comparison_markdown(plans).rstrip("\n"))


def _plans(folders: list[Path]) -> dict[str, dict[str, Any]]:
    """plan.json by a short name of its folder. Raises UsageError for every folder without a plan."""
    if len(folders) < 2:
        raise UsageError("compare needs two run folders or more; try `fleetopt compare runs/base runs/other`")
    names, plans, problems = _names(folders), {}, []
    for name, folder in zip(names, folders, strict=True):
        try:
            plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            problems.append(f"{folder}: no plan.json to read; try the folder that `fleetopt solve` wrote")
            continue
        if not isinstance(plan, dict) or "cost_lines" not in plan:
            said = plan.get("status", "without a plan") if isinstance(plan, dict) else "without a plan"
            problems.append(f"{folder}: the run ended {said}, there is nothing to compare; see its diagnosis.md")
            continue
        plans[name] = plan
    if problems:
        raise UsageError("\n".join(problems))
    return plans


def _names(folders: list[Path]) -> list[str]:
    """Last parts of the folders where these differ, else the folders as given."""
    short = [Path(os.path.normpath(folder.absolute())).name for folder in folders]
    if len(set(short)) == len(folders):
        return short
    given = [str(folder) for folder in folders]
    if len(set(given)) < len(given):
        raise UsageError("compare was given the same folder twice; try two different runs")
    return given


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(compare)
