"""Case files: what is read from them, and everything wrong with one at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.errors import InputError
from fleetopt.policy.cases import read_cases
from fleetopt.policy.classes import classify


def read(tmp_path: Path, text: str) -> list[object]:
    file = tmp_path / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    return [classify(part) for part in read_cases(file).parts]


def said(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_cases(file)
    return [f"{issue.line}: {issue.path}: {issue.message}" for issue in refused.value.issues]


def test_bits_are_read_from_the_names_of_formats(tmp_path: Path) -> None:
    """100 TOPS of nvfp4, int8, bf16 or tf32 are TPP 400, 800, 1,600 and 3,200; stated bits stand before names."""
    text = "".join(f"- {{chip: {f}, dense_tops: {{{f}: 100}}}}\n" for f in ("nvfp4", "int8", "bf16", "tf32"))
    text += "- {chip: own, dense_tops: {fp8: 100}, bits: {fp8: 9}}\n"
    assert [found.tpp for found in read(tmp_path, text)] == [400, 800, 1600, 3200, 900]


def test_the_highest_format_counts_and_sparse_rates_do_not(tmp_path: Path) -> None:
    """fp4 at 300 is 1,200, bf16 at 100 is 1,600: 1,600; a rate called sparse is left out with a warning."""
    text = "- {chip: a, dense_tops: {bf16: 100, fp4: 300, fp8_sparse: 9000}}"
    assert read(tmp_path, text)[0].tpp == 1600
    file = tmp_path / "cases.yaml"
    assert [warning.path for warning in read_cases(file).warnings] == ["0.dense_tops.fp8_sparse"]


def test_non_planar_dies_add_up(tmp_path: Path) -> None:
    """Two dies of 400 mm2 count, a planar one of 500 does not: 2,400 / 800 = 3; an unknown area makes it unknown."""
    dies = "[{area_mm2: 400, count: 2}, {area_mm2: 500, non_planar: false}]"
    found = read(tmp_path, f"- {{chip: a, dense_tops: {{fp8: 300}}, dies: {dies}}}")
    assert found[0].performance_density == 3
    unknown = read(tmp_path, "- {chip: a, dense_tops: {fp8: 300}, dies: [{area_mm2: null}]}")
    assert unknown[0].performance_density is None


def test_figures_given_instead_of_rates_and_areas(tmp_path: Path) -> None:
    """`tpp` and `performance_density` are taken where nothing more basic is given."""
    found = read(tmp_path, "- {chip: a, tpp: 3000, performance_density: 2, datacentre: true}")[0]
    assert (found.tpp, found.outcomes["rule_2023_10"].value) == (3000, "3A090.b")


def test_a_list_may_stand_under_its_key_and_fields_may_be_missing(tmp_path: Path) -> None:
    """A bare chip is unknown throughout, under `worked_examples` as in a list."""
    found = read(tmp_path, "worked_examples:\n  - chip: a\n")[0]
    values = {name: outcome.value for name, outcome in found.outcomes.items()}
    assert values.pop("rule_2024_12") == "not_applicable"
    assert set(values.values()) == {"unknown"}
    assert found.measured["tpp"] == "needs dense_tops"


def test_everything_wrong_is_said_at_once_with_lines(tmp_path: Path) -> None:
    """Six mistakes in one file, each with its line."""
    text = """\
- chip: a
  dense_tops: {bf16: -400, q: 3}
- 4
- dense_tops: {bf16: abc}
  datacentre: maybe
  bits: [3]
"""
    assert said(tmp_path, text) == [
        "2: 0.dense_tops.bf16: -400 is out of range",
        "2: 0.dense_tops.q: how many bits 'q' has is not said",
        "3: 1: a case is fields with values",
        "4: 2: a case needs the name of its chip",
        "4: 2.dense_tops.bf16: 'abc' is not a number",
        "5: 2.datacentre: 'maybe' is neither true nor false",
        "6: 2.bits: a value for each format is meant",
    ]


@pytest.mark.parametrize("text", ["", "4", "chips: []", "worked_examples: 3", "[]", "worked_examples: []"])
def test_a_file_without_cases_is_refused(tmp_path: Path, text: str) -> None:
    """Neither a list nor one under the key, or an empty one."""
    assert len(said(tmp_path, text)) == 1


def test_an_unread_field_is_warned_of(tmp_path: Path) -> None:
    """A misspelt field leaves its figure unknown, and says so."""
    file = tmp_path / "cases.yaml"
    file.write_text("- {chip: a, io_bandwith_gb_s: 3}", encoding="utf-8")
    warning = read_cases(file).warnings[0]
    assert "did you mean 'io_bandwidth_gb_s'" in str(warning)


SCALAR = st.one_of(st.none(), st.booleans(), st.integers(-10, 10**6), st.text("abc{[:'\"-#\n", max_size=6))
FIELD = st.sampled_from(
    [
        "chip",
        "dense_tops",
        "bits",
        "applicable_die_area_mm2",
        "io_bandwidth_gb_s",
        "datacentre",
        "dies",
        "memory_stack",
        "x",
    ]
)
INNER = st.one_of(SCALAR, st.dictionaries(st.sampled_from(["fp8", "area_mm2"]), SCALAR), st.lists(SCALAR, max_size=2))
CASE = st.one_of(SCALAR, st.dictionaries(FIELD, INNER, max_size=5))


@given(st.lists(CASE, max_size=3))
def test_any_file_is_classified_or_refused(tmp_path_factory: pytest.TempPathFactory, cases: list[object]) -> None:
    """Whatever stands in a file, it ends in answers or in findings with lines, never in another error."""
    import json

    file = tmp_path_factory.mktemp("fuzz") / "cases.yaml"
    file.write_text(json.dumps(cases), encoding="utf-8")
    try:
        found = [classify(part) for part in read_cases(file).parts]
    except InputError as refused:
        assert all(issue.line >= 1 for issue in refused.issues)
    else:
        assert len(found) == len(cases)
