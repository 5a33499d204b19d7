"""The workload section as text: figures with what they rest on beside them, the same bytes for the same traces."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import wrap

from fleetopt.demand.hull import Corner
from fleetopt.demand.sessions import Sessions, curve
from fleetopt.demand.study import FileRead, Study

_WIDTH = 118
DISPERSION_LIMIT = 100.0
"""Most that the field `dispersion` takes."""


@dataclass(frozen=True)
class Named:
    """What a trace does not say of its workload."""

    id: str
    model: str
    precision: str
    kv_precision: str
    region: str
    ttft: str
    tpot: str
    tiers: tuple[str, ...]
    rate_per_s: float | None = None
    """Mean rate where it is not that of the trace."""
    published: Sessions | None = None
    """Sessions whose statistics give the reuse curve of a trace without hashes."""
    given: tuple[str, ...] = ()
    """Which of these the user gave."""
    notes: tuple[str, ...] = ()
    """Lines on where the traces come from."""


def section_text(study: Study, named: Named, kv_gb: Callable[[float], float] | None) -> str:
    """The section; `kv_gb` says the GB of KV of so many tokens, where the model is known."""
    parts = [
        *_said(study, named, kv_gb),
        "workloads:",
        f"  - id: {named.id}",
        "    kind: answer",
        f"    model: {named.model}",
        f"    precisions: [{named.precision}]",
        f"    kv_precision: {named.kv_precision}",
        f"    slo: {{ttft_s: {named.ttft}, tpot_s: {named.tpot}, percentile: 0.95}}",
        "    buckets:",
        *_buckets(study),
        "    demand:",
        *_demand(study, named),
        *_curve(study, named),
    ]
    return "\n".join(parts) + "\n"


def _said(study: Study, named: Named, kv_gb: Callable[[float], float] | None) -> Iterator[str]:
    """The comments above the section."""
    yield "#"
    yield from _comment("TRACES", [line for file in study.files for line in _file(file)] + list(named.notes))
    yield from _comment("ARRIVALS", list(_arrivals(study)))
    yield from _comment("SIZES", list(_sizes(study)))
    if study.reuse is not None or named.published is not None:
        yield from _comment("REUSE", list(_reuse(study, named, kv_gb)))
    assumed = [
        name for name in ("model", "precision", "kv-precision", "region", "ttft", "tpot") if name not in named.given
    ]
    said = "Model, formats, region and targets are not in a trace."
    if assumed:
        said += f" ASSUMED here: {', '.join(assumed)}; edit them, or say --{' --'.join(assumed)}."
    yield from _comment(
        "NOT IN THE TRACES", [said, "Growth is the instance's: demand.growth_per_period or period_factors."]
    )


def _comment(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield f"# {title}"
    for line in lines:
        yield from wrap(line, _WIDTH, initial_indent="#   ", subsequent_indent="#     ", break_on_hyphens=False)


def _file(file: FileRead) -> Iterator[str]:
    rows, shape = file.rows, file.shape
    columns = ", ".join(f"{role} {name}" for role, name in shape.columns.items())
    clock = "dates" if shape.unit == "iso" else f"timestamps in {shape.unit}{' (concluded)' if shape.guessed else ''}"
    yield f"{_plain(file.name)}: {rows.good:,} of {rows.read:,} rows count. Columns: {_plain(columns)}; {clock}."
    yield f"SHA-256 {file.sha256}"
    if shape.filter is not None:
        yield f"only rows with {_plain(shape.filter[0])} = {_plain(shape.filter[1])}: {rows.left_out:,} left out"
    for reason in rows.reasons():
        yield f"BAD: {_plain(reason)}"
    notes = {
        "rows out of order, counted at their time": rows.out_of_order,
        "rows without output, prefilled only": rows.no_output,
        "blocks twice in a prompt, the second left out of the curve": rows.repeated_blocks,
        "empty lines": rows.blank,
    }
    yield from (f"{count:,} {what}" for what, count in notes.items() if count)


def _arrivals(study: Study) -> Iterator[str]:
    since = ""
    if study.start_us is not None:
        since = f" from {datetime.fromtimestamp(study.start_us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield f"{study.requests:,} requests in {study.span_s:,.0f} s{since}: {study.requests / study.span_s:.6g} a second."
    shown = [(w, "too short" if w.dispersion is None else f"{w.dispersion:.3g}") for w in study.windows]
    yield "Index of dispersion (variance / mean of counts, 1 for Poisson) and peak factor (busiest window / mean):"
    yield "; ".join(f"{w.window_s} s: {said}, {w.peak_factor:.3g}" for w, said in shown)
    if study.dispersion is not None and study.dispersion.dispersion is not None:
        yield (
            f"dispersion is that of {study.dispersion.window_s} s: about as long as a busy batching server remembers. "
            "A site that sees a share p of such traffic at random has 1 + p (index - 1)."
        )
        if study.dispersion.dispersion > DISPERSION_LIMIT:
            yield f"It is cut to {DISPERSION_LIMIT:g}, the most that an instance may say."
    if study.slices.rates:
        yield "By slice, rate a second, over the mean, and busiest five minutes over the slice's own mean:"
        yield "; ".join(f"{s.id}: {s.rate_per_s:.4g}, {s.factor:.4g}, {s.peak_factor:.3g}" for s in study.slices.rates)
    else:
        yield f"NO RATES BY SLICE: {study.slices.why_not}. The mean stands for every slice."
    if study.hours:
        yield "By hour of the day (UTC, 0 to 23), over the mean:"
        yield " ".join(f"{factor:.3f}" for factor in study.hours)


def _sizes(study: Study) -> Iterator[str]:
    sizes, totals = study.sizes, study.totals
    yield f"{totals['input']:,.0f} tokens in and {totals['output']:,.0f} out, both kept exactly by the buckets."
    errors = sizes.errors
    yield (
        f"{len(sizes.buckets)} buckets lose {errors['prefill']:.2%} of the sum of input² (attention of prefill), "
        f"{errors['decode']:.2%} of input x output + output²/2 (KV read by decode), {errors['spread']:.2%} of output²; "
        f"correlation of input and output {sizes.correlation:.3f}, in the trace {sizes.trace_correlation:.3f}."
    )
    largest = study.largest
    yield f"Largest input {largest['input']:,}, output {largest['output']:,}, both together {largest['both']:,} tokens."


def _reuse(study: Study, named: Named, kv_gb: Callable[[float], float] | None) -> Iterator[str]:
    found = study.reuse
    if found is None:
        assert named.published is not None
        yield f"PARAMETRIC, not measured: {named.published.name}. Source: {named.published.source}."
        yield f"Confidence: {named.published.confidence}; {named.published.note}."
        return
    if study.lower_bound:
        yield (
            f"A LOWER BOUND: in {study.span_s / 3600:.3g} h first uses are misses that a longer log would have seen "
            "before, and sessions that come back later are not seen at all."
        )
    yield (
        f"An endless cache finds {found.ideal:.2%} of the input, {found.shared_hit_share:.2%} in prompts shared by all "
        f"({found.shared_tokens:,.0f} tokens). Blocks of {found.block_tokens} tokens, LRU from the leaves."
    )
    if study.prompts_sampled < 1:
        yield f"Measured with {study.prompts_sampled:.3%} of the blocks (SHARDS), for memory."
    rate = found.tokens_per_s
    for held_s, share in found.corners:
        tokens, stays_s = held_s * rate, held_s / max(1.0 - share - found.shared_hit_share, 1e-9)
        size = f", {kv_gb(tokens):,.4g} GB of {named.model} KV in {named.kv_precision}" if kv_gb is not None else ""
        yield (
            f"{held_s:,.0f} s of input find {share:.2%}: {tokens / 1e6:,.3g} M tokens at the trace's rate{size}; "
            f"a block stays {stays_s:,.0f} s"
        )
    yield "Where sites share the traffic, each finds in caches of those sizes (of its own input), and in endless ones:"
    for spread in study.spreads:
        how = "by prefix" if spread.routing == "prefix" else "at random"
        hits = " ".join(f"{hit:.1%}" for hit in spread.hits)
        yield f"{spread.sites} site{'s, split ' + how if spread.sites > 1 else ''}: {hits}, {spread.ideal:.1%}"


def _buckets(study: Study) -> Iterator[str]:
    total = study.requests
    for name, bucket in zip(_ids(study), study.sizes.buckets, strict=True):
        yield (
            f"      - {{id: {name}, share: {bucket.requests / total:.10f}, input_tokens: {bucket.input_tokens:.4f}, "
            f"output_tokens: {bucket.output_tokens:.4f}}} # {bucket.requests:,} requests"
        )


def _ids(study: Study) -> list[str]:
    """`in605-out107`: the mean tokens of each bucket, with a letter where two round to the same."""
    names = [f"in{bucket.input_tokens:.0f}-out{bucket.output_tokens:.0f}" for bucket in study.sizes.buckets]
    return [name if names.count(name) == 1 else f"{name}-{names[: n + 1].count(name)}" for n, name in enumerate(names)]


def _demand(study: Study, named: Named) -> Iterator[str]:
    if study.dispersion is not None and study.dispersion.dispersion is not None:
        yield f"      dispersion: {min(study.dispersion.dispersion, DISPERSION_LIMIT):.4g}"
    rate = study.rate_per_s if named.rate_per_s is None else named.rate_per_s
    factors = ""
    if study.slices.rates:
        factors = ", slice_factors: {" + ", ".join(f"{s.id}: {s.factor:.6g}" for s in study.slices.rates) + "}"
    yield "      regions:"
    yield f"        - {{region: {named.region}, rate_per_s: {rate:.10g}{factors}}}"


def _curve(study: Study, named: Named) -> Iterator[str]:
    found = study.reuse
    corners: Sequence[Corner] = found.corners if found is not None else ()
    basis = "lower_bound" if study.lower_bound else "measured"
    if found is None and named.published is not None:
        corners, basis = curve(named.published), "parametric"
    if not corners:
        return
    yield "    reuse_curve:"
    yield f"      basis: {basis}"
    yield f"      tiers: [{', '.join(named.tiers)}]"
    if found is not None and found.shared_tokens and found.shared_hit_share > 0:
        yield f"      shared_tokens: {found.shared_tokens:.10g}"
        yield f"      shared_hit_share: {found.shared_hit_share:.6f}"
    yield "      points:"
    yield from (f"        - {{held_s: {held_s:.6g}, hit_share: {share:.6f}}}" for held_s, share in corners)


def _plain(text: str) -> str:
    """Text from a file, fit for a comment: one line of printable characters, not too long."""
    return "".join(c if c.isprintable() else "?" for c in text)[:400]
