"""Theses from a suite file to theses.md: borne out or refuted by a run, and written from its figures alone."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from theses_suite import SUITE

from fleetopt.errors import InputError, UsageError
from fleetopt.suite import SuiteOptions, SuiteResult, run_suite
from fleetopt.suite.load import load_suite
from fleetopt.suite.record import Kept, lookup, record_from
from fleetopt.suite.theses_page import Where, theses_page
from fleetopt.suite.theses_pictures import theses_pictures
from fleetopt.suite.verdicts import rulings, said

Ran = tuple[Path, Path, SuiteResult]
"""Suite file, folder, result."""


@pytest.fixture(scope="module")
def ran(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The miniature suite, run."""
    folder = tmp_path_factory.mktemp("theses")
    path = folder / "toy.yaml"
    path.write_text(SUITE.format(base=root / "instances" / "tutorial" / "mix.yaml"), encoding="utf-8")
    return path, folder / "out", run_suite(path, folder / "out", SuiteOptions(workers=2))


def test_theses_are_borne_out_or_refuted_by_the_run(ran: Ran) -> None:
    """T4 holds by all three expectations; T9 fails, for the machine stays at three times the price: both can lose."""
    _, _, result = ran
    assert [(r.thesis.id, r.outcome) for r in result.answers.rulings] == [("T4", "borne out"), ("T9", "refuted")]
    assert all(judgement.holds for judgement in result.judgements)
    assert result.exit_code == 0


def test_the_page_says_what_the_run_says(ran: Ran) -> None:
    """Costs, the flip, the sentence for the outcome, the table, what had to hold, and where it all comes from."""
    _, out, result = ran
    page = (out / "theses.md").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    costs = {s.name: s.plan.get("objective_usd") for s in result.scenarios}
    assert f"At 4.5 ms the fleet costs ${costs['base'] / 1e6:.2f} M, at 50 ms" in page
    assert "Of 2 claims: **1 borne out, 1 refuted**" in page
    assert "**Borne out.** So it is." in page and "**Refuted.** It stays, with 1 machine." in page
    assert "with 1 machine; 50.0 % of the plane." in page
    assert "\n\nWithout it: infeasible, –. Take " in page
    assert "| No SRAM | no plan (infeasible) | – | – | – |" in page
    assert "DOES NOT HOLD: price-02 avoids sram-machine" in page
    assert "](/" not in page and "](.." not in page and "figures. mix.yaml, toy.yaml." in page
    assert "<tags>" not in page and "A *toy*, with &lt;tags&gt;." in page
    assert "{" not in page.replace("{{", "")


def test_in_a_repository_pages_link_to_their_files(ran: Ran) -> None:
    """Instances are found from the page's folder through the suite's; in a run folder nothing says where they lie."""
    where = Where("../instances/suites/theses.yaml")
    assert where.instance_link("../theses/speed.yaml") == "[speed.yaml](../instances/theses/speed.yaml)"
    assert where.suite_link() == "[theses.yaml](../instances/suites/theses.yaml)"
    assert Where("theses.yaml", linked=False).instance_link("../theses/speed.yaml") == "../theses/speed.yaml"
    _, out, _ = ran
    for name in ("theses.md", "theses.json", "comparison.md", "regret.md", "flips/sram-enters/flip.md"):
        assert str(out.parent) not in (out / name).read_text(encoding="utf-8")


def test_every_link_and_picture_of_the_page_is_there(ran: Ran) -> None:
    """Files that it links to exist, pictures are well-formed SVG, and anchors are headings."""
    _, out, _ = ran
    page = (out / "theses.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", page)
    headings = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^## (.+)$", page, re.M)}
    for link in links:
        assert (link[1:] in headings) if link.startswith("#") else (out / link).is_file(), link
    pictures = [link for link in links if link.endswith(".svg")]
    assert pictures == ["theses-t4.svg", "theses-t9.svg"]
    for picture in pictures:
        assert ElementTree.fromstring((out / picture).read_bytes()).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_page_follows_from_the_figures_alone(ran: Ran) -> None:
    """Made again from theses.json and the suite file, page and pictures are the same bytes."""
    path, out, _ = ran
    file, record = load_suite(path).file, record_from(out / "theses.json")
    assert theses_page(file, record, Where("toy.yaml", linked=False)) == (out / "theses.md").read_text(encoding="utf-8")
    for name, text in theses_pictures(file, record).items():
        assert text == (out / name).read_text(encoding="utf-8")
    assert record.to_json() == (out / "theses.json").read_text(encoding="utf-8")
    assert str(out) not in record.to_json()


