"""Reading the packaged reference data."""

from importlib.resources import files

import pytest
import yaml

from fleetopt.catalog import load
from fleetopt.catalog.load import KINDS, entry, ids, missing, search
from fleetopt.errors import UsageError


def test_the_package_carries_every_file() -> None:
    """Each file a kind names lies inside the installed package."""
    carried = {item.name for item in files("fleetopt.catalog").iterdir()}
    assert set(KINDS.values()) <= carried


def test_an_entry_is_a_fresh_copy() -> None:
    """Changing what `entry` returned leaves the next call untouched, nested parts and provenance included."""
    first = entry("system", "hgx-h100-8")
    first["price"]["buy_usd"] = 1
    first["provenance"]["*"]["note"] = "changed"
    first["chip"]["dense_tflops"]["bf16"] = 1
    second = entry("system", "hgx-h100-8")
    assert second["price"]["buy_usd"] == 276_000
    assert "note" not in second["provenance"]["*"]
    assert second["chip"]["dense_tflops"]["bf16"] == 989


def test_a_system_inlines_its_chip_whole() -> None:
    """A system's chip is the chip entry itself, with its own id, name and provenance."""
    assert entry("system", "cs-3")["chip"] == entry("chip", "wse3")


def test_a_rack_without_chips_has_none() -> None:
    """The CPU rack names no chip."""
    assert "chip" not in entry("system", "cpu-rack")


def test_sources_are_written_out() -> None:
    """Provenance names documents and their dates, not the file's source keys."""
    lead = entry("system", "hgx-b200-8")["provenance"]["lead_months"]
    assert lead["source"].startswith("gpuleaseindex.com")
    assert lead["date"] == "2026"
    assert lead["range"] == [4, 10]


def test_a_citation_may_carry_its_own_date() -> None:
    """A forecast for a later quarter is dated by the quarter it speaks of, not by the document."""
    assert entry("memory", "dram")["provenance"]["price.usd_per_gb"]["date"] == "4Q26"


def test_norway_is_text() -> None:
    """The country code NO stays text and never becomes YAML's False."""
    assert entry("jurisdiction", "norway")["country"] == "NO"


def test_search_needs_every_word_in_any_case() -> None:
    """Words are looked for in id, name and vendor; an unknown word finds nothing."""
    assert search("system", "nvidia h200") == ("hgx-h200-8",)
    assert search("chip", "HUAWEI 910b") == ("ascend910b",)
    assert search("chip", "h200 abacus") == ()
    assert search("model", "") == ids("model")


def test_unknown_ids_get_a_suggestion() -> None:
    """A misspelt id or kind is refused with the nearest known one."""
    with pytest.raises(UsageError, match="no system 'hgx-h100'; did you mean 'hgx-h100-8'"):
        entry("system", "hgx-h100")
    with pytest.raises(UsageError, match="no kind 'systems'; did you mean 'system'"):
        ids("systems")


def test_each_file_is_parsed_once_and_by_the_quick_reader() -> None:
    """Whatever is asked for, a file is read a single time, with libyaml where PyYAML was built with it."""
    load._read.cache_clear()
    for kind in KINDS:
        for id_ in ids(kind):
            entry(kind, id_)
    assert load._read.cache_info().misses == len(set(KINDS.values()))
    assert load._LOADER is getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def test_what_is_missing_is_said() -> None:
    """The Cambricon's bandwidth and power were found nowhere; an H100 lacks nothing."""
    assert missing("chip", "cambricon590") == ("memory_gb_s", "power_kw")
    assert missing("chip", "h100-sxm") == ()
