"""The `measured` section: in place or from a table, and everything wrong with it said at once."""

from pathlib import Path

import pytest
from instance_texts import TINY, line_of, problems

from fleetopt.errors import InputError, Issue
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import Loaded, load, load_resolved, load_text
from fleetopt.instance.measured import MeasuredPoint

ROW = "system: gpu8, workload: chat, bucket: b1"
GOOD = f"{ROW}, requests_per_s: 2"
FULL = f"{ROW}, tensor: 1, batch: 16, ttft_s: 200 ms, tpot_s: 0.02"


def text(*rows: str) -> str:
    """TINY with measurements in place."""
    return TINY + "measured:\n  points:\n" + "".join(f"    - {{{row}}}\n" for row in rows)


def from_csv(folder: Path, table: str, section: str = "measured: {csv: points.csv}\n") -> Loaded:
    (folder / "points.csv").write_text(table, encoding="utf-8")
    (folder / "main.yaml").write_text(TINY + section, encoding="utf-8")
    return load(folder / "main.yaml")


def complaints(folder: Path, table: str) -> tuple[Issue, ...]:
    with pytest.raises(InputError) as caught:
        from_csv(folder, table)
    return caught.value.issues


def warnings(*rows: str) -> list[str]:
    return [w.message for w in load_text(text(*rows)).warnings if w.path.startswith("measured")]


def test_points_in_place() -> None:
    """A full point and a maximum throughput, with units."""
    full, most = load_text(text(FULL, f"{GOOD}, stage: aggregated")).instance.measured.points
    assert (full.full, full.ttft_s, full.batch) == (True, 0.2, 16)
    assert (most.full, most.requests_per_s, most.tensor) == (False, 2.0, None)


def test_points_from_a_table_follow_those_in_place(tmp_path: Path) -> None:
    """Columns in any order, blanks are absent, quantities may have units."""
    table = "bucket,system,model,batch,ttft_s,tpot_s,requests_per_s,tensor\nb1,gpu8,small,8,150 ms,0.02,,1\n"
    table += "b1,gpu8,small,,,,2.5,\n"
    section = f"measured:\n  csv: points.csv\n  points:\n    - {{{ROW}, pipeline: 2, tensor: 1, requests_per_s: 3}}\n"
    points = from_csv(tmp_path, table, section).instance.measured.points
    assert [p.requests_per_s for p in points] == [3.0, None, 2.5]
    assert points[1] == MeasuredPoint(
        system="gpu8", model="small", bucket="b1", batch=8, ttft_s=0.15, tpot_s=0.02, tensor=1
    )


def test_a_resolved_instance_holds_the_points(tmp_path: Path) -> None:
    """resolved.yaml needs no table any more; without measurements it has no such section."""
    found = from_csv(tmp_path, "system,workload,bucket,requests_per_s\ngpu8,chat,b1,2.5\n").instance
    (tmp_path / "resolved.yaml").write_text(dump_resolved(found), encoding="utf-8")
    assert load_resolved(tmp_path / "resolved.yaml") == found
    assert "measured" not in dump_resolved(load_text(TINY).instance)


CASES = [
    ("system: gpu9, workload: chat, bucket: b1, requests_per_s: 2", "system", "no system 'gpu9'", "mean 'gpu8'"),
    ("system: gpu8, workload: chatt, bucket: b1, requests_per_s: 2", "workload", "no workload", "mean 'chat'"),
    ("system: gpu8, model: smal, bucket: b1, requests_per_s: 2", "model", "no model 'smal'", "mean 'small'"),
    ("system: gpu8, workload: chat, bucket: b2, requests_per_s: 2", "bucket", "no bucket 'b2'", "one of b1"),
    ("system: gpu8, bucket: b1, requests_per_s: 2", "", "neither workload nor model", "adding workload:"),
    ("system: gpu8, workload: chat, requests_per_s: 2", "", "which requests", "adding bucket:"),
    ("system: gpu8, workload: chat, input_tokens: 5, requests_per_s: 2", "", "which requests", "output_tokens:"),
    (f"{GOOD}, input_tokens: 1000", "input_tokens", "beside a bucket", "only one"),
    (f"{ROW}", "", "neither batch nor requests_per_s", "adding one"),
    (f"{ROW}, batch: 4, ttft_s: 0.1", "", "needs tpot_s", "adding tpot_s:"),
    (f"{ROW}, batch: 4, ttft_s: 0, tpot_s: 0.01", "ttft_s", "no time is 0", "more than 0"),
    (f"{ROW}, batch: 4, ttft_s: 1, tpot_s: 0.01, requests_per_s: 0", "requests_per_s", "completes", "removing batch"),
    (f"{ROW}, batch: 4, ttft_s: 1, tpot_s: 0.01, requests_per_s: 9", "requests_per_s", "2.01/s", "one replica"),
    (f"{GOOD}, stage: prefill, tpot_s: 0.01", "tpot_s", "does not answer", "removing"),
    (f"{GOOD}, stage: decode, ttft_s: 0.1", "ttft_s", "does not answer", "removing"),
    (f"{GOOD}, expert: 4", "expert", "without tensor", "adding tensor"),
    (f"{GOOD}, tensor: 6, expert: 4", "expert", "tensor group of 6", "divisor of 6"),
    (f"{GOOD}, tensor: 16", "tensor", "scale-up domain of", "pipeline"),
    (f"{ROW}, requests_per_s: -1", "requests_per_s", "negative", "0 or more"),
    (f"{ROW}, requests_per_s: .nan", "requests_per_s", "not a finite number", "try"),
    (f"{ROW}, requests_per_s: 2, batch: 2.5", "batch", "whole number", "try"),
    (f"{GOOD}, stage: prefil", "stage", "none of the values", "mean 'prefill'"),
    (f"{GOOD}, ttft_ms: 100", "ttft_ms", "unknown field", "ttft_s"),
]


@pytest.mark.parametrize(("row", "field", "message", "hint"), CASES)
def test_a_bad_row_is_told_with_its_line(row: str, field: str, message: str, hint: str) -> None:
    """File, line, path, what is wrong and what to try."""
    spoilt = text(row)
    path = "measured.points.0" + (f".{field}" if field else "")
    found = [i for i in problems(spoilt) if i.path == path and message in i.message]
    assert found, [str(i) for i in problems(spoilt)]
    assert found[0].line == line_of(spoilt, row[:40])
    assert hint in found[0].hint


def test_every_problem_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    """A wrong system, a negative rate and no figure at all: three lines of the table, three messages."""
    table = "system,workload,bucket,requests_per_s\ngpu9,chat,b1,1\ngpu8,chat,b1,-2\ngpu8,chat,b1,\n"
    found = complaints(tmp_path, table)
    assert [(Path(i.file).name, i.line) for i in found] == [("points.csv", 2), ("points.csv", 3), ("points.csv", 4)]


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("system,bukket\ngpu8,b1\n", 1, "unknown column 'bukket'"),
        ("system,bucket,bucket\ngpu8,b1,b1\n", 1, "is there twice"),
        ("system,bucket\ngpu8\n", 2, "does not have the header's 2 fields"),
        ("system,batch\ngpu8,010\n", 2, "another base"),
        ("system,requests_per_s\ngpu8,.inf\n", 2, "not a finite number"),
        ("system,requests_per_s\ngpu8,nan\n", 2, "nan"),
    ],
)
def test_a_table_that_cannot_be_read(tmp_path: Path, table: str, line: int, message: str) -> None:
    """Header, fields and numbers are told with their line in the table."""
    assert any((i.line, message in i.message) == (line, True) for i in complaints(tmp_path, table))


@pytest.mark.parametrize("name", ["../points.csv", "/etc/passwd", "no.csv"])
def test_a_table_is_read_from_below_the_instance_alone(tmp_path: Path, name: str) -> None:
    """Paths that lead out, and files that are not there, are refused at the line that names them."""
    (tmp_path / "main.yaml").write_text(TINY + f"measured: {{csv: {name}}}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(tmp_path / "main.yaml")
    assert [i.path for i in caught.value.issues] == ["measured.csv"]


def test_one_configuration_is_measured_once() -> None:
    """By bucket or by tokens, for a workload or its model: the same thing twice is refused, and so are both kinds."""
    same = "system: gpu8, model: small, input_tokens: 1000, output_tokens: 200, requests_per_s: 3"
    (twice,) = problems(text(GOOD, same))
    assert (twice.path, "twice" in twice.message) == ("measured.points.1", True)
    (both,) = problems(text(FULL, f"{GOOD}, tensor: 1"))
    assert "points by batch and a maximum throughput" in both.message
    assert warnings(FULL, FULL.replace("batch: 16", "batch: 8"), GOOD) == []


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("system: gpu8, workload: chat, input_tokens: 7, output_tokens: 200, requests_per_s: 2", "no bucket has"),
        (f"{GOOD}, precision: bf16", "formats are not those of chat"),
        (f"{GOOD}, cached_tokens: 500", "never found in the cache"),
    ],
)
def test_a_measurement_of_nothing_planned_is_a_warning(row: str, why: str) -> None:
    """It stands for nothing, and the reason is told."""
    (said,) = warnings(row)
    assert said.startswith("it stands for nothing that is planned")
    assert why in said


def test_partial_coverage_is_named() -> None:
    """A system measured for one of two buckets: which, of which workload, and what stays predicted."""
    two = text(GOOD).replace(
        "- {id: b1, share: 1, input_tokens: 1000, output_tokens: 200}",
        "- {id: b1, share: 0.5, input_tokens: 1000, output_tokens: 200}\n"
        "      - {id: b2, share: 0.5, input_tokens: 4000, output_tokens: 200}",
    )
    (said,) = [w for w in load_text(two).warnings if w.path.startswith("measured")]
    assert said.message == "'gpu8' is measured for b1 of 'chat'; b2 stays predicted there"