def test_another_run_gives_another_verdict(ran: Ran) -> None:
    """With the plans of base and relaxed exchanged, T4 is refuted and its text has the other figures."""
    path, out, _ = ran
    file, record = load_suite(path).file, record_from(out / "theses.json")
    plans = dict(record.scenarios)
    plans["base"], plans["relaxed"] = plans["relaxed"], plans["base"]
    other = replace(record, scenarios=plans)
    assert rulings(file.theses, other)[0].outcome == "refuted"
    page = theses_page(file, other, Where("toy.yaml"))
    assert "**Refuted.** It is not so." in page


def test_a_run_without_an_end_decides_nothing(ran: Ran) -> None:
    """Where the scenario of T9 did not run it is undecided, and says neither sentence."""
    path, out, _ = ran
    file, record = load_suite(path).file, record_from(out / "theses.json")
    plans = {**record.scenarios, "price-02": Kept("Price", "x.yaml", {})}
    other = replace(record, scenarios=plans)
    assert rulings(file.theses, other)[1].outcome == "undecided"
    assert "It stays" not in theses_page(file, other, Where("toy.yaml"))


def test_a_flip_that_was_not_found_stands_in_a_sentence(ran: Ran) -> None:
    """Its value is `no value between` both ends, unknown where a run had no end, or the text's own words."""
    _, out, _ = ran
    record = record_from(out / "theses.json")
    flip = replace(record.flips["sram-enters"], brackets=())
    text = "It costs {flip.sram-enters.at}, or {flip.sram-enters.at:n else nothing} at all."
    assert said(text, replace(record, flips={"sram-enters": flip})) == (
        "It costs no value between 50 ms and 4.5 ms, or nothing at all."
    )
    points = (replace(flip.points[0], state="unknown"), *flip.points[1:])
    unknown = replace(record, flips={"sram-enters": replace(flip, points=points)})
    assert said("{flip.sram-enters.at}", unknown) == "an unknown value between 50 ms and 4.5 ms"


def test_what_serves_different_things_is_not_compared(ran: Ran) -> None:
    """All rows beside the first, by default; with `compare: false` none; with lists each beside its list's first."""
    path, out, _ = ran
    file, record = load_suite(path).file, record_from(out / "theses.json")

    def rows(compare: object) -> list[list[str]]:
        theses = (file.theses[0].model_copy(update={"compare": compare}),)
        page = theses_page(file.model_copy(update={"theses": theses}), record, Where("toy.yaml", linked=False))
        lines = page.splitlines()
        head = next(n for n, line in enumerate(lines) if line.startswith("| scenario | cost"))
        return [line.strip("| ").split(" | ") for line in (lines[head], *lines[head + 2 : head + 7])]

    heads, base, relaxed, _, price_1, price_3 = rows(True)
    assert heads[2] == "than the first" and base[2] == "–" and relaxed[2].startswith("−") and price_1[2] == "the same"
    assert [len(row) for row in rows(False)] == [4] * 6
    heads, base, relaxed, _, first, third = rows((("relaxed", "base"), ("price",)))
    assert heads[2] == "than the first of its kind" and third[2] == price_3[2]
    assert base[2].startswith("+") and relaxed[2] == first[2] == "–"


def test_figures_of_flips_maps_and_regret(ran: Ran) -> None:
    """The middle of the bracket, its ends and their plans, the part of the plane, and the plan to take."""
    _, out, result = ran
    record = record_from(out / "theses.json")
    flip = result.answers.flips["sram-enters"]
    assert flip.at is not None and flip.solves >= 4

    def shown(name: str) -> str:
        return lookup(record, tuple(name.split("."))).said

    at = lookup(record, ("flip", "sram-enters", "at"))
    assert at.unit == "s" and flip.at.second.value < at.value < flip.at.first.value
    assert shown("flip.sram-enters.holds") == flip.at.second.shown
    assert shown("flip.sram-enters.fails") == flip.at.first.shown
    assert shown("flip.sram-enters.first.bought.sram-machine") == "0"
    assert shown("flip.sram-enters.end.value") == "4.5 ms"
    assert shown("map.plane.cells") == "4" and shown("map.plane.part") == "50.0 %"
    assert shown("regret.largest.plan") in ("base", "relaxed")
    assert "at " in shown("flip.sram-enters.worth") or shown("flip.sram-enters.worth") == "not proven"
    for wrong in ("flip.sram-enters.x", "map.plane.x", "regret.x.usd", "scenario.x.cost", "else.x"):
        with pytest.raises(ValueError, match="there is no"):
            shown(wrong)


