"""Paths of least round trip, and D3."""

from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.network.graph import admissible_sites, gb_each_way, gb_per_request, network_view, reach

LINKS: list[dict[str, Any]] = [
    {"a": "east", "b": "virginia", "rtt_ms": 100.0, "usd_per_gb": 0.01},
    {"a": "east", "b": "hub", "rtt_ms": 10.0, "usd_per_gb": 0.02},
    {"a": "virginia", "b": "hub", "rtt_ms": 20.0, "usd_per_gb": 0.03},
    {"a": "hub", "b": "east", "rtt_ms": 40.0, "usd_per_gb": 0.0},
]
HUB = {"hub": {"jurisdiction": "us"}, "island": {"jurisdiction": "us"}}


def test_traffic_takes_the_least_round_trip_and_pays_along_it() -> None:
    """Direct 100 ms against 10 + 20 ms by the hub: 30 ms over links 1 and 2 at 0.02 + 0.03 USD/GB."""
    view = network_view(tiny_instance(network={"links": LINKS}, sites=HUB))
    assert view.round_trip_ms("east", "virginia") == 30.0
    assert view.path_links("east", "virginia") == (1, 2)
    assert view.hops("east", "virginia") == ((1, True), (2, False))
    assert view.usd_per_gb("east", "virginia") == pytest.approx(0.05)


def test_no_path_is_none() -> None:
    """A site without a link has no round trip, no links, no price."""
    view = network_view(tiny_instance(network={"links": LINKS}, sites=HUB))
    assert view.round_trip_ms("east", "island") is None
    assert (view.path_links("east", "island"), view.usd_per_gb("east", "island")) == ((), 0.0)


def test_a_region_without_links_has_no_paths() -> None:
    """A network without links reaches nothing."""
    assert network_view(tiny_instance(network={"links": []})).paths == {}


def test_the_order_of_links_does_not_matter() -> None:
    """Reversed links give the same round trip and price."""
    one = network_view(tiny_instance(network={"links": LINKS}, sites=HUB)).paths["east", "virginia"]
    two = network_view(tiny_instance(network={"links": LINKS[::-1]}, sites=HUB)).paths["east", "virginia"]
    assert (one.rtt_ms, one.usd_per_gb) == (two.rtt_ms, two.usd_per_gb)


def test_bytes_on_the_wire_of_a_request() -> None:
    """(1000 + 200) tokens x 6 bytes = 7.2e-6 GB: 6e-6 there and 1.2e-6 back."""
    instance = tiny_instance()
    assert gb_each_way(instance.network, instance.workloads[0].buckets[0]) == pytest.approx((6e-6, 1.2e-6))
    assert gb_per_request(instance.network, instance.workloads[0].buckets[0]) == pytest.approx(7.2e-6)


@pytest.mark.parametrize(("rtt_ms", "open_to"), [(500.0, ("virginia",)), (500.1, ())])
def test_d3_round_trip_just_passes_and_just_fails(rtt_ms: float, open_to: tuple[str, ...]) -> None:
    """TTFT 1 s x 0.5 allows 500 ms and no more."""
    links = [{"a": "east", "b": "virginia", "rtt_ms": rtt_ms}]
    instance = tiny_instance(network={"links": links})
    assert admissible_sites(instance, instance.workloads[0]) == {"east": open_to}


def test_d3_takes_the_smallest_target_of_any_bucket() -> None:
    """A bucket with TTFT 0.1 s bars a site 60 ms away (limit 50 ms), by 20 %."""
    links = [{"a": "east", "b": "virginia", "rtt_ms": 60.0}]
    quick = {"id": "quick", "share": 0.0, "input_tokens": 1, "output_tokens": 1, "slo": {"ttft_s": 0.1}}
    instance = tiny_instance(network={"links": links}, workloads={"chat": {"buckets": {"quick": quick}}})
    found = reach(instance, network_view(instance), instance.workloads[0])
    assert found.sites == {"east": ()}
    assert found.barriers[0].shortfall == pytest.approx(0.2)


def test_d3_without_a_ttft_target_any_reachable_site_will_do() -> None:
    """Ten seconds away is fine where nobody waits; unreachable is not."""
    links = [{"a": "east", "b": "virginia", "rtt_ms": 10_000.0}]
    instance = tiny_instance(
        network={"links": links}, sites=HUB, workloads={"chat": {"slo": {"ttft_s": None, "tpot_s": None}}}
    )
    found = reach(instance, network_view(instance), instance.workloads[0])
    assert found.sites == {"east": ("virginia",)}
    assert {barrier.site: "no link" in barrier.detail for barrier in found.barriers} == {"hub": True, "island": True}
    assert found.regions_of("virginia") == ("east",)


@pytest.mark.parametrize(
    ("region", "workload", "open_to"),
    [(["us"], [], ("virginia",)), (["eu"], [], ()), ([], ["eu"], ()), (["us"], ["us", "eu"], ("virginia",))],
)
def test_d3_data_goes_only_where_region_and_workload_let_it(
    region: list[str], workload: list[str], open_to: tuple[str, ...]
) -> None:
    """Both lists must hold the site's jurisdiction; an empty list holds all."""
    instance = tiny_instance(
        network={"regions": {"east": {"data_may_enter": region}}},
        workloads={"chat": {"jurisdictions": workload}},
    )
    assert admissible_sites(instance, instance.workloads[0]) == {"east": open_to}


def test_a_disabled_site_serves_nobody() -> None:
    """`enabled: false` takes a site out, without a barrier."""
    instance = tiny_instance(sites={"virginia": {"enabled": False}})
    found = reach(instance, network_view(instance), instance.workloads[0])
    assert (found.sites, found.barriers) == ({"east": ()}, ())
