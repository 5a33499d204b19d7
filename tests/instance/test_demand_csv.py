"""`demand: {csv: file}`: rates from rates, requests or tokens, by slice or hour."""

from pathlib import Path

import pytest
from instance_texts import TINY

from fleetopt.errors import InputError, Issue
from fleetopt.instance.arrivals import arrivals_per_s, total_arrivals
from fleetopt.instance.load import Loaded, load, load_text

FROM_CSV = TINY.replace("      regions:\n        - region: east\n          rate_per_s: 10\n", "      csv: demand.csv\n")
HOURS_OF_A_QUARTER = 8766 / 4


def loaded(folder: Path, table: str, text: str = FROM_CSV) -> Loaded:
    """The tiny instance with its demand from a table."""
    (folder / "demand.csv").write_text(table, encoding="utf-8")
    (folder / "main.yaml").write_text(text, encoding="utf-8")
    return load(folder / "main.yaml")


def problems(folder: Path, table: str, text: str = FROM_CSV) -> tuple[Issue, ...]:
    """What is wrong with the table."""
    with pytest.raises(InputError) as caught:
        loaded(folder, table, text)
    return caught.value.issues


def rate(found: Loaded, period: int, part: str) -> float:
    """Arrivals of the chat workload in the east."""
    return arrivals_per_s(found.instance, found.instance.workloads[0], "east", period, part)


def test_rates_by_slice(tmp_path: Path) -> None:
    """Rates are taken as they are, absent rows are 0, columns may stand in any order."""
    found = loaded(tmp_path, "region,slice,period,rate_per_s\neast,day,2027q1,15\neast,night,2027q2,5\n")
    assert [rate(found, 0, "day"), rate(found, 0, "night"), rate(found, 1, "night")] == [15, 0, 5]


def test_requests_by_slice(tmp_path: Path) -> None:
    """A day slice of half the day has 8766/4/2 hours a quarter: 3,944,700 s; as many requests are 1 a second."""
    found = loaded(tmp_path, "period,slice,region,requests\n2027q1,day,east,3944700\n")
    assert rate(found, 0, "day") == pytest.approx(1.0)
    assert total_arrivals(found.instance, found.instance.workloads[0]) == pytest.approx(3_944_700)


def test_tokens_by_slice(tmp_path: Path) -> None:
    """Requests have 1,000 + 200 tokens, so 1,200 x 3,944,700 tokens are 1 request a second."""
    found = loaded(tmp_path, f"period,slice,region,tokens\n2027q1,day,east,{1200 * 3_944_700}\n")
    assert rate(found, 0, "day") == pytest.approx(1.0)


def test_hours_are_averaged_over_slices(tmp_path: Path) -> None:
    """Hours 0 to 11 at 6, 12 to 23 at 2 requests a second: the slices, which split there, have 6 and 2."""
    rows = "".join(f"2027q1,{hour},east,{6 if hour < 12 else 2}\n" for hour in range(24))
    found = loaded(tmp_path, "period,hour,region,rate_per_s\n" + rows)
    assert [rate(found, 0, "day"), rate(found, 0, "night")] == pytest.approx([6, 2])


def test_requests_by_hour_keep_their_number(tmp_path: Path) -> None:
    """1,000 requests in each of three hours are 3,000 requests over the period, whatever the slices."""
    text = FROM_CSV.replace("start_hour: 0, hours: 12", "start_hour: 22.5, hours: 12").replace(
        "start_hour: 12, hours: 12", "start_hour: 10.5, hours: 12"
    )
    found = loaded(
        tmp_path, "period,hour,region,requests\n" + "".join(f"2027q1,{h},east,1000\n" for h in (0, 10, 22)), text
    )
    assert total_arrivals(found.instance, found.instance.workloads[0]) == pytest.approx(3000)
    # hour 0 whole, half of hour 10 and half of hour 22 lie in the first slice: 2,000 of the 3,000
    assert rate(found, 0, "day") * HOURS_OF_A_QUARTER / 2 * 3600 == pytest.approx(2000)


def test_scale_and_overrides_apply_to_a_table(tmp_path: Path) -> None:
    """`scale` multiplies the table too."""
    loaded(tmp_path, "period,slice,region,rate_per_s\n2027q1,day,east,15\n")
    assert rate(load(tmp_path / "main.yaml", ["workloads.chat.demand.scale=2"]), 0, "day") == 30


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("period,slice,region\n", 1, "needs one column rate_per_s or requests or tokens"),
        ("period,slice,hour,region,requests\n", 1, "needs one column slice or hour"),
        ("period,slice,region,reqests\n", 1, "unknown column 'reqests'"),
        ("period,slice,region,requests\n2027q1,day,east,many\n", 2, "requests 'many' is not a number"),
        ("period,slice,region,requests\n2027q1,day,east,1\n2027q1,day,east,-1\n", 3, "'-1' is not a number"),
        ("period,slice,region,requests\n2027q1,day,east,nan\n", 2, "'nan' is not a number"),
        ("period,slice,region,requests\n2027q1,noon,east,1\n", 2, "there is no slice 'noon'"),
        ("period,slice,region,requests\n2027q1,day,east\n", 2, "does not have the header's 4 fields"),
        ("period,slice,region,requests\n2027q1,day,west,1\n", 2, "there is no region 'west'"),
        ("period,slice,region,requests\n2031q1,day,east,1\n", 2, "2031q1 lies outside the horizon"),
        ("period,slice,region,requests\n2027q1,day,east,1\n2027q1,day,east,1\n", 3, "given twice"),
        ("period,hour,region,requests\n2027q1,24,east,1\n", 2, "there is no hour '24'"),
        ("period,hour,region,requests\n2027q1,3,east,1\n2027q1,3,east,1\n", 3, "hour '3' is given twice"),
        ('period,slice,region,requests\n2027q1,"day\n', 1, "this is not a CSV table"),
        ("", 1, "needs one column period"),
    ],
)
def test_what_is_wrong_is_said_with_the_line_of_the_table(tmp_path: Path, table: str, line: int, message: str) -> None:
    """Messages name the table's file and line, and the path in the instance."""
    found = [i for i in problems(tmp_path, table) if message in i.message]
    assert [(Path(i.file).name, i.line) for i in found] == [("demand.csv", line)]
    assert found[0].path.startswith("workloads.chat.demand.")


def test_a_table_from_outside_the_folder_is_refused(tmp_path: Path) -> None:
    """Demand files obey the same rule as includes; text in memory has no folder at all."""
    found = problems(tmp_path, "", FROM_CSV.replace("demand.csv", "../demand.csv"))
    assert [i.path for i in found] == ["workloads.chat.demand.csv"]
    with pytest.raises(InputError, match="only an instance read from a file"):
        load_text(FROM_CSV)


def test_a_table_stands_alone(tmp_path: Path) -> None:
    """csv beside regions, and a missing file, are refused."""
    both = FROM_CSV.replace("csv: demand.csv", "csv: demand.csv\n      regions: [{region: east, rate_per_s: 1}]")
    assert "stands beside" in problems(tmp_path, "period,slice,region,requests\n", both)[0].message
    missing = problems(tmp_path, "", FROM_CSV.replace("demand.csv", "none.csv"))
    assert "no such file" in missing[0].message
