"""Rules written with thresholds and the packaged engine agree where they speak of the same rule."""

import pytest
from builders import tiny_instance

from fleetopt.catalog import load as catalog
from fleetopt.instance.systems import Chip
from fleetopt.policy.export import verdict

CHINA = [
    "bis-2023-3a090a-tpp",
    "bis-2023-3a090a-density",
    "bis-2023-3a090b-tpp",
    "bis-2023-3a090b-density",
    "bis-2025-letter-h20",
]
COMPLETE = [id_ for id_ in catalog.ids("chip") if not catalog.missing("chip", id_)]


@pytest.mark.parametrize("id_", COMPLETE)
@pytest.mark.parametrize(("country", "parent"), [("CN", "CN"), ("CN", "US"), ("MY", "CN"), ("NO", "US")])
def test_the_catalogues_rules_and_the_packaged_ones_agree(id_: str, country: str, parent: str) -> None:
    """Every complete chip of the catalogue, to China and by a Chinese parent: free or in need of a licence in both."""
    chip = Chip.model_validate(catalog.entry("chip", id_))
    both = {
        "rules": {"rules": [catalog.entry("rule", rule) for rule in CHINA]},
        "regulation": {"regulation": {"exceptions": False, "without": ["us-2025-gp10-ascend"]}},
    }
    said = {}
    for name, trade in both.items():
        instance = tiny_instance(trade={"operator_country": parent, "parent_country": parent, **trade})
        said[name] = verdict(chip, country, instance.trade, instance.time, 0).allowed
    assert said["rules"] == said["regulation"]
