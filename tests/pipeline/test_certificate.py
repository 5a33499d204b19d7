"""The sentence that says how a bound was got by pricing."""

from fleetopt.pipeline.certificate import PROOF, proof_line

FIGURES = {"columns": 460_800, "columns_in_lp": 21_000, "rounds": 14, "sides_musd": 786.19, "correction_musd": 0.0}


def test_the_line_says_how_many_were_priced_and_what_they_could_save() -> None:
    """Counts, rounds, the worth of the sides and the correction, each as it stands in the manifest."""
    said = proof_line(FIGURES)[PROOF]
    for part in ("460,800", "14 rounds", "21,000", "786.190000 M$", "0.000000 M$", "docs/certificate.md"):
        assert part in said
    assert "its own bound" not in said and "its own bound" in proof_line({**FIGURES, "whole_part": True})[PROOF]


def test_an_lp_with_all_columns_is_said_to_be_one() -> None:
    """With every column in the LP there are no rounds; without any LP nothing was priced."""
    assert "priced in one LP; at the last" in proof_line({**FIGURES, "columns_in_lp": 460_800, "rounds": 1})[PROOF]
    assert "priced in one LP for each period" in proof_line({**FIGURES, "duals_from": "periods", "rounds": 1})[PROOF]
    assert "slices of a period are merged" in proof_line({**FIGURES, "duals_from": "merged slices", "rounds": 1})[PROOF]
    assert "no time to price" in proof_line({**FIGURES, "rounds": 0})[PROOF]


def test_nothing_is_said_of_what_was_not_priced_or_does_not_read() -> None:
    """No certificate, one without a bound, or one that somebody changed to text: no line."""
    assert proof_line(None) == {}
    assert proof_line({**FIGURES, "sides_musd": None}) == {}
    assert proof_line({**FIGURES, "columns": "many"}) == {}
