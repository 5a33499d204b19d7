"""Bad input: every problem at once, each with file, line, path, what, and what to try."""

import pytest
from instance_texts import TINY, line_of, problems, spoilt

from fleetopt.errors import InputError
from fleetopt.instance.load import load_dict, load_text

CASES = [
    # (what is replaced, by what, text on the line reported, path, message, hint)
    ("    power_kw: 10\n", "    tdp: 10\n    power_kw: 10\n", "tdp", "systems.gpu8.tdp", "unknown field", "power_kw"),
    (
        "rate_per_s: 10",
        "rate_per_s: 10\n          rte: 1",
        "rte: 1",
        "workloads.chat.demand.regions.east.rte",
        "unknown field",
        "",
    ),
    (
        "    units: 3\n",
        "    unit: 3\n    units: 3\n",
        "unit: 3",
        "fleet.old.unit",
        "unknown field",
        "did you mean 'units'",
    ),
    (
        "memory_gb: 80",
        "memory_gb: 21 PB/s",
        "21 PB/s",
        "systems.gpu8.chip.memory_gb",
        "is a bandwidth, where a memory size is meant",
        "try a plain number in GB",
    ),
    ("memory_gb: 80", "memory_gb: -80", "-80", "systems.gpu8.chip.memory_gb", "-80 is negative", "0 or more"),
    ("memory_gb: 80", "memory_gb: .nan", ".nan", "systems.gpu8.chip.memory_gb", "not a finite number", "try"),
    ("memory_gb: 80", "memory_gb: .inf", ".inf", "systems.gpu8.chip.memory_gb", "not a finite number", "try"),
    ("memory_gb: 80", "memory_gb: 1e999", "1e999", "systems.gpu8.chip.memory_gb", "too large", "try"),
    ("memory_gb: 80", "memory_gb: true", "memory_gb: true", "systems.gpu8.chip.memory_gb", "true stands where", "try"),
    ("memory_gb: 80", "memory_gb: [80]", "[80]", "systems.gpu8.chip.memory_gb", "a list stands where a number", "try"),
    ("units: 3", "units: 3.5", "3.5", "fleet.old.units", "stands where a whole number is meant", "try a whole number"),
    ("units: 3", "units: '3'", "'3'", "fleet.old.units", "the text '3' stands where a plain number", "without quotes"),
    ("units: 3", "units: 3\n    units: 4", "units: 4", "fleet.old.units", "given twice", "removing"),
    ("country: US", "country: NO", "country: NO", "jurisdictions.us.country", "plain NO means false", "quotes"),
    ("vendor: acme", "vendor: 010", "010", "systems.gpu8.vendor", "another base", "quotes"),
    ("vendor: acme", "vendor: 12:30", "12:30", "systems.gpu8.vendor", "base 60", "quotes"),
    ("vendor: acme", "vendor: 7", "vendor: 7", "systems.gpu8.vendor", "the number 7 stands where text", "quotes"),
    (
        "kind: server",
        "kind: severs",
        "severs",
        "systems.gpu8.kind",
        "none of the values known",
        "did you mean 'server'?",
    ),
    ("share: 1,", "share: 40,", "share: 40", "workloads.chat.buckets.b1.share", "more than 1", "try 0.4 or '40 %'"),
    ("    vendor: acme\n    kind", "    kind", "id: gpu8", "systems.gpu8.vendor", "is missing", "Who sells it"),
    ("  start: 2027q1", "  start: 2027q5", "2027q5", "time.start", "not a period", "2027q1"),
    ("id: gpu8", "id: GPU 8", "GPU 8", "systems.GPU 8.id", "not an id", "lower-case"),
    (
        "    model: small",
        "    model: smal",
        "model: smal",
        "workloads.chat.model",
        "no model 'smal'",
        "did you mean 'small'",
    ),
    ("    system: gpu8", "    system: gpu9", "gpu9", "fleet.old.system", "no system 'gpu9'", "did you mean 'gpu8'"),
    ("    site: virginia", "    site: verginia", "verginia", "fleet.old.site", "no site", "did you mean 'virginia'"),
    ("b: virginia", "b: va", "b: va", "network.links.east-va.b", "no region or site 'va'", "try one of"),
    ("region: east", "region: eas", "region: eas", "workloads.chat.demand.regions.eas.region", "no region", "'east'"),
    (
        "    jurisdiction: us\n    power",
        "    jurisdiction: uk\n    power",
        "jurisdiction: uk",
        "sites.virginia.jurisdiction",
        "no jurisdiction 'uk'",
        "try one of us",
    ),
    ("time:\n", "cooling: {}\ntime:\n", "cooling", "cooling", "unknown field", "try"),
    (
        "    power:\n",
        "    cooling: {max_kw: 5 TB}\n    power:\n",
        "cooling",
        "sites.virginia.cooling.max_kw",
        "is a memory size, where a power is meant",
        "try a plain number in kW",
    ),
    (
        "time:\n",
        "finance: {carbon_budget_t: [-5 kt]}\ntime:\n",
        "-5 kt",
        "finance.carbon_budget_t.0",
        "negative",
        "0 or more",
    ),
    (
        "    kind: server\n",
        "    kind: server\n    lot: 0\n",
        "lot: 0",
        "systems.gpu8.lot",
        "1",
        "try",
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "path", "message", "hint"), CASES)
def test_each_problem_is_said_with_line_and_path(
    old: str, new: str, at: str, path: str, message: str, hint: str
) -> None:
    """One spoilt field gives exactly one message, at its line and path."""
    text = spoilt((old, new))
    found = problems(text)
    assert len(found) == 1, found
    assert (found[0].file, found[0].line, found[0].path) == ("f.yaml", line_of(text, at), path)
    assert message in found[0].message
    assert hint in found[0].hint


