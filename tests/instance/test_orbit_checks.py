"""Orbits and satellites that cannot be: refused with file, line and path, all findings at once."""

from pathlib import Path
from typing import Any

import pytest
from builders import merge, tiny_raw, with_orbit

from fleetopt.errors import InputError
from fleetopt.instance.checks import check
from fleetopt.instance.load import load, load_dict
from fleetopt.instance.schema import Instance

LEO = "sites.leo.orbit"


def raw(orbit: dict[str, Any] | None = None, sat: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    given = with_orbit(sites={"leo": {"orbit": orbit or {}}}, systems={"sat": merge({"lead_months": 6}, sat or {})})
    return tiny_raw(**merge(given, changes))


def said(data: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_dict(data)
    return [str(issue) for issue in caught.value.issues]


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (raw({"altitude_km": 90}), f"{LEO}.altitude_km", "90 is less than 200"),
        (raw({"beta_deg": 120}), f"{LEO}.beta_deg", "120"),
        (raw({"launch_loss_share": 1}), f"{LEO}.launch_loss_share", "1"),
        (raw(sat={"satellite": {"radiator_emissivity": 0}}), "radiator_emissivity", "0"),
        (
            raw(sat={"satellite": {"radiator_temperature_k": 100}}),
            "satellite.radiator_temperature_k",
            "cannot cool anything",
        ),
        (
            raw(sat={"satellite": {"radiator_temperature_k": None}, "chip": {"temperature_limit_k": 5}}),
            "satellite.temperature_drop_k",
            "a drop of 10 K below a chip at 5 K",
        ),
        (
            raw({"available_from": "2027q2", "launch_price_by_date": [{"since": "2027q1", "usd_per_kg": 1}]}),
            f"{LEO}.launch_price_by_date",
            "lies before the first launch in 2027q2",
        ),
        (
            raw({"available_from": "2027q2", "tonnage_by_date": [{"since": "2027q1", "kg_per_period": 1}]}),
            f"{LEO}.tonnage_by_date",
            "lies before the first launch in 2027q2",
        ),
        (
            raw({"tonnage_by_date": [{"since": "2027q2", "kg_per_period": 1}] * 2}),
            f"{LEO}.tonnage_by_date",
            "does not come after",
        ),
        (
            raw(
                {"available_from": "2027q2"},
                sites={"leo": {"opening": {"cost_usd": 1, "earliest": "2027q1"}}},
            ),
            "sites.leo.opening.earliest",
            "before the first launch",
        ),
        (
            raw(
                {"available_from": "2027q2"},
                fleet=[
                    {
                        "id": "old",
                        "system": "sat",
                        "site": "leo",
                        "units": 1,
                        "in_service": "2027q1",
                        "end_of_life": "2030q1",
                    }
                ],
            ),
            "fleet.old.in_service",
            "before the first launch",
        ),
    ],
)
def test_what_cannot_be_is_refused(data: dict[str, Any], path: str, message: str) -> None:
    """Each finding stands at its path and says what is wrong."""
    assert [line for line in said(data) if path in line and message in line], said(data)


def test_dates_go_by_the_plans_periods() -> None:
    """Years are refused in a plan by quarters, with the quarters to try; the catalogue's quarters do for years."""
    by_year = {"available_from": "2027", "launch_price_by_date": [{"since": "2027", "usd_per_kg": 1}]}
    found = said(raw({**by_year, "tonnage_by_date": [{"since": "2027", "kg_per_period": 1}]}))
    assert len([line for line in found if "this plan goes by quarters" in line]) == 3


def test_a_decision_waits_for_the_launch() -> None:
    """Satellites decided for q2 with six months of launch would have been ordered before the horizon."""
    decided = {"period": "2027q2", "site": "leo", "system": "sat", "units": 1}
    policy = {"frozen_until": "2027q1", "purchases": [decided]}
    late = raw({"launch_lead_months": 6}, {"lead_months": 0}, policy=policy)
    soon = raw({"launch_lead_months": 3}, {"lead_months": 0}, policy=policy)
    assert [line for line in said(late) if "outside the horizon" in line]
    assert load_dict(soon).instance.policy.purchases


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (raw(sat={"lead_months": 0}), ("systems", 1, "lead_months"), "faster than any power on the ground"),
        (raw(sat={"power_kw": 3.0}), ("systems", 1, "power_kw"), "2.8 kW of chips and 1 kW of bus in 3 kW"),
        (raw({"available_from": "2030q1"}), ("sites", 1, "orbit", "available_from"), "nothing is launched"),
    ],
)
def test_what_is_odd_is_a_warning(data: dict[str, Any], path: tuple[Any, ...], message: str) -> None:
    """Possible, and worth saying."""
    found = [f for f in check(Instance.model_validate(data)) if f.path == path]
    assert [f.warning for f in found] == [True] and message in found[0].message


def test_a_launch_lead_is_lead_enough() -> None:
    """A satellite on the shelf still waits for its launch."""
    data = raw({"launch_lead_months": 6}, {"lead_months": 0})
    assert [f for f in check(Instance.model_validate(data)) if f.path[-1] == "lead_months"] == []


def test_all_findings_come_at_once_with_their_lines(tmp_path: Path) -> None:
    """A launch price before the first launch, and a radiator that absorbs more than it emits, each with its line."""
    source = Path(__file__).parents[2] / "instances" / "reference" / "orbit.yaml"
    text = source.read_text(encoding="utf-8")
    text = text.replace("    orbit:\n", '    orbit:\n      available_from: "2030"\n', 1)
    cold = "  - use: sat-b200-8\n    satellite: {radiator_temperature_k: 100, radiator_absorbed_w_per_m2: 137}\n"
    text = text.replace("  - sat-b200-8 # leading edge\n", cold)
    file = tmp_path / "orbit.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(file)
    found = [str(issue) for issue in caught.value.issues]
    assert len([f for f in found if "before the first launch in 2030" in f]) >= 2
    cold_line = (
        text.splitlines().index("    satellite: {radiator_temperature_k: 100, radiator_absorbed_w_per_m2: 137}") + 1
    )
    assert [f for f in found if f"orbit.yaml:{cold_line}:" in f and "cannot cool anything" in f]
