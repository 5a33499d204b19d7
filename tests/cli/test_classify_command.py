"""`classify` as a user runs it."""

import json
from pathlib import Path

import pytest
from conftest import Cli

pytestmark = pytest.mark.once

CASES = """\
- chip: NVIDIA H20 SXM 96GB
  dense_tops: {fp8: 296, bf16: 148}
  applicable_die_area_mm2: 814
  io_bandwidth_gb_s: 900
  dram_bandwidth_gb_s: 4000
  datacentre: true
- {chip: nothing known}
"""


def test_json_is_a_list_in_input_order(fleetopt_command: Cli, tmp_path: Path) -> None:
    """One object a case with values, reasons and what would change them; the disclaimer goes to stderr."""
    (tmp_path / "cases.yaml").write_text(CASES, encoding="utf-8")
    ran = fleetopt_command("classify", tmp_path / "cases.yaml", "--json")
    first, second = json.loads(ran.stdout)
    values = ("chip", "tpp", "performance_density", "rule_2022_10", "rule_2023_10", "rule_2026_01_china")
    assert [first[key] for key in values] == ["NVIDIA H20 SXM 96GB", 2368, 2.91, "none", "none", "not_applicable"]
    assert second["tpp"] is None
    assert second["tariff_band_2026_01"] == "unknown"
    assert set(first["because"]) == {*values[1:], "rule_2024_12", "tariff_band_2026_01"}
    assert [overlay["kind"] for overlay in first["overlays"]] == ["letter", "letter", "share"]
    assert "not legal advice" in ran.stderr


def test_a_delivery_is_judged_too(fleetopt_command: Cli) -> None:
    """H200 of the catalogue to China: a licence, case by case, with 25 % duty."""
    ran = fleetopt_command("classify", "--chip", "h200-sxm", "--to", "CN", "--on", "2027-03-31", "--json")
    way = json.loads(ran.stdout)[0]["delivery"]
    assert (way["requirement"], way["review"], way["duty_rate"]) == ("licence", "case_by_case", 0.25)


def test_text_says_why_and_that_it_is_no_legal_advice(fleetopt_command: Cli, tmp_path: Path) -> None:
    """A table, the reasons with rule and what would change them, and the disclaimer."""
    (tmp_path / "cases.yaml").write_text(CASES, encoding="utf-8")
    ran = fleetopt_command("classify", tmp_path / "cases.yaml")
    assert ran.returncode == 0
    for words in ("tpp = 2,368: 2,368 (fp8, 296 x 8)", "TPP 2,368 < 2,400", "would change it", "not legal advice"):
        assert words in ran.stdout


def test_bad_use_ends_with_2(fleetopt_command: Cli, tmp_path: Path) -> None:
    """No case, a bad case with its line, an unknown chip, a date before any rule, half a delivery."""
    (tmp_path / "bad.yaml").write_text("- {chip: a, dense_tops: {bf16: x}}", encoding="utf-8")
    asked = {
        (): "nothing to classify",
        (str(tmp_path / "bad.yaml"),): "bad.yaml:1: 0.dense_tops.bf16: 'x' is not a number",
        ("--chip", "h21"): "no chip 'h21'",
        ("--chip", "h20", "--to", "CN", "--on", "2020-01-01"): "no packaged rule was in force on 2020-01-01",
        ("--chip", "h20", "--to", "XX", "--on", "2027-01-01"): "there is no country 'XX'",
        ("--chip", "h20", "--to", "CN"): "--to and --on go together",
        ("--chip", "h20", "--parent", "CN"): "need --to and --on",
        ("--chip", "h20", "--to", "CN", "--on", "soon"): "'soon' is no date",
    }
    for arguments, said in asked.items():
        ran = fleetopt_command("classify", *arguments)
        assert ran.returncode == 2
        assert said in ran.stderr, arguments
