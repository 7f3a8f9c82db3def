"""What a presenter reads on their own screen: each slide's headline, its notes, and the minutes as they add up."""

import html
import re
from pathlib import Path
from typing import NamedTuple

import nbformat

NOTE = re.compile(
    r"<details><summary>For whoever presents · (\d+) min</summary>\n\n"
    r"\*\*Ask\.\*\* (.+?)(?:\n\n\*\*Goes wrong\.\*\* (.+?))?\n\n</details>",
    re.DOTALL,
)
OWN_SLIDE = ("slide", "subslide")
CONTINUED = "↳ "  # before the headline of a slide that has no words of its own
LETTERS = dict(zip(["theta", "phi", "mu", "sigma", "beta", "varepsilon"], "θφμσβε", strict=True))


class Note(NamedTuple):
    """What to ask the room, what goes wrong there (empty: nothing that is known), and how long it takes."""

    minutes: int
    ask: str
    wrong: str


class Slide(NamedTuple):
    """A slide of a notebook: its headline, its notes, and how many code cells stand on it."""

    headline: str
    notes: tuple[Note, ...]
    runs: int

    @property
    def minutes(self) -> int:
        return sum(note.minutes for note in self.notes)


def slides(notebook) -> list[Slide]:
    """The slides in their order. A notes cell belongs to the slide before it; what is skipped is left out.

    A slide without words goes on under the headline before it. Raises ValueError for a notes cell of another form.
    """
    found: list[Slide] = []
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "")
        if kind == "skip":
            continue
        if kind == "notes":
            found[-1] = found[-1]._replace(notes=(*found[-1].notes, read(cell.source)))
            continue
        if kind in OWN_SLIDE or not found:
            found.append(Slide("", (), 0))
        last = found[-1]
        headline = last.headline or _headline(cell)
        found[-1] = last._replace(headline=headline, runs=last.runs + (cell.cell_type == "code"))
    for i, slide in enumerate(found[1:], 1):
        if not slide.headline:
            found[i] = slide._replace(headline=CONTINUED + found[i - 1].headline.removeprefix(CONTINUED))
    return found


def read(source: str) -> Note:
    """The note in a notes cell. Raises ValueError for another form."""
    match = NOTE.fullmatch(source)
    if match is None:
        raise ValueError(f"a notes cell in another form than CONTRIBUTING.md has it: {source[:60]!r}")
    return Note(int(match[1]), match[2], match[3] or "")


def _headline(cell) -> str:
    """The first heading of a cell, else its first sentence; of code nothing."""
    if cell.cell_type != "markdown":
        return ""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    heading = next((line.lstrip("#").strip() for line in lines if line.startswith("#")), "")
    return _plain(heading or re.split(r"(?<=[.:?!])\s", " ".join(lines))[0])


def _plain(text: str) -> str:
    """Without Markdown's stars and links; formulas in letters."""
    text = re.sub(r"\$([^$]+)\$", lambda match: _letters(match[1]), text)
    return re.sub(r"\*\*|\*|\[([^\]]*)\]\([^)]*\)", lambda match: match[1] or "", text)


def _letters(formula: str) -> str:
    bare = re.sub(r"\\mathcal|[{}]", "", formula).replace("^2", "²")
    return re.sub(r"\\([a-z]+)", lambda match: LETTERS.get(match[1], match[1]), bare)


ICON = '<link rel="icon" href="static/icon.svg">'  # the site's
STYLE = """
:root { color-scheme: light dark; --clock: #0072B2; --ask: #00694B; --wrong: #A84A00 }
@media (prefers-color-scheme: dark) { :root { --clock: #56B4E9; --ask: #2BC495; --wrong: #F0A03C } }
body {
  font: clamp(17px, 2.2vw, 20px)/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem;
  overflow-wrap: break-word; background: Canvas; color: CanvasText;
}
h1 { line-height: 1.2 } h2 { font-size: 1.15em; margin: 0 }
ol { padding-left: 1.7em } li { margin: 0 0 1.4rem } li.quiet { opacity: .7 }
p { margin: .3rem 0 }
.clock { font-weight: normal; font-variant-numeric: tabular-nums; color: var(--clock); white-space: nowrap }
.ask b { color: var(--ask) } .wrong b { color: var(--wrong) }
.ask, .wrong { border-left: 4px solid var(--ask); padding-left: .6em } .wrong { border-color: var(--wrong) }
"""


def page(path: Path, back: str = "") -> str:
    """The notes of a notebook as one HTML page that needs nothing else; on the site `back` is its page."""
    listed = slides(nbformat.read(path, as_version=4))
    title, total, clock, rows = listed[0].headline, sum(slide.minutes for slide in listed), 0, []
    for slide in listed:
        clock += slide.minutes
        rows.append(_row(slide, clock))
    leads = ICON + f'<p><a href="{html.escape(back)}">← Back to the page</a></p>' if back else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Notes: {html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"{leads}<h1>{html.escape(title)}</h1>"
        f"<p>{len(listed)} slides, {total} minutes with all that the notes ask for.</p>"
        f"<ol>{''.join(rows)}</ol></html>"
    )


def _row(slide: Slide, clock: int) -> str:
    time = f' <span class="clock">{slide.minutes} min, until {clock}</span>' if slide.minutes else ""
    said = "".join(
        _said("ask", "Ask", note.ask) + (_said("wrong", "Goes wrong", note.wrong) if note.wrong else "")
        for note in slide.notes
    )
    cells = "one cell to run" if slide.runs == 1 else f"{slide.runs} cells to run"
    run = f"<p><em>{cells}</em></p>" if slide.runs else ""
    quiet = "" if slide.notes else ' class="quiet"'
    return f"<li{quiet}><h2>{html.escape(slide.headline)}{time}</h2>{said}{run}</li>"


def _said(kind: str, label: str, text: str) -> str:
    """One paragraph under its label; *stars* are emphasis, all else is taken as it stands."""
    words = re.sub(r"\*(\S(?:[^*]*\S)?)\*", r"<em>\1</em>", html.escape(text, quote=False))
    return f'<p class="{kind}"><b>{label}.</b> {words}</p>'
