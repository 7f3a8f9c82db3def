"""Numbers and lists as a sentence writes them."""

from collections.abc import Sequence


def number(value: float | int, digits: int = 2) -> str:
    """A real minus sign, and never −0.00."""
    text = f"{value:.{digits}f}"
    return f"−{text[1:]}" if text[0] == "-" and float(text) else text.lstrip("-")


def percent(share: float | int) -> str:
    """A share of 1: a few in a thousand are not none, and nearly all are not all."""
    if 0 < share < 0.005:
        return "less than 1%"
    return "more than 99%" if 0.995 < share < 1 else f"{share:.0%}"


def listed(items: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join(part for part in (", ".join(items[:-1]), *items[-1:]) if part)
