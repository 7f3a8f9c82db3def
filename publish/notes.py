"""What a presenter reads on their own screen: each slide's headline, its notes, and the minutes as they add up."""

import html
import re
from pathlib import Path
from typing import NamedTuple

import nbformat

NOTE = re.compile(r"(?s)<details><summary>For whoever presents · (\d+) min</summary>\s*(.*?)\s*</details>")
OWN_SLIDE = ("slide", "subslide")


class Slide(NamedTuple):
    """A slide of a notebook: its headline, what the presenter reads (empty: nothing), and the minutes this takes."""

    headline: str
    note: str
    minutes: int
    runs: int  # code cells on it


def slides(notebook) -> list[Slide]:
    """The slides in their order. A notes cell belongs to the slide before it; what is skipped is left out."""
    found: list[Slide] = []
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "")
        if kind == "skip":
            continue
        if kind == "notes":
            match = NOTE.search(cell.source)
            if match is None:
                raise ValueError(f"a notes cell that is none: {cell.source[:60]!r}")
            note = "\n".join(filter(None, (found[-1].note, match[2])))
            found[-1] = found[-1]._replace(note=note, minutes=found[-1].minutes + int(match[1]))
            continue
        if kind in OWN_SLIDE or not found:
            found.append(Slide("", "", 0, 0))
        last = found[-1]
        headline = last.headline or _headline(cell)
        found[-1] = last._replace(headline=headline, runs=last.runs + (cell.cell_type == "code"))
    return found


def _headline(cell) -> str:
    """The first heading of a cell, else its first sentence; of code nothing."""
    if cell.cell_type != "markdown":
        return ""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    heading = next((line.lstrip("#").strip() for line in lines if line.startswith("#")), "")
    return heading or _plain(re.split(r"(?<=[.:?!])\s", " ".join(lines))[0])


def _plain(text: str) -> str:
    """Without Markdown's stars and links."""
    return re.sub(r"\*\*|\*|\[([^\]]*)\]\([^)]*\)", lambda match: match[1] or "", text)


STYLE = """
:root { color-scheme: light dark }
body { font: 20px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
li { margin: 0 0 1.2rem } li.quiet { opacity: .65 }
h2 { font-size: 1.15em; margin: 0 }
.clock { font-variant-numeric: tabular-nums; color: #0072B2 }
@media (prefers-color-scheme: dark) { .clock { color: #56B4E9 } }
p { margin: .2rem 0 }
"""


def page(path: Path) -> str:
    """The notes of a notebook as one HTML page that needs nothing else."""
    listed = slides(nbformat.read(path, as_version=4))
    title, total, clock, rows = listed[0].headline, sum(slide.minutes for slide in listed), 0, []
    for slide in listed:
        clock += slide.minutes
        time = f' <span class="clock">{slide.minutes} min, until {clock}</span>' if slide.minutes else ""
        note = "".join(f"<p>{html.escape(line)}</p>" for line in slide.note.splitlines() if line.strip())
        cells = "one cell to run" if slide.runs == 1 else f"{slide.runs} cells to run"
        run = f"<p><em>{cells}</em></p>" if slide.runs else ""
        quiet = "" if slide.note else ' class="quiet"'
        rows.append(f"<li{quiet}><h2>{html.escape(slide.headline)}{time}</h2>{note}{run}</li>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Notes: {html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>{html.escape(title)}</h1><p>{len(listed)} slides, {total} minutes with all that the notes ask for.</p>"
        f"<ol>{''.join(rows)}</ol></html>"
    )
