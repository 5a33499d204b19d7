"""What a plain (unquoted) scalar means: text, number, true, false, nothing, or a trap that YAML readers disagree on."""

import math
import re

Scalar = str | int | float | bool | None

_LITERALS: dict[str, Scalar] = {"": None, "~": None}
_LITERALS |= dict.fromkeys(("null", "Null", "NULL"), None)
_LITERALS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_BOOLEAN_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+", re.ASCII)
_BASED = re.compile(r"[-+]?0(x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)", re.ASCII)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_LONGEST_NUMBER = 60
NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no YAML file may hold."""


class Trap(ValueError):
    """A plain scalar that some reader silently takes for something else."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


def plain_scalar(text: str) -> Scalar:
    """The value of a plain scalar. `1e6` is the number; dates are text.

    Raises Trap for `NO`, `010`, `0x1F`, `12:30`, `.nan` and numbers too large to hold.
    """
    if text in _LITERALS:
        return _LITERALS[text]
    if text.lower() in _BOOLEAN_WORDS and text in (text.lower(), text.upper(), text.capitalize()):
        truth = _BOOLEAN_WORDS[text.lower()]
        raise Trap(
            f"plain {text} means {truth} to some readers of YAML", f"try {truth}, or '{text}' in quotes for text"
        )
    if _LEADING_ZERO.fullmatch(text) or _BASED.fullmatch(text):
        raise Trap(
            f"{_short(text)} is a number in another base to some readers of YAML",
            "try a plain decimal number, or quotes for text",
        )
    if _SEXAGESIMAL.fullmatch(text):
        raise Trap(
            f"{_short(text)} is a number to base 60 to some readers of YAML", "try quotes for text, or a plain number"
        )
    if _NOT_FINITE.fullmatch(text):
        raise Trap(f"{text} is not a finite number", "try a number, or leave the field out")
    if _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text):
        return _number(text)
    return text


def _number(text: str) -> int | float:
    number = float(text.replace("_", ""))
    if len(text) > _LONGEST_NUMBER or not math.isfinite(number):
        raise Trap(f"{_short(text)} is too large or too long for a number", "try quotes for text")
    return int(text.replace("_", "")) if _INTEGER.fullmatch(text) else number


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:21] + "..."


def reads_as_itself(text: str) -> bool:
    """Whether `text` unquoted would be read as that same text."""
    try:
        return plain_scalar(text) == text
    except Trap:
        return False
