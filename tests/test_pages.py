"""Pages lead somewhere."""

import re
from pathlib import Path

import pytest

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/decisions/*.md", "reports/*.md")


@pytest.mark.parametrize("pattern", PAGES)
def test_links_lead_somewhere(root: Path, pattern: str) -> None:
    """Every relative link of a page leads to a file that exists."""
    for page in root.glob(pattern):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_format_page_has_every_section(root: Path) -> None:
    """Every link of the format page to a section leads to a heading of that page."""
    text = (root / "docs" / "instance-format.md").read_text(encoding="utf-8")
    headings = {heading.lower() for heading in re.findall(r"^## (\w+)$", text, re.MULTILINE)}
    targets = set(re.findall(r"\]\(#(\w+)\)", text))
    assert "workload" in targets
    assert targets <= headings
