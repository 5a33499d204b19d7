"""Restoring idle KV from a tier."""

import pytest

from fleetopt.prediction.tiers import restore_s, restoring_is_faster


def test_restore_is_latency_plus_bytes() -> None:
    """10 GB at 5 GB/s after 1 ms take 2.001 s; nothing takes no time; an unreadable tier never."""
    assert restore_s(10, 5, 1e-3) == pytest.approx(2.001)
    assert restore_s(0, 5, 1e-3) == 0
    assert restore_s(10, 0) == float("inf")


def test_the_cheaper_way_is_told() -> None:
    """2.001 s of restoring beat 3 s of recomputing and lose to 1 s."""
    assert restoring_is_faster(10, 5, 1e-3, 3.0)
    assert not restoring_is_faster(10, 5, 1e-3, 1.0)
