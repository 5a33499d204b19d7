"""Catalogue figures against arithmetic and against each other."""

import csv
from pathlib import Path

import pytest

from fleetopt.catalog.load import entry, ids
from fleetopt.instance.models import Model

CALIBRATION = Path(__file__).parents[2].parent / "shared" / "data" / "perf"
CHIP_NAMES = {
    "h100-sxm": "H100-SXM",
    "h200-sxm": "H200-SXM",
    "b200": "B200",
    "gb200-nvl72": "GB200",
    "mi300x": "MI300X",
    "mi355x": "MI355X",
    "l40s": "L40S",
    "a100-80": "A100-SXM",
    "tpu-v6e": "TPUv6e",
    "ascend910c": "Ascend910C",
}
#: Published differences, each noted at the figure: link of the TPU, B200 nominal bandwidth, int8 of the Ascend.
KNOWN_DIFFERENCES = {("tpu-v6e", "scale_up"), ("b200", "bandwidth"), ("ascend910c", "fp8")}


@pytest.mark.parametrize(
    ("chip", "rate", "bits"),
    [
        ("h100-sxm", "fp8", 8),
        ("h200-sxm", "fp8", 8),
        ("b200", "bf16", 16),
        ("gb200-nvl72", "bf16", 16),
        ("h20", "fp8", 8),
        ("mi300x", "fp8", 8),
        ("tpu-v6e", "bf16", 16),
        ("ascend910c", "bf16", 16),
        ("l40s", "fp8", 8),
        ("wse3", "bf16", 16),
        ("groq3-lp30", "fp8", 8),
        ("a100-80", "bf16", 16),
    ],
)
def test_tpp_is_rate_times_bits(chip: str, rate: str, bits: int) -> None:
    """TPP is the dense rate times its bit length: H100 1,979 x 8 = 15,832, A100 312 x 16 = 4,992."""
    fields = entry("chip", chip)
    assert fields["tpp"] == pytest.approx(fields["dense_tflops"][rate] * bits, abs=1e-6)


def test_tpp_of_mi355x_is_set_by_fp6() -> None:
    """fp6 runs at the fp4 rate: 10,066.3 x 6 = 60,397.8, rounded to 60,398; by fp4 alone it would be 40,265."""
    fields = entry("chip", "mi355x")
    assert fields["tpp"] == pytest.approx(fields["dense_tflops"]["fp4"] * 6, abs=1)
    assert fields["provenance"]["tpp"]["range"] == [40265, 60398]


def test_the_wafer_reads_six_thousand_times_faster_than_h100() -> None:
    """21 PB/s / 3.35 TB/s = 6,269."""
    wafer, h100 = entry("chip", "wse3"), entry("chip", "h100-sxm")
    assert wafer["memory_gb_s"] / h100["memory_gb_s"] == pytest.approx(6268.7, abs=1)


def test_sram_chips_have_no_dram() -> None:
    """An SRAM part counts 0 GB/s of DRAM for the export rules, any other its whole memory bandwidth."""
    for chip in ids("chip"):
        fields = entry("chip", chip)
        assert fields["dram_gb_s"] == (0 if fields["memory_kind"] == "SRAM" else fields["memory_gb_s"]), chip


@pytest.mark.parametrize(
    ("model", "total", "active"),
    [
        ("llama-3.1-8b", 8.03e9, 8.03e9),
        ("llama-3.1-70b", 70.55e9, 70.55e9),
        ("llama-3.1-405b", 405.85e9, 405.85e9),
        ("deepseek-v3", 671.03e9, 37.55e9),
        ("gpt-oss-120b", 116.79e9, 5.13e9 + 201_088 * 2880),
        ("qwen3-235b-a22b", 235.09e9, 22.19e9),
    ],
)
def test_shapes_give_the_published_parameters(model: str, total: float, active: float) -> None:
    """Parameters counted from the shape are the published ones: Llama 70B 80 x 855.6e6 + 2 x 128,256 x 8,192 = 70.55e9.

    gpt-oss counts one of its two embedding tables as active, so the other is added.
    """
    shape = Model.model_validate(entry("model", model))
    experts = shape.experts
    expert_layers = experts.layers if experts else 0
    dense = (shape.layers - expert_layers) * shape.ffn_matrices * shape.hidden * shape.dense_ffn
    shared = routed = 0
    if experts:
        shared = expert_layers * 3 * shape.hidden * experts.shared_ffn
        routed = expert_layers * 3 * shape.hidden * experts.ffn
    common = shape.layers * attention_parameters(shape) + dense + shared + 2 * shape.vocab * shape.hidden
    assert common + routed * (experts.routed if experts else 0) == pytest.approx(total, rel=0.005)
    assert common + routed * (experts.active if experts else 0) == pytest.approx(active, rel=0.02)


def attention_parameters(shape: Model) -> int:
    """Weights of one attention layer: query, key, value and output projections, or the low-rank ones of MLA."""
    if shape.mla is None:
        return shape.hidden * shape.head_dim * (2 * shape.heads + 2 * shape.kv_heads)
    m = shape.mla
    queries = shape.hidden * m.q_lora + m.q_lora * shape.heads * (m.nope_dim + m.rope_dim)
    keys = shape.hidden * (m.kv_lora + m.rope_dim) + m.kv_lora * shape.heads * (m.nope_dim + m.v_dim)
    return queries + keys + shape.heads * m.v_dim * shape.hidden


def test_kv_heads_of_latent_attention_are_its_query_heads() -> None:
    """DeepSeek-V3 carries 128 key/value heads by the schema's convention, one for each query head."""
    fields = entry("model", "deepseek-v3")
    assert fields["kv_heads"] == fields["heads"] == 128


@pytest.mark.parametrize(
    ("system", "chip_usd", "chips"),
    [
        ("hgx-h100-8", 30_000, 8),
        ("hgx-h200-8", 35_000, 8),
        ("hgx-b200-8", 40_000, 8),
        ("hgx-h20-8", 13_500, 8),
        ("mi300x-8", 15_000, 8),
        ("mi355x-8", 30_000, 8),
        ("ascend-910c-8", 25_000, 8),
        ("l40s-8", 8_500, 8),
        ("a100-8", 11_500, 8),
        ("sat-h100-8", 30_000, 8),
        ("sat-l40s-16", 8_500, 16),
    ],
)
def test_server_price_is_chips_and_15_per_cent(system: str, chip_usd: float, chips: int) -> None:
    """Price = chips x chip price x 1.15: H100 8 x 30,000 x 1.15 = 276,000 $."""
    fields = entry("system", system)
    assert fields["chips"] == chips
    assert fields["price"]["buy_usd"] == pytest.approx(chip_usd * chips * 1.15)


def test_cpu_rack_adds_up() -> None:
    """32 x (2 x 14,813 + 768 x 24.8) x 1.15 = 1,791,144 $ and 32 x (1.0 + 0.284 + 0.2) = 47.5 kW."""
    fields = entry("system", "cpu-rack")
    assert fields["price"]["buy_usd"] == pytest.approx(32 * (2 * 14_813 + 768 * 24.8) * 1.15, abs=1)
    assert fields["power_kw"] == pytest.approx(32 * (2 * 0.5 + 768 * 0.00037 + 0.2), abs=0.05)


def test_rated_power_covers_the_chips() -> None:
    """No system draws less than its chips are rated at, and a satellite's bus is what is left over."""
    for system in ids("system"):
        fields = entry("system", system)
        if "chip" in fields:
            chips_kw = fields["chips"] * fields["chip"]["power_kw"]
            assert fields["power_kw"] >= chips_kw - 1e-9, system
            if fields["kind"] == "satellite":
                assert fields["satellite"]["bus_power_kw"] == pytest.approx(fields["power_kw"] - chips_kw), system


