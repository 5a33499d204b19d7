"""Looking things up in the catalogue."""

import pytest

from fleetopt.catalog.listing import Filters, citation, kinds, listing, record
from fleetopt.catalog.load import KINDS, ids
from fleetopt.errors import UsageError


def found(kind: str | None, **filters: object) -> set[str]:
    return {row.id for row in listing(kind, Filters(**filters))}  # type: ignore[arg-type]


def test_every_entry_of_every_kind_is_listed_and_shown() -> None:
    """Each kind lists all its entries, each with a name, and each can be shown."""
    assert kinds() == {kind: len(listing(kind, Filters())) for kind in KINDS}
    for kind in KINDS:
        for id_ in ids(kind):
            assert record(id_, kind)["kind"] == kind
            assert record(id_, kind)["figures"]


def test_filters_go_together() -> None:
    """Vendor without regard to case, memory kind and size by the chip, and all filters at once."""
    assert found("chip", vendor="amd", min_memory_gb=256.0) == {"mi325x", "mi355x", "mi455x"}
    assert found("system", memory_kind="SRAM") == {"cs-3", "groq3-lpx-rack"}
    assert found("system", memory_kind="SRAM", priced=True) == {"cs-3"}
    assert found("chip", text="910c cloudmatrix") == {"ascend910c-cm384"}


def test_priced_is_bought_or_rented() -> None:
    """A rented host and object storage have a price; the LPX rack has none."""
    assert "tpu-v6e-8" in found("system", priced=True)
    assert "object" in found("memory", priced=True)
    assert "groq3-lpx-rack" not in found("system", priced=True)


def test_a_filter_without_a_kind_goes_through_all() -> None:
    """Norway is a site, a jurisdiction and a power source."""
    assert {row.kind for row in listing(None, Filters(text="norway"))} == {"site", "jurisdiction", "power"}


def test_a_chip_without_the_figure_is_left_out() -> None:
    """The MI308X, whose memory size is not known, has not at least 1 GB."""
    assert "mi308x" in found("chip", vendor="AMD")
    assert "mi308x" not in found("chip", vendor="AMD", min_memory_gb=1.0)


def test_a_row_tells_entries_apart() -> None:
    """A chip says memory, bandwidth, rates and power."""
    [row] = listing("chip", Filters(text="h100 sxm5"))
    assert row.figures == "80 GB, HBM, 3,350 GB/s, 989 TFLOPS bf16, 1,979 fp8, 0.7 kW"


def test_show_cites_every_figure() -> None:
    """Every figure of the H100 server and of its chip has source, date and confidence, and the price its range."""
    shown = record("hgx-h100-8")
    for figure in [*shown["figures"], *shown["chip"]["figures"]]:
        assert figure["source"]
        assert figure["date"]
        assert figure["confidence"]
    [price] = [figure for figure in shown["figures"] if figure["figure"] == "price.buy_usd"]
    assert (price["value"], price["range"]) == (276_000, [230_000, 368_000])


def test_a_shared_id_is_the_system_unless_the_kind_is_given() -> None:
    """gb200-nvl72 is a rack and the GPU in it: the rack, which shows its GPU too."""
    assert record("gb200-nvl72")["kind"] == "system"
    assert record("gb200-nvl72")["chip"] == record("gb200-nvl72", "chip")


@pytest.mark.parametrize(
    ("name", "kind", "hint"),
    [
        ("hgx-h1000-8", None, "did you mean 'hgx-h100-8'"),
        ("B200", "chip", "the catalogue has no chip 'B200'; did you mean 'b200'"),
        ("zzzzzz", None, "try `fleetopt catalog list`"),
        ("b200", "chp", "did you mean 'chip'"),
    ],
)
def test_unknown_names_are_refused_with_a_hint(name: str, kind: str | None, hint: str) -> None:
    """An unknown name or kind is a usage error that names the closest."""
    with pytest.raises(UsageError, match=hint):
        record(name, kind)


def test_a_citation_is_the_nearest_one() -> None:
    """A figure is cited by its own path, else by its section, else by `*`."""
    provenance = {"*": {"source": "all"}, "dense_tflops": {"source": "rates"}, "dense_tflops.fp8": {"source": "fp8"}}
    assert citation(provenance, "dense_tflops.fp8")["source"] == "fp8"
    assert citation(provenance, "dense_tflops.bf16")["source"] == "rates"
    assert citation(provenance, "power_kw")["source"] == "all"
    assert citation({}, "power_kw") == {}
