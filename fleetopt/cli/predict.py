"""`predict`: performance of one configuration, or of every row of a file of measurements."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fleetopt.cli.options import Json
from fleetopt.cli.output import print_json, print_table, say, warn
from fleetopt.cli.predict_text import duration, print_bands, print_parts, rate, within
from fleetopt.cli.progress import progress
from fleetopt.errors import UsageError

if TYPE_CHECKING:
    from fleetopt.instance.models import Model
    from fleetopt.prediction.speculation import Drafting

_HELP = """Predict what one configuration does (`predict serving`, `predict training`) or each row of a file (`--rows`).

A row file has the columns of a table of measurements (docs/prediction.md); the answer is the same table with
`predicted`, in the row's own metric and unit, and `model_note`, what had to be decided or why there is no figure.

Example: `fleetopt predict serving --model llama-3.1-70b --on hgx-h100-8 --tp 8 --batch 64`, or
`fleetopt predict --rows measured.csv --out predicted.csv`
"""
QUIET_S = 2.0
"""Seconds before progress is shown."""
predict = typer.Typer(help=_HELP, invoke_without_command=True, rich_markup_mode="markdown")

Format = Literal["fp32", "bf16", "fp8", "fp4", "int4"]
ModelName = Annotated[str, typer.Option("--model", help="Model: an id of the catalogue, or a name of row files.")]
On = Annotated[str, typer.Option("--on", help="Chip or system: an id of the catalogue, or a name of row files.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change one option of prediction: `prediction.engine=vllm`."),
]
TensorDegree = Annotated[int | None, typer.Option("--tp", min=1, max=10_000, help="Chips that share each layer.")]
PipelineDegree = Annotated[int | None, typer.Option("--pp", min=1, max=1_000, help="Pipeline stages.")]
ExpertDegree = Annotated[int | None, typer.Option("--ep", min=1, max=10_000, help="Chips the experts are spread over.")]


@predict.callback()
def rows(
    context: typer.Context,
    rows_: Annotated[Path | None, typer.Option("--rows", metavar="IN.csv", help="File of rows to predict.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="OUT.csv", help="Where the answer goes.")] = None,
    set_: Set = None,
) -> None:
    """Predict every row of a file; without `--rows` one of the commands below."""
    if context.invoked_subcommand is not None:
        if rows_ is not None or out is not None or set_:
            raise UsageError("predict: --rows, --out and --set stand before no command; try --set after it")
        return
    if rows_ is None or out is None:
        raise UsageError("predict: --rows and --out go together; try: fleetopt predict --rows IN.csv --out OUT.csv")
    from fleetopt.prediction.rows.file import read_rows, write_rows
    from fleetopt.prediction.rows.table import predicted_rows

    options = _options(set_)
    read = read_rows(rows_)
    counts = {"predicted": 0, "refused": 0}
    with progress() as report:
        answers = _counted(predicted_rows(read.rows, read.kind, options), len(read.rows), counts, report)
        write_rows(out, read.answer_columns, answers)
    refused = f", {counts['refused']} not: their model_note says why" if counts["refused"] else ""
    warn(f"wrote {out}: {counts['predicted']} of {len(read.rows)} {read.kind} rows predicted{refused}")


def _counted(
    answers: Iterable[Mapping[str, str]], total: int, counts: dict[str, int], report: Any
) -> Iterator[Mapping[str, str]]:
    """The answers, counted, with a line of progress every two seconds."""
    said = time.monotonic()
    for number, row in enumerate(answers, start=1):
        counts["predicted" if row["predicted"] else "refused"] += 1
        if time.monotonic() - said > QUIET_S:
            said = time.monotonic()
            report(f"{number} of {total} rows")
        yield row


@predict.command()
def serving(
    model: ModelName,
    on: On,
    input_tokens: Annotated[float, typer.Option("--input", min=0, max=1e9, help="Tokens of the prompt.")] = 2000.0,
    output_tokens: Annotated[float, typer.Option("--output", min=1, max=1e9, help="Tokens generated.")] = 300.0,
    cached_tokens: Annotated[
        float, typer.Option("--cached", min=0, max=1e9, help="Of the prompt, tokens kept as KV.")
    ] = 0.0,
    batch: Annotated[
        int | None, typer.Option(min=1, max=10**9, help="Requests at once; 32 or what fits where absent.")
    ] = None,
    tp: TensorDegree = None,
    pp: PipelineDegree = None,
    ep: ExpertDegree = None,
    attention_dp: Annotated[
        int | None, typer.Option("--attention-dp", min=1, max=10_000, help="Copies of attention in a tensor group.")
    ] = None,
    precision: Annotated[Format | None, typer.Option(help="Weights; as released where absent.")] = None,
    kv_precision: Annotated[Format, typer.Option("--kv-precision", help="KV cache.")] = "bf16",
    pool: Annotated[
        Literal["aggregated", "prefill", "decode"], typer.Option(help="Both on the same chips, or one half of a pair.")
    ] = "aggregated",
    draft_tokens: Annotated[
        int | None, typer.Option("--draft-tokens", min=1, max=64, help="Speculative decoding: tokens drafted a pass.")
    ] = None,
    tokens_per_pass: Annotated[
        float | None, typer.Option("--tokens-per-pass", min=1, max=65, help="... and tokens gained a pass, of those.")
    ] = None,
    draft_layers: Annotated[
        int | None, typer.Option("--draft-layers", min=0, max=1_000, help="... by so many layers like the model's; 1.")
    ] = None,
    draft_model: Annotated[
        str | None, typer.Option("--draft-model", help="... or by a small model on the same chips.")
    ] = None,
    set_: Set = None,
    json_: Json = False,
) -> None:
    """Predict one replica: times to the first and between tokens, rates, memory, error bands, and where the time goes.

    Without `--tp` and `--pp` the fewest chips that hold weights and batch. Times are of an empty queue; queues are part
    of planning (`fleetopt solve`). What stands in brackets is what eight of ten measurements of the kind lie within.

    Example: `fleetopt predict serving --model deepseek-r1 --on gb200-nvl72 --tp 8 --ep 8 --precision fp4 --batch 128`
    """
    from fleetopt.prediction import named
    from fleetopt.prediction.single import ServingAsk
    from fleetopt.prediction.single import serving as predicted
    from fleetopt.prediction.types import Layout, Work

    wanted, (chip, _) = named.model(model), named.chip(on)
    if cached_tokens > input_tokens:
        raise UsageError(f"--cached {cached_tokens:g} is more than --input {input_tokens:g}; try it as a part of it")
    stated = any(degree is not None for degree in (tp, pp, ep, attention_dp))
    layout = Layout(tp or 1, pp or 1, ep or 1, attention_dp or 1) if stated else None
    work = Work(input_tokens, cached_tokens, output_tokens)
    drafting = _drafting(wanted, draft_tokens, tokens_per_pass, draft_layers, draft_model)
    weights = precision or wanted.native_precision
    ask = ServingAsk(wanted, chip, weights, kv_precision, work, pool, layout, batch, drafting)
    found = predicted(ask, _options(set_))
    if json_:
        print_json(found)
        return
    shape = found["layout"]
    say(
        f"{found['model']} on {found['chips']} x {found['chip']}, tp {shape['tensor']}, pp {shape['pipeline']}, "
        f"ep {shape['expert']}, attention dp {shape['attention_data']}"
        f"{' (the fewest chips that hold it)' if found['layout_chosen'] else ''}, weights in {found['precision']}, "
        f"KV in {found['kv_precision']}"
    )
    bands = found["bands"]
    tpot = within(duration, found["tpot_s"], bands.get("tpot_s")) if found["tpot_s"] else "none: it only prefills"
    lines = [
        ("requests at once", f"{found['batch']} (at most {found['most_requests']} fit)"),
        ("time to first token, empty queue", within(duration, found["ttft_s"], bands.get("ttft_s"))),
        ("time per output token", tpot),
        ("requests a second, at most", within(rate, found["requests_per_s"], bands.get("requests_per_s"))),
        ("input tokens a second", f"{found['input_tokens_per_s']:,.0f}"),
        ("output tokens a second", f"{found['output_tokens_per_s']:,.0f}"),
        ("... a chip", f"{found['output_tokens_per_s_per_chip']:,.0f}"),
        (
            "memory",
            f"weights {found['weights_gb']:.1f} GB + KV {found['kv_gb']:.1f} of {found['usable_gb']:.1f} usable",
        ),
    ]
    if drafting is not None:
        drafts = f"{found['tokens_per_pass']:g} tokens a pass, {drafting.tokens} drafted"
        lines.insert(1, ("speculative decoding", drafts))
    print_table("Predicted", ("", "figure (p10-p90)"), lines, {"figure (p10-p90)"})
    print_bands(found)
    print_parts(found, {"prefill": "a prompt's prefill", "decode": "a decode step"})


@predict.command()
def training(
    model: ModelName,
    on: On,
    chips: Annotated[int, typer.Option(min=1, max=10_000_000, help="Chips of the team.")],
    tokens: Annotated[
        float | None, typer.Option(min=1, max=1e18, help="Tokens of the run, for how long it takes.")
    ] = None,
    sequence: Annotated[float, typer.Option(min=1, max=1e9, help="Tokens of a sequence.")] = 8192.0,
    batch_tokens: Annotated[
        float, typer.Option("--batch-tokens", min=1, max=1e12, help="Tokens of an optimiser step.")
    ] = 16e6,
    tp: TensorDegree = None,
    pp: PipelineDegree = None,
    ep: ExpertDegree = None,
    cp: Annotated[int | None, typer.Option("--cp", min=1, max=10_000, help="Chips a sequence is split over.")] = None,
    vp: Annotated[int, typer.Option("--vp", min=1, max=1_000, help="Pipeline stages that a chip holds.")] = 1,
    micro_batch: Annotated[
        float, typer.Option("--micro-batch", min=1, max=1e6, help="Sequences of a forward pass.")
    ] = 1.0,
    recompute: Annotated[bool, typer.Option("--recompute", help="Compute activations again when going back.")] = False,
    sharded: Annotated[bool, typer.Option("--sharded", help="Split weights and gradients over all chips.")] = False,
    precision: Annotated[Format, typer.Option(help="Of the matrix products.")] = "bf16",
    set_: Set = None,
    json_: Json = False,
) -> None:
    """Predict one team: tokens a second, MFU, goodput, memory, and where the time goes.

    Without any of `--tp`, `--pp`, `--ep`, `--cp`, `--recompute` and `--sharded` the fastest layout that fits.

    Example: `fleetopt predict training --model llama-3.1-405b --on hgx-h100-8 --chips 16384 --tokens 15e12`
    """
    from fleetopt.prediction import named
    from fleetopt.prediction.single import TrainingAsk
    from fleetopt.prediction.single import training as predicted
    from fleetopt.prediction.types import TrainingLayout

    wanted, (chip, _) = named.model(model), named.chip(on)
    layout = None
    if any(degree is not None for degree in (tp, pp, ep, cp)) or recompute or sharded:
        split = (tp or 1) * (pp or 1) * (cp or 1)
        if chips % split:
            raise UsageError(f"--tp x --pp x --cp is {split}, which does not divide --chips {chips}; try other degrees")
        layout = TrainingLayout(
            tp or 1, pp or 1, cp or 1, ep or 1, vp, micro_batch, batch_tokens, recompute, sharded
        )  # fmt: skip
    ask = TrainingAsk(wanted, chip, chips, precision, sequence, batch_tokens, tokens, layout)
    found = predicted(ask, _options(set_))
    if json_:
        print_json(found)
        return
    shape = found["layout"]
    chosen = " (the fastest that fits)" if found["layout_chosen"] else ""
    extras = [word for word, on_ in (("sharded", shape["sharded"]), ("recomputed", shape["recompute"])) if on_]
    degrees = f"tp {shape['tensor']}, pp {shape['pipeline']}, cp {shape['context']}, ep {shape['expert']}"
    said = ", ".join([degrees, *extras]) + chosen
    say(f"{found['model']} on {chips} x {found['chip']}, {said}, in {found['precision']}")
    speed = found["bands"]["tokens_per_s_per_chip"]
    lines = [
        ("tokens a second and chip", within(rate, found["tokens_per_s_per_chip"], speed)),
        ("model TFLOP/s a chip", f"{found['model_tflops_per_chip']:,.1f}"),
        ("MFU", f"{found['mfu']:.1%}"),
        ("goodput, failures and checkpoints", f"{found['goodput']:.1%}"),
        ("memory a chip", f"{found['memory_gb_per_chip']:.1f} GB of {found['usable_gb_per_chip']:.1f} usable"),
    ]
    if found["days"] is not None:
        lines.append((f"days for {tokens:.3g} tokens", f"{found['days']:,.1f}"))
    print_table("Predicted", ("", "figure (p10-p90)"), lines, {"figure (p10-p90)"})
    print_bands(found)
    print_parts(found, {"training": "a token and chip"})


def _options(texts: list[str] | None) -> Any:
    """Options of prediction with what `--set` changes, each said on stderr."""
    from fleetopt.instance.set_prediction import options_with

    options, log = options_with(texts or ())
    for change in log:
        warn(f"set {change}")
    if options.engine not in ("typical", *options.engines):
        warn(f"warning: engine {options.engine!r} has no costs of its own, it is taken as typical")
    return options


def _drafting(
    model: Model, tokens: int | None, gained: float | None, layers: int | None, draft_model: str | None
) -> Drafting | None:
    """Speculative decoding as the flags say; None where they say nothing."""
    if tokens is None and gained is None and layers is None and draft_model is None:
        return None
    if tokens is None or gained is None:
        raise UsageError("--draft-tokens and --tokens-per-pass go together; try --draft-tokens 3 --tokens-per-pass 2.4")
    if gained > tokens + 1:
        raise UsageError(f"--tokens-per-pass {gained:g} is more than --draft-tokens + 1; try at most {tokens + 1}")
    if layers is not None and draft_model is not None:
        raise UsageError("--draft-layers and --draft-model are two ways to draft; try one of them")
    from fleetopt.prediction import named
    from fleetopt.prediction.speculation import Drafting, layers_like

    if draft_model is not None:
        return Drafting(tokens, gained, named.model(draft_model), True)
    depth = 1 if layers is None else layers
    return Drafting(tokens, gained, layers_like(model, depth) if depth else None, False)


def register(app: typer.Typer) -> None:
    """Add this group."""
    app.add_typer(predict, name="predict")
