"""The memory hierarchy as a picture: a row for each tier, fastest first, with room, bandwidth and dollars by period.

Tiers differ by orders of magnitude, so each cell has a scale of its own, and says its largest figure. Text and shapes
alone: the same plan gives the same bytes, no library is needed, and a page can take the picture in as it stands.
"""

from collections.abc import Iterator, Sequence
from html import escape

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.hierarchy import FAST, TierUse, tier_uses
from fleetopt.report.text import memory, usd

WIDTH, LABELS, GAP = 960.0, 250.0, 24.0
TOP, ROW, BAR = 58.0, 84.0, 44.0
CELL = (WIDTH - LABELS - 3 * GAP - 4) / 3
INK, MUTED, ROOM, USED, SPENT = "#1c2430", "#5a6675", "#cfdcec", "#2f6db3", "#d9822b"
FAST_LABEL = "Fast memory of all chips"

Bars = Sequence[tuple[float, float]]
"""(all there is, of which used) by period."""


def memory_picture(plan: Plan, instance: Instance) -> str:
    """The picture as SVG; empty for a plan without memory."""
    found = tier_uses(plan, instance)
    if not found:
        return ""
    height = TOP + ROW * len(found) + 34
    names = {m.id: m.name or m.id for m in instance.memory} | {FAST: FAST_LABEL}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
        "<title>Memory hierarchy: room, read bandwidth and dollars by tier and period</title>",
        f'<rect width="{WIDTH:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        *_heads(),
    ]
    for number, (tier, uses) in enumerate(found.items()):
        parts += _row(names[tier], uses, TOP + ROW * number)
    parts += _foot(plan.periods, height)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _heads() -> Iterator[str]:
    for number, said in enumerate(("Room: there, held at most", "Reading: possible, at most", "Spent, undiscounted")):
        yield _text(_left(number), 22, said, weight="600")
    yield _text(0, 22, "Fastest first", weight="600", indent=8)
    yield f'<rect x="8" y="30" width="10" height="10" fill="{ROOM}"/>' + _text(22, 39, "there", MUTED)
    yield f'<rect x="68" y="30" width="10" height="10" fill="{USED}"/>' + _text(82, 39, "used", MUTED)
    yield f'<rect x="124" y="30" width="10" height="10" fill="{SPENT}"/>' + _text(138, 39, "dollars", MUTED)


def _row(name: str, uses: Sequence[TierUse], y: float) -> Iterator[str]:
    yield f'<line x1="8" y1="{y:.1f}" x2="{WIDTH - 8:.0f}" y2="{y:.1f}" stroke="{ROOM}"/>'
    for line, words in enumerate(_wrapped(name, 30)[:3]):
        yield _text(0, y + 22 + 16 * line, words, indent=8, weight="600" if line == 0 else "400")
    room = [(u.room_gb, u.held_gb or 0.0) for u in uses]
    yield from _bars(room, 0, y, memory(max(u.room_gb for u in uses)), [_room_said(u) for u in uses])
    limits = [u.read_limit_gb_s for u in uses]
    if all(limit is not None for limit in limits):
        read = [(u.read_limit_gb_s or 0.0, u.read_gb_s or 0.0) for u in uses]
        most = _rate(max(top for top, _ in read))
    else:
        read = [(u.read_gb_s or 0.0, u.read_gb_s or 0.0) for u in uses]
        most = f"{_rate(max(top for top, _ in read))}, no limit"
    yield from _bars(read, 1, y, most, [_read_said(u) for u in uses])
    if any(u.spent_usd for u in uses):
        spent = [(u.spent_usd, 0.0) for u in uses]
        said = [f"{u.period}: {usd(u.spent_usd)}" for u in uses]
        yield from _bars(spent, 2, y, f"{usd(sum(u.spent_usd for u in uses))} in all", said, SPENT)
    else:
        yield _text(_left(2), y + 40, "comes with systems" if uses[0].tier == FAST else "nothing bought", MUTED)


def _bars(bars: Bars, cell: int, y: float, most: str, said: Sequence[str], fill: str = ROOM) -> Iterator[str]:
    """A bar for each period: all there is, and what is used of it."""
    top = max((all_ for all_, _ in bars), default=0.0)
    pitch = CELL / max(len(bars), 1)
    base = y + ROW - 10
    yield _text(_left(cell), y + 18, most, MUTED)
    for number, ((all_, used), words) in enumerate(zip(bars, said, strict=True)):
        x, full = _left(cell) + pitch * number, BAR * all_ / top if top > 0 else 0.0
        part = BAR * used / top if top > 0 else 0.0
        yield (
            f"<g><title>{escape(words)}</title>"
            + _bar(x, base, pitch - 4, full, fill)
            + (_bar(x, base, pitch - 4, part, USED) if part > 0 else "")
            + "</g>"
        )
    left, right = _left(cell), _left(cell) + CELL - 4
    yield f'<line x1="{left:.1f}" y1="{base:.1f}" x2="{right:.1f}" y2="{base:.1f}" stroke="{MUTED}"/>'


def _bar(x: float, base: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{base - height:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _foot(periods: Sequence[str], height: float) -> Iterator[str]:
    """First and last period under each column of cells."""
    for cell in range(3):
        yield _text(_left(cell), height - 14, periods[0], MUTED)
        if len(periods) > 1:
            yield _text(_left(cell) + CELL - 4, height - 14, periods[-1], MUTED, anchor="end")


def _left(cell: int) -> float:
    return LABELS + GAP + (CELL + GAP) * cell


def _text(
    x: float, y: float, words: str, fill: str = INK, weight: str = "400", indent: float = 0.0, anchor: str = "start"
) -> str:  # fmt: skip
    return (
        f'<text x="{x + indent:.1f}" y="{y:.1f}" fill="{fill}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _room_said(u: TierUse) -> str:
    held = "" if u.held_gb is None else f", {memory(u.held_gb)} held at most"
    return f"{u.period}: {memory(u.room_gb)}{held}"


def _read_said(u: TierUse) -> str:
    limit = "no limit" if u.read_limit_gb_s is None else _rate(u.read_limit_gb_s)
    read = "" if u.read_gb_s is None else f", {_rate(u.read_gb_s)} at most"
    return f"{u.period}: {limit}{read}"


def _rate(gb_s: float) -> str:
    """`1.2 PB/s`, `3.4 TB/s` or GB/s."""
    return f"{memory(gb_s)}/s"


def _wrapped(words: str, most: int) -> list[str]:
    """Lines of at most so many letters, broken between words."""
    lines = [""]
    for word in words.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) > most and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines
