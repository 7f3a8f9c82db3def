"""Markdown as the notebooks write it, as a page of the site."""

import re
from collections import Counter
from typing import NamedTuple

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

LINK = re.compile(r"\]\((\d\d_\w+)\.ipynb")
# A formula in a sentence, with what must not be parted from it; code and display formulas are passed over.
FORMULA = re.compile(
    r"<(pre|code)\b.*?</\1>|\$\$.*?\$\$"
    r"|(?P<before>[(\[„“]*)(?P<formula>(?<!\\)\$[^$]+\$)(?P<after>(?:['’]s\b|-\w+)?[.,;:!?)\]…”]*)",
    re.DOTALL,
)
SHORT = 20  # signs of a formula that fits on a line of a phone
FEW, MANY = 16, 36  # signs in a cell of a table: up to these on one line, from those on a sentence


class Heading(NamedTuple):
    """A heading of a page, and the anchor that leads to it."""

    anchor: str
    text: str


class Renderer(IPythonRenderer):
    """Markdown as the notebooks write it; its headings are collected for the page's contents."""

    def __init__(self):
        super().__init__(escape=False, anchor_link_text="", exclude_anchor_links=True)
        self.headings: list[Heading] = []
        self.seen = Counter()
        self.level = 1

    def heading(self, text: str, level: int, **attributes) -> str:
        level = self.level = min(level, self.level + 1)  # a slide's smaller headline may be a page's first
        anchor = re.sub(r"\W+", "-", re.sub("<[^>]*>", "", text)).strip("-").lower()
        self.seen[anchor] += 1
        if self.seen[anchor] > 1:
            anchor += f"-{self.seen[anchor]}"
        if level == 2:
            self.headings.append(Heading(anchor, text))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """A cell; of few signs it stays on one line, and with a sentence it is as wide as one can read."""
        signs = _signs(re.sub("<[^>]*>", "", text))
        kind = ' class="short"' if signs <= FEW else ' class="sentence"' if signs >= MANY else ""
        tag = "th" if head else "td"
        return f"<{tag}{kind}>{text}</{tag}>\n"


def markdown(source: str, renderer: Renderer | None = None) -> Markup:
    """HTML of Markdown with TeX; links to notebooks lead to their pages."""
    source = LINK.sub(r"](\1.html", source)
    return Markup(FORMULA.sub(_together, MarkdownWithMath(renderer=renderer or Renderer()).render(source)))


def _together(found: re.Match) -> str:
    """A short formula and the punctuation that touches it, on one line."""
    if not (found["before"] or found["after"]) or _signs(found["formula"]) > SHORT:
        return found[0]
    return f'<span class="together">{found[0]}</span>'


def _signs(text: str) -> int:
    """About how many signs wide a text is, once the formulas in it are set."""
    text = re.sub(r"\\(math\w+|text|[dt]?frac|left|right|[bB]igg?[lr]?)\b|\\[,;!]", "", text)  # these are not seen
    return len(re.sub(r"[{}^_$]|\s+$", "", re.sub(r"\\[a-zA-Z]+|&\w+;", "x", text)))