def test_everything_asked_has_its_pages(ran: Ran) -> None:
    """Flips, maps and regret each have text, page and data; the comparison names them."""
    _, out, _ = ran
    for name in ("flips/sram-enters/flip", "maps/plane/map"):
        assert all((out / f"{name}.{kind}").is_file() for kind in ("md", "json", "html", "svg"))
    assert all((out / f"regret.{kind}").is_file() for kind in ("md", "csv", "json", "html"))
    comparison = (out / "comparison.md").read_text(encoding="utf-8")
    assert "[sram-enters](flips/sram-enters/flip.md): From " in comparison
    assert "- T9 Dear SRAM leaves: refuted" in comparison
    assert json.loads((out / "flips/sram-enters/flip.json").read_text(encoding="utf-8"))["said"].startswith("From ")


def test_regret_of_the_run(ran: Ran) -> None:
    """The plan of base serves where nobody waits and costs more there; that of relaxed cannot serve premium at all."""
    _, out, result = ran
    found = result.answers.regret
    assert found is not None and found.scenarios == ("base", "relaxed") and found.weights == (0.75, 0.25)
    base, relaxed = found.lines
    served = base.cells[1]
    assert served.kind == "served" and served.regret_usd is not None and served.regret_usd > 0
    plan = json.loads((out / "regret" / "base-in-relaxed" / "plan.json").read_text(encoding="utf-8"))
    bought = {p["system"]: p["units"] for p in plan["purchases"]}
    own = json.loads((out / "base" / "plan.json").read_text(encoding="utf-8"))
    assert bought == {p["system"]: p["units"] for p in own["purchases"]}
    assert served.cost_usd == plan["objective_usd"]
    assert relaxed.cells[0].kind == "cannot serve" and "premium" in relaxed.cells[0].because


def test_a_record_that_is_none(tmp_path: Path) -> None:
    """Another file in its place is refused in words."""
    (tmp_path / "theses.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="no figures of a suite"):
        record_from(tmp_path / "theses.json")


@pytest.mark.parametrize(
    "wrong, right, message",
    [
        ("{{flip.sram-enters.at}} with", "{{flip.sram-enter.at}} with", "theses.T4.text: {flip.sram-enter.at}: there"),
        ("{{scenario.relaxed.cost}}\n", "{{scenario.relaxed.price}}\n", "there is no figure 'price' of a plan"),
        ("second.bought.sram-machine", "second.bought.sram-machin", "there is no system 'sram-machin'; did you mean"),
        ("maps: [plane]", "maps: [plain]", "there is no map 'plain'; did you mean 'plane'"),
        ("flips: [sram-enters]", "flips: [x]", "there is no flip 'x'"),
        ("scenarios: [base, price-02]", "scenarios: [base, price-03]", "there is no scenario 'price-03'"),
        ("scenario: price-02, system", "scenario: price-03, system", "theses.T9.expect.0: there is no scenario"),
        ("fact: {{uses: {{kind: wafer}}}}", "fact: {{uses: {{kind: memory}}}}", "maps.plane: no system has kind"),
        ("between: [50 ms, 4.5 ms]\n    scale", "between: [0, 4.5 ms]\n    scale", "flips.sram-enters: a log scale"),
        ("path: workloads.premium.slo.tpot_s\n", "path: workloads.premium.slo.tpott_s\n", "did you mean 'tpot_s'"),
        ("weights: {{base: 3}}", "weights: {{other: 3}}", "weights 'other', which is none of its scenarios"),
        ("flips: [sram-enters]\n    maps", "flips: [sram-enters]\n    compare: [[base, price], [base-2]]\n    maps",
         "theses.T4.compare: there is no scenario 'base-2'"),
        ("scenarios: [base, price-02]", "scenarios: [base, price-02]\n    compare: [[relaxed]]",
         "theses.T9.compare: 'relaxed' is none of its scenarios"),
        ("{{flips: sram-enters}}", "{{flips: sram-leaves}}", "expect.2: there is no flip 'sram-leaves'"),
        ("chip_memory: SRAM, workload: premium, share", "chip_memory: GDDR, workload: premium, share", "has chip_m"),
        ("picture: {{shares: standard}}", "picture: {{flip: x}}", "theses.T9.picture: there is no flip 'x'"),
        ("prove: true\n    fact: {{uses: {{chip_memory: SRAM, workload: premium}}}}",
         "prove: true\n    fact: {{feasible: true}}", "prove: nothing can be switched off"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_runs(
    root: Path, tmp_path: Path, wrong: str, right: str, message: str
) -> None:
    """Names in texts, facts, tables and weights are looked up at reading, with the line."""
    assert wrong in SUITE
    path = tmp_path / "toy.yaml"
    base = root / "instances" / "tutorial" / "mix.yaml"
    path.write_text(SUITE.replace(wrong, right).format(base=base), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_suite(path)
    assert message in str(caught.value) and re.match(r".*toy\.yaml:\d+: ", str(caught.value))
