"""Catalogue references with overrides in place, and the provenance that goes with them."""

from typing import Any

import pytest
from instance_texts import TINY, problems, spoilt

from fleetopt.catalog import load as catalog
from fleetopt.errors import UsageError
from fleetopt.instance.load import load_text
from fleetopt.instance.resolve import GIVEN, overlay, stamp

SOURCED = {"source": "a sheet", "confidence": "vendor spec"}
CHIP: dict[str, Any] = {
    "id": "fast", "name": "Fast", "vendor": "acme", "memory_kind": "HBM", "memory_gb": 96, "memory_gb_s": 4000,
    "power_kw": 1, "dense_tflops": {"bf16": 1000, "fp8": 2000}, "provenance": {"*": SOURCED, "memory_gb": SOURCED},
}  # fmt: skip
ENTRIES: dict[tuple[str, str], dict[str, Any]] = {
    ("chip", "fast"): CHIP,
    ("chip", "slow"): {**CHIP, "id": "slow", "dense_tflops": {"bf16": 100}},
    ("system", "box"): {
        "id": "box", "name": "Box", "vendor": "acme", "kind": "server", "chips": 4, "power_kw": 5, "chip": CHIP,
        "price": {"buy_usd": 100_000, "network_share": 0.1}, "provenance": {"*": SOURCED, "price.buy_usd": SOURCED},
    },
    ("model", "big"): {
        "id": "big", "layers": 80, "hidden": 8192, "heads": 64, "kv_heads": 8, "head_dim": 128, "dense_ffn": 28672,
        "vocab": 128256, "provenance": {"*": SOURCED},
    },
    ("power", "grid-x"): {"id": "grid-x", "capex_usd_per_kw": 100, "provenance": {"*": SOURCED}},
    ("memory", "flash"): {"id": "flash", "kind": "nvme", "price": {"usd_per_gb": 0.1}, "provenance": {"*": SOURCED}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def small_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with made-up entries."""

    def entry(kind: str, id_: str) -> dict[str, Any]:
        if (kind, id_) not in ENTRIES:
            raise UsageError(f"no {kind} {id_}")
        return dict(ENTRIES[kind, id_])

    monkeypatch.setattr(catalog, "entry", entry)
    monkeypatch.setattr(catalog, "ids", lambda kind: tuple(id_ for k, id_ in ENTRIES if k == kind))


def system(item: str) -> Any:
    """The system that `item` under `systems` becomes."""
    instance = load_text(TINY.replace("systems:\n", f"systems:\n  - {item}\n")).instance
    return instance.systems[0]


@pytest.mark.parametrize("item", ["box", "{use: box}"])
def test_an_id_alone_takes_the_entry_as_it_is(item: str) -> None:
    """Both forms give the catalogue's system with its own id and provenance."""
    box = system(item)
    assert (box.id, box.name, box.power_kw, box.chip.memory_gb) == ("box", "Box", 5, 96)
    assert box.provenance["*"].source == "a sheet"


def test_overrides_go_deep_and_change_the_provenance() -> None:
    """A new price keeps the network share; its source is the instance, the rest keeps the catalogue's."""
    box = system("{use: box, id: mine, name: Mine, price: {buy_usd: $90k}}")
    assert (box.id, box.price.buy_usd, box.price.network_share) == ("mine", 90_000, 0.1)
    assert box.provenance["price.buy_usd"].source == GIVEN["source"]
    assert box.provenance["*"].source == "a sheet"
    assert set(box.provenance) == {"*", "price.buy_usd"}


def test_a_chip_is_overridden_in_place() -> None:
    """Fields of the chip change, with the chip's own provenance."""
    chip = system("{use: box, chip: {memory_gb: 128}}").chip
    assert (chip.id, chip.memory_gb, chip.dense_tflops.fp8) == ("fast", 128, 2000)
    assert chip.provenance["memory_gb"].source == GIVEN["source"]


@pytest.mark.parametrize("chip", ["slow", "{use: slow}"])
def test_a_chip_is_exchanged_whole(chip: str) -> None:
    """Another chip brings all its own figures: no fp8 rate is left over."""
    assert system(f"{{use: box, chip: {chip}}}").chip.dense_tflops.fp8 is None


def test_a_system_written_out_may_name_its_chip() -> None:
    """A chip's id, and one with a change, stand in a system of one's own."""
    own = "id: own, vendor: me, kind: server, chips: 2, power_kw: 3, price: {buy_usd: 1}"
    assert system(f"{{{own}, chip: {{use: fast, power_kw: 0.9}}}}").chip.power_kw == 0.9


def test_memory_and_power_sources_come_from_the_catalogue() -> None:
    """Tiers and a site's sources take entries too."""
    text = spoilt(("        - id: grid\n", "        - use: grid-x\n")) + "memory: [flash]\n"
    instance = load_text(text).instance
    assert instance.memory[0].price.usd_per_gb == 0.1
    assert instance.sites[0].power.sources[0].capex_usd_per_kw == 100


def test_a_model_named_by_a_workload_is_added() -> None:
    """The workload's model comes from the catalogue though `models` lacks it, also by an override."""
    assert load_text(spoilt(("model: small", "model: big"))).instance.model("big").layers == 80
    assert load_text(TINY, overrides=["workloads.chat.model=big"]).instance.workload("chat").model == "big"


@pytest.mark.parametrize(
    ("old", "new", "path", "message", "hint"),
    [
        (
            "systems:\n",
            "systems:\n  - bx\n",
            "systems.0.use",
            "the catalogue has no system 'bx'",
            "did you mean 'box'?",
        ),
        (
            "systems:\n",
            "systems:\n  - use: 3\n",
            "systems.0.use",
            "the id of a catalogue entry is meant",
            "try one of box",
        ),
        (
            "    chip:\n      id: gpu\n",
            "    chip:\n      use: fsat\n",
            "systems.gpu8.chip.use",
            "no chip 'fsat'",
            "'fast'",
        ),
        ("model: small", "model: bg", "workloads.chat.model", "there is no model 'bg'", "did you mean 'big'?"),
    ],
)
def test_unknown_entries_are_refused(old: str, new: str, path: str, message: str, hint: str) -> None:
    """The message says which kind, the hint what comes near."""
    found = next(i for i in problems(spoilt((old, new))) if message in i.message)
    assert found.path == path
    assert hint in found.hint


def test_stamping_replaces_what_lies_below() -> None:
    """A section given anew loses the sources of its fields; given provenance wins over the stamp."""
    assert stamp({"*": SOURCED, "price.buy_usd": SOURCED}, ["price"]) == {"*": SOURCED, "price": GIVEN}
    mine = {"source": "my quote", "confidence": "quote"}
    merged = overlay(ENTRIES["system", "box"], {"power_kw": 6, "provenance": {"power_kw": mine}})
    assert merged["provenance"]["power_kw"] == mine
