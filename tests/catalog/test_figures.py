"""Catalogue figures against arithmetic and against each other."""

import csv
import re
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


BITS = {"bf16": 16, "fp8": 8, "fp4": 4}
#: TPP set by a format that the schema does not carry (fp6).
BY_FP6 = {"mi355x"}


@pytest.mark.parametrize("chip", [chip for chip in ids("chip") if "dense_tflops" in entry("chip", chip)])
def test_tpp_is_the_highest_rate_times_bits(chip: str) -> None:
    """TPP is the dense rate times its bit length, at its highest: H100 1,979 x 8 = 15,832, A100 312 x 16 = 4,992."""
    fields = entry("chip", chip)
    highest = max(rate * BITS[name] for name, rate in fields["dense_tflops"].items())
    assert (fields["tpp"] == pytest.approx(highest, abs=0.5)) == (chip not in BY_FP6)


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
        assert fields.get("dram_gb_s") == (0 if fields["memory_kind"] == "SRAM" else fields.get("memory_gb_s")), chip


@pytest.mark.parametrize(
    ("model", "total", "active"),
    [
        ("llama-3.1-8b", 8.03e9, 8.03e9),
        ("llama-3.1-70b", 70.55e9, 70.55e9),
        ("llama-3.1-405b", 405.85e9, 405.85e9),
        ("deepseek-v3", 671.03e9, 37.55e9),
        ("gpt-oss-120b", 116.79e9, 5.13e9 + 201_088 * 2880),
        ("qwen3-235b-a22b", 235.09e9, 22.19e9),
        ("deepseek-r1", 671.03e9, 37.55e9),
        ("llama-2-70b", 68.98e9, 68.98e9),
        ("qwen2.5-72b", 72.71e9, 72.71e9),
        ("mixtral-8x7b", 46.7e9, 12.88e9),
        ("mixtral-8x22b", 140.62e9, 39.15e9),
        ("qwen3-coder-480b-a35b", 480.15e9, 35.47e9),
        ("minimax-m2.5", 228.69e9, 11.03e9),
        ("glm-4.6", 352.8e9, 33.63e9),
        ("llama-4-scout", 107.77e9, 17.17e9),
        ("llama-4-maverick", 400.71e9, 17.18e9),
        ("kimi-k2.5", 1026.41e9, 32.86e9),
        ("glm-5.2", 743.18e9, 41.05e9),
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


FIFTEEN = re.compile(r"(\d+) x ([\d,]+) \$ .*\+ 15 %")
"""A price that says how it is made up: `8 x 30,000 $ (25,000 to 40,000) + 15 %.`"""


def by_the_rule() -> list[str]:
    """Systems whose price is said to be chips and 15 per cent."""
    with_chips = {system: fields for system in ids("system") if (fields := entry("system", system))["chips"]}
    notes = {id_: fields["provenance"].get("price.buy_usd", {}).get("note", "") for id_, fields in with_chips.items()}
    return [system for system, note in notes.items() if FIFTEEN.search(note)]


@pytest.mark.parametrize("system", by_the_rule())
def test_server_price_is_chips_and_15_per_cent(system: str) -> None:
    """Price = chips x chip price x 1.15, as its note says: H100 8 x 30,000 x 1.15 = 276,000 $."""
    fields = entry("system", system)
    said = FIFTEEN.search(fields["provenance"]["price.buy_usd"]["note"])
    assert said is not None
    assert int(said[1]) == fields["chips"]
    assert fields["price"]["buy_usd"] == pytest.approx(int(said[1]) * float(said[2].replace(",", "")) * 1.15, rel=1e-4)


def test_the_rule_of_15_per_cent_is_used() -> None:
    """The reading of the notes finds the servers of the reference; a payload costs what its server does."""
    assert {"hgx-h100-8", "hgx-b200-8", "mi300x-8", "mi355x-8", "l40s-8", "a100-8"} <= set(by_the_rule())
    assert entry("system", "sat-h100-8")["price"]["buy_usd"] == entry("system", "hgx-h100-8")["price"]["buy_usd"]


@pytest.mark.parametrize(("system", "cpu"), [("cpu-rack", "epyc-9965"), ("cpu-rack-6980p", "xeon-6980p")])
def test_cpu_rack_adds_up(system: str, cpu: str) -> None:
    """32 x (2 x 14,813 + 768 x 24.8) x 1.15 = 1,791,144 $ and 32 x (1.0 + 0.284 + 0.2) = 47.5 kW; with the Xeon
    32 x (2 x 15,130 + 768 x 24.8) x 1.15 = 1,814,476 $. Cores: 32 x (2 x 192 - 24) = 11,520, and 7,424."""
    fields, part = entry("system", system), entry("cpu", cpu)
    dram = entry("memory", "dram")["price"]["usd_per_gb"]
    assert fields["price"]["buy_usd"] == pytest.approx(32 * (2 * part["price_usd"] + 768 * dram) * 1.15, abs=1)
    assert fields["usable_cpu_cores"] == 32 * (2 * part["cores"] - 24)
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


def test_what_lacks_a_price_is_known() -> None:
    """Whoever offers one of these must price it; cloud chips are rented and never sold."""
    systems = {system: entry("system", system) for system in ids("system")}
    priceless = {id_ for id_, fields in systems.items() if "buy_usd" not in fields.get("price", {})}
    rented = {id_ for id_, fields in systems.items() if fields.get("buyable") is False}
    assert rented == {"tpu-v6e-8", "tpu-v5e-8", "tpu-v5p-4", "trainium2-16", "trainium3-144", "inferentia2-12"}
    assert priceless - rented == {
        "groq3-lpx-rack", "rubin-cpx-8",
        "sat-tpu-v6e-16", "h100-nvl-8", "hgx-h800-8", "a800-8", "mi455x-72", "tpu-v7-4", "sn40l-8"
    }  # fmt: skip


def test_rules_and_duties_name_what_the_catalogue_has() -> None:
    """Chips, systems and jurisdictions named by rules, duties and sites exist."""
    for rule in ids("rule"):
        assert set(entry("rule", rule).get("chips", ())) <= set(ids("chip"))
    for duty in ids("duty"):
        assert set(entry("duty", duty)["systems"]) <= set(ids("system"))
        assert set(entry("duty", duty)["jurisdictions"]) <= set(ids("jurisdiction"))
    for site in ids("site"):
        assert entry("site", site)["jurisdiction"] in ids("jurisdiction")


@pytest.mark.parametrize(
    ("duty", "tpp", "dram_gb_s"),
    [
        ("us-232-2026-band-1", (14_000, 17_500), (4_500, 5_000)),
        ("us-232-2026-band-2", (20_800, 21_100), (5_800, 6_200)),
    ],
)
def test_duty_bands_hold_the_systems_they_name(
    duty: str, tpp: tuple[float, float], dram_gb_s: tuple[float, float]
) -> None:
    """Band 1 is the H200 (15,832; 4,800 GB/s), not the H100 (15,832; 3,350); band 2 the MI325X (20,919; 6,000)."""
    band = [
        system
        for system in ids("system")
        if "chip" in (fields := entry("system", system))
        and tpp[0] < fields["chip"].get("tpp", 0) < tpp[1]
        and dram_gb_s[0] < fields["chip"].get("dram_gb_s", 0) < dram_gb_s[1]
    ]
    assert band == entry("duty", duty)["systems"]


def test_engines_burn_what_their_heat_rate_says() -> None:
    """4.3 $/MMBtu x 8.5 MMBtu/MWh = 36.55 $/MWh, and 355 g/kWh x 8,500 / 6,380 = 473 g/kWh."""
    fields = entry("power", "gas-engines")
    assert fields["energy_usd_per_mwh"] == pytest.approx(4.3 * 8.5)
    assert fields["carbon_g_per_kwh"] == pytest.approx(355 * 8500 / 6380, abs=0.5)


def test_power_capex_is_plant_for_firm_power_and_generation() -> None:
    """Plant 5,250 + 3,000 + 2,500 = 10,750 $/kW of firm power, or what building costs in the city; engines 1,400,
    turbines 2,300 on top."""
    generation = {"gas-engines": 1400, "gas-ccgt": 2300}
    city = {"grid-california": 13_300, "grid-uk": 12_000, "grid-tokyo": 15_200, "grid-singapore": 14_500}
    for source in ids("power"):
        fields = entry("power", source)
        plant = fields["firm_share"] * city.get(source, 10_750)
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
