"""A table of rows: each with `predicted` and `model_note`, everything else passed through."""

from collections.abc import Iterable, Iterator, Mapping

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.fields import CannotPredictError
from fleetopt.prediction.rows.serving import predict_serving
from fleetopt.prediction.rows.training import predict_training

ADDED = ("predicted", "model_note")
SERVING, TRAINING = "mode", "params"
"""Columns that tell the kind of a file."""


def kind_of(header: Iterable[str]) -> str | None:
    """`serving` or `training`, told by the header; None where it is neither."""
    columns = set(header)
    if SERVING in columns:
        return "serving"
    return "training" if TRAINING in columns else None


def predicted_rows(
    rows: Iterable[Mapping[str, str]], kind: str, options: PredictionOptions
) -> Iterator[dict[str, str]]:
    """Rows in their order with the two columns added; one that cannot be predicted has a reason and no figure."""
    predict = predict_serving if kind == "serving" else predict_training
    for row in rows:
        try:
            answer = predict(row, options)
            added = (f"{answer.value:.6g}", answer.note)
        except CannotPredictError as error:
            added = ("", f"not predicted: {error}")
        except ArithmeticError:
            added = ("", "not predicted: its figures are out of all proportion")
        yield {**row, **dict(zip(ADDED, added, strict=True))}