def test_only_tpu_and_lpx_lack_a_price() -> None:
    """Whoever offers a TPU satellite or an LPX rack must price it; the TPU host is rented and never sold."""
    priceless = {system for system in ids("system") if "buy_usd" not in entry("system", system).get("price", {})}
    assert priceless == {"tpu-v6e-8", "groq3-lpx-rack", "sat-tpu-v6e-16"}
    assert entry("system", "tpu-v6e-8")["buyable"] is False


def test_rules_and_duties_name_what_the_catalogue_has() -> None:
    """Chips, systems and jurisdictions named by rules, duties and sites exist."""
    for rule in ids("rule"):
        assert set(entry("rule", rule).get("chips", ())) <= set(ids("chip"))
    for duty in ids("duty"):
        assert set(entry("duty", duty)["systems"]) <= set(ids("system"))
        assert set(entry("duty", duty)["jurisdictions"]) <= set(ids("jurisdiction"))
    for site in ids("site"):
        assert entry("site", site)["jurisdiction"] in ids("jurisdiction")


def test_duty_band_1_holds_the_h200_alone() -> None:
    """14,000 < TPP < 17,500 and 4,500 < DRAM < 5,000 GB/s: H200 (15,832; 4,800), not H100 (15,832; 3,350)."""
    band = [
        system
        for system in ids("system")
        if "chip" in (fields := entry("system", system))
        and 14_000 < fields["chip"]["tpp"] < 17_500
        and 4_500 < fields["chip"]["dram_gb_s"] < 5_000
    ]
    assert band == entry("duty", "us-232-2026-band-1")["systems"]


def test_engines_burn_what_their_heat_rate_says() -> None:
    """4.3 $/MMBtu x 8.5 MMBtu/MWh = 36.55 $/MWh, and 355 g/kWh x 8,500 / 6,380 = 473 g/kWh."""
    fields = entry("power", "gas-engines")
    assert fields["energy_usd_per_mwh"] == pytest.approx(4.3 * 8.5)
    assert fields["carbon_g_per_kwh"] == pytest.approx(355 * 8500 / 6380, abs=0.5)


def test_power_capex_is_plant_for_firm_power_and_generation() -> None:
    """Plant 5,250 + 3,000 + 2,500 = 10,750 $/kW of firm power; engines 1,400, turbines 2,300 on top."""
    generation = {"gas-engines": 1400, "gas-ccgt": 2300}
    for source in ids("power"):
        fields = entry("power", source)
        plant = fields["firm_share"] * 10_750
        assert fields["capex_usd_per_kw"] == pytest.approx(plant + generation.get(source, 0)), source


@pytest.mark.parametrize("chip", CHIP_NAMES)
def test_chips_agree_with_the_calibration_table(chip: str) -> None:
    """Rates, memory and links agree with the table of the performance data within 1 %, but for noted differences."""
    if not CALIBRATION.is_dir():
        pytest.skip("the calibration data is not beside this checkout")
    with (CALIBRATION / "chips.csv").open(newline="", encoding="utf-8") as table:
        row = {line["chip"]: line for line in csv.DictReader(table)}[CHIP_NAMES[chip]]
    fields = entry("chip", chip)
    ours = {
        "bf16": fields["dense_tflops"]["bf16"],
        "fp8": fields["dense_tflops"]["fp8"],
        "bandwidth": fields["memory_gb_s"] / 1000,
        "memory": fields["memory_gb"],
        "scale_up": fields["scale_up_gb_s"],
    }
    theirs = {
        "bf16": row["bf16_dense_tflops"],
        "fp8": row["fp8_or_int8_dense_tflops"],
        "bandwidth": row["memory_bandwidth_tb_s"],
        "memory": row["memory_gb"],
        "scale_up": row["scale_up_gb_s_one_way"],
    }
    differing = {(chip, key) for key, value in ours.items() if value != pytest.approx(float(theirs[key]), rel=0.01)}
    assert differing == {difference for difference in KNOWN_DIFFERENCES if difference[0] == chip}
