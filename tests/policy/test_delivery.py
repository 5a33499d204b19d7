"""What a delivery needs: by day, destination, parent and route, with letters, exceptions, duties and refusals."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy.parts import PUBLISHED, part

from fleetopt.errors import UsageError
from fleetopt.policy.delivery import Assessment, Shipment, assess, remote_use
from fleetopt.policy.overlays import overlays
from fleetopt.policy.part import Part

STRICTER = {"free": 0, "exception": 1, "licence": 2, "barred": 3}
NOW = "2027-03-31"


def chip(name: str) -> Part:
    figures, _ = PUBLISHED[name]
    return part(name=name, vendor=name.split()[0], origin="CN" if "Huawei" in name else "US", **figures)


def ship(to: str, parent: str = "", on: str = NOW, **more: Any) -> Shipment:
    return Shipment(date.fromisoformat(on), to, parent or to, **more)


def needs(name: str, to: str, parent: str = "", on: str = NOW, **more: Any) -> Assessment:
    return assess(chip(name), ship(to, parent, on, **more))


@pytest.mark.parametrize(
    ("name", "to", "parent", "expected"),
    [
        ("NVIDIA H100 SXM", "CN", "CN", ("licence", "case_by_case")),
        ("NVIDIA H100 SXM", "CN", "US", ("licence", "case_by_case")),
        ("NVIDIA B200", "CN", "CN", ("licence", "denial")),
        ("NVIDIA B200", "MY", "CN", ("licence", "denial")),
        ("NVIDIA H200 SXM", "MY", "CN", ("licence", "denial")),
        ("NVIDIA H200 SXM", "MY", "MY", ("free", "")),
        ("NVIDIA H200 SXM", "AE", "AE", ("licence", "approval")),
        ("NVIDIA H200 SXM", "IL", "IL", ("free", "")),
        ("NVIDIA H200 SXM", "CY", "CY", ("free", "")),
        ("NVIDIA H200 SXM", "RU", "RU", ("licence", "denial")),
        ("NVIDIA L40", "CN", "CN", ("exception", "denial")),
        ("NVIDIA L40", "AE", "AE", ("exception", "approval")),
        ("NVIDIA RTX 4090", "CN", "CN", ("exception", "denial")),
        ("NVIDIA RTX 4090D", "CN", "CN", ("free", "")),
        ("NVIDIA H20 SXM 96GB", "CN", "CN", ("licence", "case_by_case")),
        ("NVIDIA H20 SXM 96GB", "RU", "RU", ("licence", "denial")),
        ("NVIDIA H20 SXM 96GB", "AE", "AE", ("free", "")),
        ("NVIDIA L20", "CN", "CN", ("free", "")),
        ("Huawei Ascend 910B", "CN", "CN", ("free", "")),
        ("Huawei Ascend 910B", "CN", "US", ("barred", "")),
        ("NVIDIA B200", "US", "CN", ("free", "")),
        ("Cerebras WSE-3", "AE", "AE", ("licence", "approval")),
        ("Intel Gaudi 3", "CN", "CN", ("licence", "denial")),
    ],
)
def test_deliveries_of_2027(name: str, to: str, parent: str, expected: tuple[str, str]) -> None:
    """Destination and parent both count; A:6 takes Israel and Cyprus out; letters hold H20; the US is no export."""
    found = needs(name, to, parent)
    assert (found.requirement, found.review) == expected, found.because
    assert found.because


@pytest.mark.parametrize(
    ("name", "on", "expected"),
    [
        ("NVIDIA A800 SXM 80GB", "2023-11-15", "free"),
        ("NVIDIA A800 SXM 80GB", "2023-11-16", "licence"),
        ("NVIDIA A100 SXM 80GB", "2022-10-07", "licence"),
        ("NVIDIA H20 SXM 96GB", "2025-04-08", "free"),
        ("NVIDIA H20 SXM 96GB", "2025-04-09", "licence"),
        ("NVIDIA H200 SXM", "2026-01-12", "licence"),
        ("NVIDIA H200 SXM", "2026-01-13", "barred"),
        ("NVIDIA H200 SXM", "2026-06-30", "barred"),
        ("NVIDIA H200 SXM", "2026-07-01", "licence"),
    ],
)
def test_rules_begin_and_end_on_their_days(name: str, on: str, expected: str) -> None:
    """Each rule holds from its first to its last day, both included; China refused H200 early in 2026."""
    assert needs(name, "CN", on=on).requirement == expected


@pytest.mark.parametrize(("on", "review"), [("2026-01-12", "denial"), ("2026-08-01", "case_by_case")])
def test_the_review_changes_in_january_2026(on: str, review: str) -> None:
    """H100 to China: denial before, case by case after."""
    assert needs("NVIDIA H100 SXM", "CN", on=on).review == review


def test_a_re_export_stays_at_denial_and_pays_no_duty() -> None:
    """H200 from the US: case by case and 25 % duty; from elsewhere: denial, and no duty, for it never enters the US."""
    direct, abroad = needs("NVIDIA H200 SXM", "CN"), needs("NVIDIA H200 SXM", "CN", route="re-export")
    assert (direct.review, direct.duty_rate) == ("case_by_case", 0.25)
    assert (abroad.review, abroad.duty_rate) == ("denial", 0.0)


@pytest.mark.parametrize(("to", "parent"), [("US", "US"), ("AE", "AE"), ("MY", "MY"), ("NO", "NO")])
def test_no_duty_where_no_test_in_the_us_is_asked(to: str, parent: str) -> None:
    """The duty falls on the way to China alone: H200 elsewhere, and at US sites, pay none."""
    assert needs("NVIDIA H200 SXM", to, parent).duty_rate == 0.0


def test_only_the_bands_pay_duty() -> None:
    """H100 goes the same way as H200 and lies outside both bands."""
    assert needs("NVIDIA H100 SXM", "CN").duty_rate == 0.0
    assert "us-2026-duty-band-1" in needs("NVIDIA H200 SXM", "CN").rules


def test_h20_pays_a_share_since_august_2025() -> None:
    """Denial by letter in July 2025; from 11 August licences against 15 %."""
    july, august = (needs("NVIDIA H20 SXM 96GB", "CN", on=day) for day in ("2025-08-10", "2025-08-11"))
    assert [(found.review, found.revenue_share) for found in (july, august)] == [
        ("denial", 0.0),
        ("case_by_case", 0.15),
    ]


def test_rules_can_be_left_out() -> None:
    """Without the headquarters rule a Chinese company may install in Malaysia; without NAC an L40 needs a licence."""
    assert (
        needs("NVIDIA B200", "MY", "CN", without=frozenset({"us-2023-requirement-headquarters"})).requirement == "free"
    )
    assert needs("NVIDIA L40", "CN", without=frozenset({"us-2023-nac"})).requirement == "licence"
    assert needs("NVIDIA L40", "CN", exceptions=False).requirement == "licence"


def test_remote_use_is_free_until_the_act_is_assumed() -> None:
    """Using B200 abroad is no export; under the proposed act it asks for a licence, of a Chinese parent only."""
    act = frozenset({"us-remote-access-act"})
    assert remote_use(chip("NVIDIA B200"), ship("MY", "CN")).requirement == "free"
    assert remote_use(chip("NVIDIA B200"), ship("MY", "CN", assuming=act)).requirement == "licence"
    assert remote_use(chip("NVIDIA B200"), ship("MY", "SG", assuming=act)).requirement == "free"
    assert remote_use(chip("NVIDIA L20"), ship("MY", "CN", assuming=act)).requirement == "free"


def test_unknown_figures_are_asked_for_only_where_a_rule_reaches() -> None:
    """TPP 3,000 without die area: unknown to China, free to Norway."""
    bare = part(3000, area=None)
    found = [assess(bare, ship(to)).requirement for to in ("CN", "NO")]
    assert found == ["unknown", "free"]
    assert "applicable_die_area_mm2" in assess(bare, ship("CN")).because


def test_an_unknown_dram_bandwidth_leaves_the_review_open() -> None:
    """TPP 16,000 to China without its DRAM bandwidth: case by case or denial is not known."""
    found = assess(part(16000, dram=None), ship("CN"))
    assert found.requirement == "unknown"
    assert "dram" in found.because


@pytest.mark.parametrize(
    ("shipment", "said"),
    [
        (ship("CX1", "CN"), "no country 'CX1'"),
        (ship("CN", "China"), "no country 'China'"),
        (ship("CN", on="2022-10-06"), "no packaged rule was in force on 2022-10-06; the first is of 2022-10-07"),
        (ship("CN", without=frozenset({"us-2023"})), "no rule 'us-2023'"),
    ],
)
def test_bad_shipments_are_refused(shipment: Shipment, said: str) -> None:
    """An unknown country or rule, and a day before any rule."""
    with pytest.raises(UsageError, match=said):
        assess(part(), shipment)


def test_the_letters_figures_hold_only_where_they_are_assumed() -> None:
    """DRAM of 1,792 GB/s reaches the recalled 1,400: free without the headquarters rule, a licence if assumed."""
    way = {"without": frozenset({"us-2023-requirement-headquarters"})}
    letter = frozenset({"us-2025-letters-by-figures"})
    of = part(7484.8, dram=1792, vendor="NVIDIA")
    found = [assess(of, ship("MY", "CN", **way, assuming=assumed)).requirement for assumed in (frozenset(), letter)]
    assert found == ["free", "licence"]


def test_overlays_are_those_that_speak_of_the_part() -> None:
    """H20 has its letters and its share, H200 its refusal and the letter by figures; L20 has none."""
    kinds = {
        name: sorted(o.kind for o in overlays(chip(name)))
        for name in ("NVIDIA H20 SXM 96GB", "NVIDIA H200 SXM", "NVIDIA L20")
    }
    assert kinds == {
        "NVIDIA H20 SXM 96GB": ["letter", "letter", "share"],
        "NVIDIA H200 SXM": ["letter", "refusal"],
        "NVIDIA L20": [],
    }


def test_a_name_is_a_whole_number() -> None:
    """`h20` names H20, h20-sxm and H20e, not H200 or H2000; `910b` names ascend910b."""
    named = [part(name=name).is_named(("h20",)) for name in ("NVIDIA H20", "h20-sxm", "H20e", "NVIDIA H200", "h2000")]
    assert named == ["h20", "h20", "h20", "", ""]
    assert part(name="ascend910b").is_named(("910b",)) == "910b"


@given(
    st.sampled_from(sorted(PUBLISHED)),
    st.sampled_from(["CN", "HK", "AE", "MY", "NO", "US", "RU"]),
    st.sampled_from(["CN", "AE", "US"]),
    st.sampled_from(["us-2023-requirement-headquarters", "us-2023-requirement-d5", "us-2023-requirement-d1-d4"]),
)
def test_a_rule_less_is_never_stricter(name: str, to: str, parent: str, rule: str) -> None:
    """Leaving out a requirement never asks for more."""
    whole, loose = needs(name, to, parent), needs(name, to, parent, without=frozenset({rule}))
    assert STRICTER[loose.requirement] <= STRICTER[whole.requirement]
