"""Bytes as they come: `data.load("mnist", progress=Download())` moves a bar and says what it waits for."""

import ipywidgets


class Download(ipywidgets.VBox):
    """A bar and a line of words. Display it, then hand it to `data.load` as `progress`."""

    def __init__(self):
        self.bar = ipywidgets.IntProgress(min=0, max=1, description="download", layout={"width": "500px"})
        self.words = ipywidgets.HTML("nothing to fetch so far")
        super().__init__((self.bar, self.words))

    def __call__(self, name: str, done: int, total: int) -> None:
        """Show that `done` bytes of the file have come, of `total` (0: the mirror does not say)."""
        self.bar.max, self.bar.value = max(total, 1), min(done, total)
        self.bar.bar_style = "success" if done == total else ""
        of = f" of {total / 1e6:.1f}" if total else ""
        self.words.value = f"{name}: {done / 1e6:.1f}{of} MB"

    def __repr__(self) -> str:
        return "Progress of a download; it moves while its cell runs."
