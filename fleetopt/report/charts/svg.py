"""SVG elements as text: escaped, with short numbers, in a fixed order."""

from collections.abc import Iterable

from markupsafe import Markup, escape

PALETTE = ("#2f6db3", "#d9822b", "#1f9e89", "#b6437a", "#86b6e4", "#8a6d3b", "#6f4fa8", "#98a2ad")
"""Colours of the series in light mode, told apart also by people who do not see red or green; the last is the rest."""
REST = len(PALETTE) - 1
INK, MUTED, FAINT, PAPER, BAD = "#1c2430", "#5a6675", "#dfe4ea", "#ffffff", "#b3261e"
FONT = 11.5
LETTER = 0.54
"""Width of an average letter, as a share of its height."""


def number(value: float) -> str:
    """A coordinate with a tenth of a pixel, without idle zeros."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def element(tag: str, attributes: Iterable[tuple[str, object]], *children: str) -> Markup:
    """An element; numbers are shortened, text is escaped, children are markup already."""
    shown = "".join(
        f' {name}="{number(value) if isinstance(value, float) else escape(str(value))}"' for name, value in attributes
    )
    inner = "".join(children)
    return Markup(f"<{tag}{shown}>{inner}</{tag}>" if inner else f"<{tag}{shown}/>")


def picture(width: float, height: float, label: str, parts: Iterable[str]) -> Markup:
    """A whole chart: an image with a name to screen readers."""
    attributes = [
        ("viewBox", f"0 0 {number(width)} {number(height)}"),
        ("width", width),
        ("height", height),
        ("role", "img"),
        ("aria-label", label),
        ("font-size", FONT),
        ("font-family", "sans-serif"),
    ]
    return element("svg", attributes, *parts)


def mark(tag: str, attributes: Iterable[tuple[str, object]], slot: int, said: str) -> Markup:
    """A filled shape of a series that answers to hover with what it says."""
    return element(
        tag, [("class", f"m s{slot}"), *attributes, ("fill", PALETTE[slot])], element("title", [], escape(said))
    )


def bar(x: float, y: float, width: float, height: float, slot: int, said: str) -> Markup:
    """A rectangle that answers to hover; never thinner than can be seen."""
    box: list[tuple[str, object]] = [("x", x), ("y", y), ("width", max(width, 0.5)), ("height", max(height, 0.5))]
    return mark("rect", box, slot, said)


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "t", size: float = FONT) -> Markup:
    """Words; `kind` is `t` (muted), `th` (muted, on a lit ground), `ti` (ink) or `tb` (ink, bold)."""
    attributes: list[tuple[str, object]] = [("class", kind), ("x", x), ("y", y)]
    attributes += [("text-anchor", anchor)] if anchor != "start" else []
    attributes += [("font-size", size)] if size != FONT else []
    attributes += [("font-weight", "600")] if kind == "tb" else []
    return element("text", [*attributes, ("fill", MUTED if kind in ("t", "th") else INK)], escape(words))


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "g") -> Markup:
    """A rule: `g` grid, `a` axis, `l` limit (dark, drawn over the columns)."""
    stroke, width = {"g": (FAINT, 1.0), "a": (MUTED, 1.0), "l": (INK, 2.0)}[kind]
    points: list[tuple[str, object]] = [("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)]
    return element("line", [("class", kind), *points, ("stroke", stroke), ("stroke-width", width)])


def hit(tag: str, attributes: Iterable[tuple[str, object]], said: str) -> Markup:
    """An unseen shape over a thin mark, wide enough to point at."""
    return element(
        tag,
        [("class", "m hit"), *attributes, ("fill", "#fff"), ("fill-opacity", "0")],
        element("title", [], escape(said)),
    )


def fitted(words: str, room: float, size: float = FONT) -> str:
    """Words cut to what fits in so many pixels, with an ellipsis."""
    most = max(3, int(room / (size * LETTER)))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
