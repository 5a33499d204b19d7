"""`include`: several files, one instance, nothing from outside the folder."""

from pathlib import Path

import pytest
from instance_texts import TINY

from fleetopt.errors import InputError, Issue
from fleetopt.instance.load import load, load_text, read_data
from fleetopt.instance.overrides import Override

START = TINY.index("systems:")
END = TINY.index("sites:")


def write(folder: Path, **files: str) -> Path:
    """Writes `main.yaml` and others (two underscores for a slash); returns the path of main."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "main.yaml"


def issues(path: Path) -> tuple[Issue, ...]:
    """What loading the file complains about."""
    with pytest.raises(InputError) as caught:
        load(path)
    return caught.value.issues


def test_sections_come_from_included_files(tmp_path: Path) -> None:
    """The instance in two files equals the one in a single file."""
    main = write(
        tmp_path, main="include: [parts/systems.yaml]\n" + TINY[:START] + TINY[END:], parts__systems=TINY[START:END]
    )
    assert load(main).instance == load_text(TINY).instance


def test_lists_are_joined_and_mappings_merged(tmp_path: Path) -> None:
    """Included systems come first; fields of one section may come from two files; places keep their file."""
    more = (
        "systems: [{id: other, vendor: b, kind: cpu, power_kw: 1, usable_cpu_cores: 9, tdp: 1}]\nfinance: {wacc: 5 %}\n"
    )
    main = write(tmp_path, main="include: [more.yaml]\n" + TINY + "finance: {carbon_usd_per_t: 3}\n", more=more)
    found = issues(main)
    assert [(Path(i.file).name, i.line, i.path) for i in found] == [("more.yaml", 1, "systems.other.tdp")]
    (tmp_path / "more.yaml").write_text(more.replace(", tdp: 1", ""), encoding="utf-8")
    instance = load(main).instance
    assert [system.id for system in instance.systems] == ["other", "gpu8"]
    assert (instance.finance.wacc, instance.finance.carbon_usd_per_t) == (0.05, 3)


def test_no_key_and_no_id_is_given_twice(tmp_path: Path) -> None:
    """A field in both files, and a system of the same id in both, are refused where they come second."""
    main = write(tmp_path, main="include: [more.yaml]\n" + TINY, more="name: other\n" + TINY[START:END])
    found = [(Path(i.file).name, i.path, i.message) for i in issues(main)]
    assert [(file, path) for file, path, _ in found] == [("main.yaml", "name"), ("main.yaml", "systems.gpu8.id")]
    assert "given twice, first in" in found[0][2]
    assert "more.yaml:1" in found[0][2]


def test_numbers_are_not_joined(tmp_path: Path) -> None:
    """A budget by period in two files is given twice, not made longer."""
    budget = "finance: {capital_budget_usd: [1e9]}\n"
    main = write(tmp_path, main="include: [more.yaml]\n" + TINY + budget, more=budget)
    assert [i.path for i in issues(main)] == ["finance.capital_budget_usd"]


def test_cycles_are_refused(tmp_path: Path) -> None:
    """a includes b includes a: refused in b, at its include."""
    main = write(tmp_path, main="include: [b.yaml]\n" + TINY, b="include:\n  - main.yaml\n")
    found = issues(main)
    assert [(Path(i.file).name, i.line, i.path) for i in found] == [("b.yaml", 2, "include.0")]
    assert "includes itself" in found[0].message


def test_a_file_is_included_once(tmp_path: Path) -> None:
    """The second mention is refused."""
    main = write(tmp_path, main="include: [b.yaml, b.yaml]\n" + TINY, b="finance: {wacc: 0.05}\n")
    assert "included twice" in issues(main)[0].message


@pytest.mark.parametrize(
    "name",
    [
        "../secret.yaml",
        "/etc/hostname",
        "sub/../../secret.yaml",
        "link.yaml",
        "..\\secret.yaml",
        "C:secret.yaml",
        "loop",
    ],
)
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    """Neither `..`, absolute paths, nor links lead out of the instance's folder, whatever lies there."""
    (tmp_path / "secret.yaml").write_text("finance: {wacc: 0.05}\n", encoding="utf-8")
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "loop").symlink_to(folder / "loop")
    found = issues(write(folder, main=f"include:\n  - '{name}'\n" + TINY))
    assert [(i.line, i.path) for i in found] == [(2, "include.0")]


@pytest.mark.parametrize(
    ("value", "message"),
    [("parts.yaml", "a list of files"), ("[3]", "a file name"), ("[none.yaml]", "no file"), ("['']", "a file name")],
)
def test_what_is_no_list_of_files_is_refused(tmp_path: Path, value: str, message: str) -> None:
    """A bare name, a number, a missing file."""
    assert message in issues(write(tmp_path, main=f"include: {value}\n" + TINY))[0].message


def test_included_files_are_read_strictly_too(tmp_path: Path) -> None:
    """A trap in an included file is reported in that file; a list in place of an instance ends the load."""
    found = issues(write(tmp_path, main="include: [b.yaml]\n" + TINY, b="\ntitle: NO\n"))
    assert [(Path(i.file).name, i.line, i.path) for i in found] == [("b.yaml", 2, "title")]
    assert "not a mapping" in issues(write(tmp_path, main="include: [b.yaml]\n" + TINY, b="- a\n"))[0].message


def test_text_in_memory_cannot_include(tmp_path: Path) -> None:
    """Without a folder there is nothing to include from, so the field is unknown."""
    with pytest.raises(InputError, match=r"f\.yaml:1: include: unknown field"):
        load_text("include: [a.yaml]\n" + TINY, "f.yaml")


def test_data_is_read_with_includes_for_suites(tmp_path: Path) -> None:
    """`read_data` gives what overrides address."""
    main = write(tmp_path, main="include: [b.yaml]\n" + TINY, b="finance: {wacc: 0.05}\n")
    assert read_data(main)["finance"] == {"wacc": 0.05}
    assert read_data(main, (Override("finance.wacc", 0.1),))["finance"] == {"wacc": 0.1}
    with pytest.raises(InputError, match="did you mean 'wacc'"):
        read_data(main, (Override("finance.wac", 0.1),))
