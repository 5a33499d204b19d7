"""Models and chips by the names people use."""

import pytest

from fleetopt.catalog.load import ids
from fleetopt.errors import UsageError
from fleetopt.prediction import named


def test_the_catalogue_comes_first() -> None:
    """A catalogue id, a system's chip with the number in a unit, and a row file's name in any case."""
    assert named.model("llama-3.1-70b").provenance
    assert named.model("Qwen3-32B").name == "Qwen3-32B"
    chip, count = named.chip("hgx-h100-8")
    assert (chip.id, count) == ("h100-sxm", 8)
    assert named.chip("RTX4090")[0].name == "RTX4090"
    assert named.chip("wse3")[0].memory_kind == "SRAM"


@pytest.mark.parametrize(
    ("name", "said"), [("h10-sxm", "did you mean"), ("etched-sohu", "no source gives"), ("cpu-rack", "no accelerators")]
)
def test_what_is_no_machine_is_refused(name: str, said: str) -> None:
    """With the closest names, what is missing, or that it has no accelerators."""
    with pytest.raises(UsageError, match=said):
        named.chip(name)


def test_unknown_models_are_refused() -> None:
    """With the closest, each once."""
    with pytest.raises(UsageError, match=r"did you mean llama-3.1-8b or"):
        named.model("llama-3-8b")


def test_every_entry_can_be_used_or_says_why_not() -> None:
    """Every chip, system and model of the catalogue is a machine or a model, or refused in words."""
    for id_ in (*ids("chip"), *ids("system")):
        try:
            assert named.chip(id_)[0].memory_gb_s > 0
        except UsageError as error:
            assert "no source gives" in str(error) or "no accelerators" in str(error)
    for id_ in ids("model"):
        try:
            assert named.model(id_).layers > 0
        except UsageError as error:
            assert "no source gives" in str(error)
