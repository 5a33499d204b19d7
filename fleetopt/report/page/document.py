"""Templates, style and script put together into one file that asks the network for nothing."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fleetopt.report.charts.svg import PALETTE
from fleetopt.report.page.cells import inline, joined

_LIGHT_DARK = re.compile(r"light-dark\(\s*([^,()]+),[^()]+\)")


def document(template: str, values: Mapping[str, Any], paper: bool = False) -> str:
    """A page from a template; `paper` leaves out the script and everything that answers to a hand.

    The policy in its head lets run only this script and this style, by their hashes, and nothing be fetched.
    """
    style = _file("page.css")
    script = "" if paper else _file("page.js")
    if paper:
        style = _LIGHT_DARK.sub(r"\1", style) + _file("paper.css")
    page = _environment().get_template(template)
    return page.render(
        **values,
        paper=paper,
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
        palette=PALETTE,
    )


def compile_templates() -> None:
    """Compile every template now, for those that run many pages from here."""
    environment = _environment()
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)


def _policy(style: str, script: str) -> str:
    allowed = [f"style-src '{_hash(style)}'", *([f"script-src '{_hash(script)}'"] if script else [])]
    return "; ".join(["default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _file(name: str) -> str:
    return files("fleetopt.report.page").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fleetopt.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = inline
    environment.filters["joined"] = joined
    return environment
