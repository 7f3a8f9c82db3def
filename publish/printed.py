"""What a cell printed, as a page shows it: one box for what was said in one breath, tables whole, sentences wrapped."""

import re
from collections.abc import Iterable

from markupsafe import Markup
from nbconvert.filters import ansi2html

COLUMNS = re.compile(r"\S {2,}\S")


def joined(outputs: Iterable) -> list:
    """The outputs; streams of one name that follow each other are one, wherever the kernel happened to cut them."""
    found = []
    for output in outputs:
        stream = output.output_type == "stream"
        if stream and found and found[-1].output_type == "stream" and found[-1].name == output.name:
            found[-1] = type(output)(output | {"text": found[-1].text + output.text})
        else:
            found.append(output)
    return found


def html(text: str) -> Markup:
    """The text for a <pre> that does not wrap; a line that is not set in columns is marked as one that may."""
    lines = str(ansi2html(text)).splitlines(keepends=True)
    return Markup("".join(line if COLUMNS.search(line) else f'<span class="said">{line}</span>' for line in lines))
