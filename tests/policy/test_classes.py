"""What parts are under the rules: published chips, every threshold from both sides, and what is not known."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy.parts import ANSWERS, PUBLISHED, answers, part, with_density

from fleetopt.policy.cases import read_cases
from fleetopt.policy.classes import classify
from fleetopt.policy.part import Part, Rate, density, highest

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "export.yaml"
RANK = {"none": 0, "3A090.b": 1, "3A090.a": 2}
REVIEW = {"not_applicable": 0, "NAC": 1, "case_by_case": 2, "presumption_of_denial": 3}
FIGURE = st.sampled_from([0, 1599, 1600, 2399, 2400, 4799, 4800, 14000, 17500, 20999, 21000, 50000])
AREA = st.sampled_from([100, 500, 814, 1500, 5000])
BANDWIDTH = st.sampled_from([0, 599, 600, 4500, 4800, 5000, 6499, 6500, 9000])
PURPOSE = st.booleans()


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_chips(name: str) -> None:
    """Each published chip gets the answers that its figures give, H20 below every threshold."""
    figures, expected = PUBLISHED[name]
    assert answers(part(name=name, **figures)) == expected


def test_the_worked_examples() -> None:
    """Every worked example of the facts, where they are beside the repository: TPP, density and the first words."""
    if not FACTS.is_file():
        pytest.skip("the facts are not beside the repository")
    import yaml

    examples = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["worked_examples"]
    parts = read_cases(FACTS).parts
    assert len(parts) == len(examples) > 20
    for of, example in zip(parts, examples, strict=True):
        found = classify(of)
        expected = {key: value.split()[0] for key, value in example["computed"].items()}
        assert {key: found.outcomes[key].value for key in expected} == expected, of.name
        assert found.tpp == pytest.approx(example["tpp"])
        assert found.performance_density == example["performance_density"]


@pytest.mark.parametrize(
    ("tpp", "per_mm2", "paragraph"),
    [
        (4800, "0.1", "3A090.a"),
        (4799.9, "0.1", "none"),
        (1600, "5.92", "3A090.a"),
        (1600, "5.919", "3A090.b"),
        (1599.9, "5.92", "none"),
        (1599.9, "500", "none"),
        (1600, "3.2", "3A090.b"),
        (1600, "3.199", "none"),
        (2400, "1.6", "3A090.b"),
        (2400, "1.599", "none"),
        (2399.9, "1.6", "none"),
        (2399.9, "3.2", "3A090.b"),
        (4799.9, "1.6", "3A090.b"),
        (4799.9, "5.919", "3A090.b"),
        (4799.9, "5.92", "3A090.a"),
    ],
)
def test_october_2023_just_at_its_thresholds(tpp: float, per_mm2: str, paragraph: str) -> None:
    """TPP 1,600, 2,400 and 4,800 and densities 1.6, 3.2 and 5.92 are met at the value and missed just below it."""
    assert answers(with_density(tpp, per_mm2))[1] == paragraph


@pytest.mark.parametrize(
    ("tpp", "io", "paragraph"),
    [(4800, 600, "3A090"), (4799.9, 600, "none"), (4800, 599.9, "none"), (4799.9, None, "none")],
)
def test_october_2022_needs_both(tpp: float, io: float | None, paragraph: str) -> None:
    """4,800 and 600 GB/s together, each at the value; one known to fail decides."""
    assert answers(part(tpp, io=io))[0] == paragraph


@pytest.mark.parametrize(
    ("tpp", "dram", "review"),
    [
        (20999.9, 6499.9, "case_by_case"),
        (21000, 6499.9, "presumption_of_denial"),
        (20999.9, 6500, "presumption_of_denial"),
        (21000, None, "presumption_of_denial"),
        (20999.9, None, "unknown"),
        (None, 6500, "unknown"),
        (1000, None, "not_applicable"),
    ],
)
def test_january_2026_just_below_its_limits(tpp: float | None, dram: float | None, review: str) -> None:
    """Case by case below TPP 21,000 and 6,500 GB/s; at either, denial; an unknown decides nothing that is known."""
    assert answers(part(tpp, area=2000, dram=dram))[2] == review


@pytest.mark.parametrize(
    ("tpp", "dram", "band"),
    [
        (14000, 4800, "none"),
        (14000.1, 4800, "band_1"),
        (17499.9, 4500.1, "band_1"),
        (17500, 4800, "none"),
        (16000, 4500, "none"),
        (16000, 5000, "none"),
        (20800, 6000, "none"),
        (20800.1, 6199.9, "band_2"),
        (21099.9, 5800.1, "band_2"),
        (21100, 6000, "none"),
        (20900, 6200, "none"),
        (16000, None, "unknown"),
        (None, 4800, "unknown"),
        (None, 3000, "none"),
        (18000, None, "none"),
    ],
)
def test_duty_bands_leave_their_ends_out(tpp: float | None, dram: float | None, band: str) -> None:
    """Greater than and less than: the ends of a band are outside."""
    assert answers(part(tpp, dram=dram))[3] == band


@pytest.mark.parametrize(
    ("tpp", "datacentre", "expected"),
    [
        (4799.9, False, ("none", "not_applicable")),
        (4800, False, ("3A090.a", "NAC")),
        (60000, False, ("3A090.a", "NAC")),
        (4799.9, None, ("unknown", "unknown")),
        (4800, None, ("3A090.a", "unknown")),
        (1000, None, ("none", "not_applicable")),
    ],
)
def test_parts_not_for_data_centres(tpp: float, datacentre: bool | None, expected: tuple[str, str]) -> None:
    """Note 2 frees them below TPP 4,800; above, NAC is open; an unknown purpose counts only if it matters."""
    assert answers(part(tpp, area=400, datacentre=datacentre))[1:3] == expected


def test_a_part_not_on_sale_in_the_us_is_denied() -> None:
    """Case by case is for what was on sale in the US when the rule came; not known is unknown."""
    known = [answers(part(us_available=flag))[2] for flag in (True, False, None)]
    assert known == ["case_by_case", "presumption_of_denial", "unknown"]


def test_reasons_name_figure_threshold_and_rule() -> None:
    """H20 is below 2,400 by 32 and below 3.2 by density, and the answer says so, with what would change it."""
    figures, _ = PUBLISHED["NVIDIA H20 SXM 96GB"]
    found = classify(part(**figures)).outcomes["rule_2023_10"]
    assert "TPP 2,368 < 2,400; performance density 2.90909 < 3.2 [88 FR 73458, ECCN 3A090.b]" in found.because
    assert "TPP at least 2,400, or performance density at least 3.2: then 3A090.b" in found.would_change


def test_unknown_says_what_it_needs() -> None:
    """A part of TPP 3,000 without its die area may be anything, and the answer asks for the area alone."""
    found = classify(part(3000, area=None)).outcomes["rule_2023_10"]
    assert (found.value, found.needs) == ("unknown", ("applicable_die_area_mm2",))


def test_memory_sold_apart_is_judged_by_its_density() -> None:
    """3A090.c above 2 GB/s a mm2: 222 GB/s on 110 mm2 is 2.02, 220 is 2; a chip with its memory is none of it."""
    bandwidth = [classify(part(0, memory_density=density(highest([Rate("b", b, 1)]), 110))) for b in (222, 220)]
    assert [found.outcomes["rule_2024_12"].value for found in bandwidth] == ["3A090.c", "none"]
    assert classify(part()).outcomes["rule_2024_12"].value == "not_applicable"


def test_a_missing_rate_leaves_a_least_tpp() -> None:
    """400 TOPS at 16 bits is 6,400 or more whatever fp8 does: 3A090.a; 200 is 3,200 or more: not known."""
    rates = [[Rate("bf16", tops, 16), Rate("fp8", None, 8)] for tops in (400, 200)]
    found = [classify(part_of_rates(each)) for each in rates]
    assert [f.outcomes["rule_2023_10"].value for f in found] == ["3A090.a", "unknown"]
    assert found[0].tpp is None
    assert "at least 6,400, needs dense_tops.fp8" in found[0].measured["tpp"]


def part_of_rates(rates: list[Rate]) -> Part:
    tpp = highest(rates)
    return replace(part(), tpp=tpp, density=density(tpp, 2500))


def test_planar_logic_has_no_density() -> None:
    """An applicable area of 0 means that no die counts: TPP alone decides."""
    assert answers(part(4799, area=0))[1] == "none"
    assert answers(part(4800, area=0))[1] == "3A090.a"


@given(FIGURE, FIGURE, AREA, BANDWIDTH, BANDWIDTH)
def test_more_performance_is_never_looser(tpp: int, more: int, area: int, io: int, dram: int) -> None:
    """For a data-centre part the class and the review only get stricter with TPP, all else equal."""
    low, high = sorted((tpp, more))
    weak, strong = answers(part(low, area, io, dram)), answers(part(high, area, io, dram))
    assert (weak[0] == "3A090") <= (strong[0] == "3A090")
    assert RANK[weak[1]] <= RANK[strong[1]]
    assert REVIEW[weak[2]] <= REVIEW[strong[2]]


@given(
    FIGURE, AREA, BANDWIDTH, BANDWIDTH, PURPOSE, st.sets(st.sampled_from(["tpp", "area", "io", "dram", "datacentre"]))
)
def test_what_is_missing_never_flips_an_answer(
    tpp: int, area: int, io: int, dram: int, datacentre: bool, missing: set[str]
) -> None:
    """With figures left out an answer is what it was, or unknown."""
    figures: dict[str, Any] = {"tpp": tpp, "area": area, "io": io, "dram": dram, "datacentre": datacentre}
    whole = answers(part(**figures))
    partly = answers(part(**{**figures, **dict.fromkeys(missing)}))
    for name, known, found in zip(ANSWERS, whole, partly, strict=True):
        assert found in (known, "unknown"), name
    assert "unknown" not in whole
