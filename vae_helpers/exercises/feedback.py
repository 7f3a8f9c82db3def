"""What a check says of an answer: one line that judges, and the lines that explain it."""

import html
import re
from collections.abc import Sequence
from itertools import groupby

import torch
from IPython.display import display
from torch import Tensor

from vae_helpers.figures.picture import Picture

# What an answer can be, with the mark that begins its line, and a colour that light and dark pages can carry.
MARKS = {
    "not attempted": ("○", "#8a8a8a"),
    "wrong": ("✗", "#D55E00"),
    "another form": ("≈", "#0072B2"),
    "solved": ("✓", "#009E73"),
}


class Feedback:
    """`state` is a key of MARKS, `head` one line, `lines` the rest: words, or numbers and code where it is indented."""

    def __init__(self, state: str, head: str, lines: Sequence[str] = (), picture: Picture | None = None):
        self.state, self.head, self.lines, self.picture = state, head, list(lines), picture

    def __repr__(self) -> str:
        return "\n".join([f"{MARKS[self.state][0]} {self.head}", *(f"  {line}" for line in self.lines)])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        mark, colour = MARKS[self.state]
        head = f'<b><span style="color: {colour}">{mark}</span> {_escaped(self.head)}</b>'
        body = "".join(_block(code, list(lines)) for code, lines in groupby(self.lines, lambda line: line[:1] == " "))
        box = f"border-left: 4px solid {colour}; padding: 2px 0 2px 12px; line-height: 1.5"
        return {"text/plain": repr(self), "text/html": f'<div style="{box}">{head}{body}</div>'}

    def show(self) -> None:
        """Show it at once: the last line of a cell is not where every learner leaves the check."""
        display(self)
        if self.picture is not None:
            display(self.picture)


def _block(code: bool, lines: list[str]) -> str:
    if code:
        return f'<pre style="margin: 4px 0">{_escaped(chr(10).join(lines))}</pre>'
    return "".join(f"<div>{_escaped(line)}</div>" for line in lines)


def _escaped(text: str) -> str:
    """As HTML, what stands in `backticks` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def shown(value) -> str:
    """Up to a dozen numbers with four digits; of more, their shape and range; a function or a model by its name."""
    if not isinstance(value, Tensor):
        return _number(value) if isinstance(value, float) else getattr(value, "__name__", None) or repr(value)
    value = value.detach()
    if not value.numel():
        return f"nothing, of shape {list(value.shape)}"
    if value.numel() > 12 or value.dim() > 3:
        return f"numbers of shape {list(value.shape)}, from {_number(value.min())} to {_number(value.max())}"
    return _number(value) if value.dim() == 0 else f"[{', '.join(shown(entry) for entry in value)}]"


def side_by_side(name: str, came: Tensor, wanted: Tensor) -> list[str]:
    """Both, as code lines; where they would read alike, the entry that is farthest off, with more of its digits."""
    texts = [shown(came), shown(wanted)]
    if texts[0] == texts[1] and came.shape == wanted.shape:
        a, b = came.detach().double(), wanted.detach().double()
        equal = (a == b) | (a.isnan() & b.isnan())
        at = torch.where(equal, 0.0, (a - b).abs().nan_to_num(torch.inf)).argmax()
        name += str([int(i) for i in torch.unravel_index(at, a.shape)]) if a.dim() else ""
        texts = [f"{each.flatten()[at]:.8g}".replace("-", "−") for each in (a, b)]
    return [f"    {name}, yours:  {texts[0]}", f"    {name}, wanted: {texts[1]}"]


def _number(value) -> str:
    value = float(value)
    text = "0" if abs(value) < 1e-12 else f"{value:.4g}"  # what is left of a sum that cancels
    return text.replace("-", "−").replace("inf", "∞").replace("nan", "NaN")