def test_the_message_reads_as_the_style_asks() -> None:
    """file:line: path: what; did you mean."""
    text = spoilt(("    power_kw: 10\n", "    tdp: 10\n    power_kw: 10\n"))
    assert str(problems(text)[0]) == "f.yaml:40: systems.gpu8.tdp: unknown field; did you mean 'power_kw'?"


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    """A trap, a wrong unit, an unknown field and a dangling reference are said together, sorted by line."""
    text = spoilt(
        ("country: US", "country: NO"),
        ("memory_gb: 80", "memory_gb: 21 PB/s"),
        ("    kind: server\n", "    kind: server\n    colour: red\n"),
        ("    site: virginia", "    site: nowhere"),
    )
    found = problems(text)
    assert [issue.path for issue in found] == [
        "jurisdictions.us.country",
        "systems.gpu8.colour",
        "systems.gpu8.chip.memory_gb",
        "fleet.old.site",
    ]
    assert [issue.line for issue in found] == sorted(issue.line for issue in found)


def test_dangling_references_are_said_beside_an_unknown_field() -> None:
    """A misspelt field does not hide the reference that leads nowhere."""
    text = spoilt(
        ("    kind: server\n", "    kind: server\n    colour: red\n"), ("    site: virginia", "    site: nowhere")
    )
    assert [issue.path for issue in problems(text)] == ["systems.gpu8.colour", "fleet.old.site"]


@pytest.mark.parametrize(
    ("time", "path"),
    [
        ("time:\n", "time"),
        ("time: {}\n", "time.start"),
        ("time: {start: 2027q1, periods: 2, slices: []}\n", "time.slices"),
    ],
)
def test_empty_time_is_refused(time: str, path: str) -> None:
    """No time, no start, no slices: each is named."""
    start, end = TINY.index("time:"), TINY.index("jurisdictions:")
    found = problems(TINY[:start] + time + TINY[end:])
    assert path in [issue.path for issue in found]
    assert {issue.line for issue in found} == {2}


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "- a\n- b\n", "text\n", "{}\n", "systems: 3\ntime: x\nsites: [1, {}]\n"]
)
def test_what_is_no_instance_is_refused(text: str) -> None:
    """Empty files, lists and half-empty mappings are input errors."""
    assert problems(text)


def test_too_many_problems_are_cut_short() -> None:
    """A thousand wrong sites give 500 messages and a count of the rest."""
    found = problems("sites: [" + "x," * 1_000 + "y]\n")
    assert len(found) == 501
    assert any("more problems like these" in issue.message for issue in found)


def test_plain_data_is_checked_like_a_file() -> None:
    """`load_dict` names the data where there is no file."""
    with pytest.raises(InputError, match="base:1: systems: the number 3 stands where a list is meant"):
        load_dict({"systems": 3}, "base")


def test_the_tiny_text_is_clean() -> None:
    """The instance that the other tests spoil loads without a word."""
    assert load_text(TINY).warnings == ()
