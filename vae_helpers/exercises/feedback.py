"""What a check says of an answer: one line that judges, and the lines that explain it."""

import html
from collections.abc import Sequence

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
    """`state` is a key of MARKS, `head` one line, `lines` the rest: plain text, or code where a line is indented."""

    def __init__(self, state: str, head: str, lines: Sequence[str] = (), picture: Picture | None = None):
        self.state, self.head, self.lines, self.picture = state, head, list(lines), picture

    def __repr__(self) -> str:
        return "\n".join([f"{MARKS[self.state][0]} {self.head}", *(f"  {line}" for line in self.lines)])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        mark, colour = MARKS[self.state]
        body = "".join(f"<br>{_line(line)}" for line in self.lines)
        box = f"border-left: 4px solid {colour}; padding: 2px 0 2px 12px; line-height: 1.5"
        head = f'<b><span style="color: {colour}">{mark}</span> {html.escape(self.head)}</b>'
        return {"text/plain": repr(self), "text/html": f'<div style="{box}">{head}{body}</div>'}

    def show(self) -> None:
        """Show it at once: the last line of a cell is not where every learner leaves the check."""
        display(self)
        if self.picture is not None:
            display(self.picture)


def _line(line: str) -> str:
    text = html.escape(line)
    if line.startswith(" "):
        return f'<code style="white-space: pre-wrap">{text}</code>'
    return text


def shown(value) -> str:
    """Up to a dozen numbers with four digits; of more, their shape and range; a function or a model by its name."""
    if not isinstance(value, Tensor):
        return _number(value) if isinstance(value, float) else getattr(value, "__name__", None) or repr(value)
    value = value.detach()
    if value.numel() > 12 or value.dim() > 2:
        return f"{list(value.shape)} numbers from {_number(value.min())} to {_number(value.max())}"
    return _number(value) if value.dim() == 0 else f"[{', '.join(shown(entry) for entry in value)}]"


def _number(value) -> str:
    return f"{float(value) + 0.0:.4g}".replace("-", "−")  # + 0.0: −0 is 0
