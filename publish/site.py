"""`python -m publish.site`: the course as a folder of pages that need no kernel and no other host, in site/."""

import argparse
import re
import shutil
import sys
from importlib import resources
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import NamedTuple

from publish import notes, packs, page, prose

ROOT = Path(__file__).parents[1]
STATIC = Path(__file__).with_name("static")
ROW = re.compile(r"^\| \[(\d\d) ([^\]]+)\]\(notebooks/(\w+)\.ipynb\) \| (\d+) \| (\d*) ?\| (\d*) ?\| (.+) \|$", re.M)
PICTURE = re.compile(r"(?s)!\[(.+?)\]\(data/readme\.png\)")
LICENCE = "Code under the MIT License, prose under CC BY 4.0."


class Row(NamedTuple):
    """A notebook as README's index lists it."""

    name: str
    title: str
    minutes: str
    say: str


def rows(readme: str) -> list[Row]:
    """The notebooks of README's table."""
    found = []
    for number, title, name, read, tried, done, say in ROW.findall(readme):
        minutes = [f"{read} minutes to read"]
        minutes += [f"{tried} with the things to try"] * bool(tried) + [f"{done} with the exercises"] * bool(done)
        found.append(Row(name, f"{number} {title}", ", ".join(minutes), say))
    return found


def build(site: Path, names: set[str] | None = None) -> None:
    """The whole site into `site`, or of its pages only `names`. Raises RuntimeError where a part can't be had."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = rows(readme)
    if not names:
        shutil.rmtree(site, ignore_errors=True)  # a page that is no more leaves nothing behind
    (site / "notebooks").mkdir(parents=True, exist_ok=True)
    shutil.copytree(STATIC, site / "static", dirs_exist_ok=True)
    shutil.copy(ROOT / "data" / "readme.png", site / "static")
    anywidget = resources.files("anywidget") / "nbextension" / "index.js"
    (site / "static" / "anywidget.js").write_bytes(anywidget.read_bytes())
    packs.put(("requirejs", "@jupyter-widgets/html-manager", "mathjax"), site)
    _index(site, readme, pages)
    wanted = [row for row in pages if not names or row.name[:2] in names]
    with ThreadPool(2) as two:  # a thread waits for the kernel of its own; a third would ask for a third core
        for row in two.imap_unordered(lambda row: _page(site, row, pages), wanted):
            print(f"{row.name}: {page_bytes(site, row.name) / 1e6:.1f} MB", flush=True)


def _page(site: Path, row: Row, pages: list[Row]) -> Row:
    """One notebook: its page, its notes, its file."""
    path, number = ROOT / "notebooks" / f"{row.name}.ipynb", pages.index(row)
    shutil.copy(path, site / "notebooks")
    (site / f"{row.name}.notes.html").write_text(notes.page(path, back=f"{row.name}.html"), encoding="utf-8")
    page.write(
        page.run(path), path, site, title=row.title, licence=LICENCE,
        previous=pages[number - 1] if number else None, next=(*pages, None)[number + 1],
    )  # fmt: skip
    return row


def page_bytes(site: Path, name: str) -> int:
    """What a page brings over the wire beside the scripts that all pages share."""
    return sum(path.stat().st_size for path in [site / f"{name}.html", *(site / name).iterdir()])


def _index(site: Path, readme: str, pages: list[Row]) -> None:
    """README's first words, its picture and its table, as cards."""
    title, introduction = readme.partition("\n## ")[0].split("\n\n", 1)
    alt = " ".join(PICTURE.search(introduction)[1].split())
    text = page.templates().get_template("index.html").render(
        title=title.lstrip("# "), introduction=prose.markdown(PICTURE.sub("", introduction)), alt=alt,
        pages=pages, rest="", licence=LICENCE,
    )  # fmt: skip
    (site / "index.html").write_text(text, encoding="utf-8")


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m publish.site", description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", help="only these, as 04; without, all")
    options = parser.parse_args(arguments)
    site = ROOT / "site"
    try:
        build(site, set(options.pages))
    except RuntimeError as error:
        print(f"make site: {error}", file=sys.stderr)
        return 1
    print("site/ is whole. Serve it with any file server: python -m http.server --directory site")
    return 0


if __name__ == "__main__":
    sys.exit(main())
