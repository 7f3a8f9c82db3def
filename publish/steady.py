"""Looks whether a widget still shows what the text beside it says, once the whole page has run."""

import copy
import re

VIEW = "application/vnd.jupyter.widget-view+json"
NAMED = re.compile(r"IPY_MODEL_(\w+)")
WORKING = ("ProgressModel",)  # what shows work while it is done is meant to change


class Watch:
    """Remembers, after each cell that shows a widget, the widget's state then. `client` runs the page."""

    def __init__(self, client):
        self.client = client
        self.seen: dict[str, tuple[str, dict]] = {}  # a model: the cell that showed it last, and its state after that

    def cell(self, cell, **_about) -> None:
        """A cell has run."""
        for output in cell.get("outputs", ()):
            if model := output.get("data", {}).get(VIEW, {}).get("model_id"):
                self.seen[model] = cell.source, self._of(model)

    def moved(self) -> list[str]:
        """What has changed since it was shown last, a sentence each."""
        return [
            f"a later cell has changed {', '.join(changed)} of what this cell shows:\n{source}"
            for model, (source, then) in self.seen.items()
            if (changed := _changed(then, self._of(model)))
        ]

    def _of(self, model: str) -> dict:
        """The state of a model and of all that it names."""
        models, found, waiting = self.client.widget_state, {}, [model]
        while waiting:
            name = waiting.pop()
            if name in found or name not in models:
                continue
            found[name] = copy.deepcopy(models[name])
            waiting += NAMED.findall(repr(models[name]))
        return found


def _changed(then: dict, now: dict) -> list[str]:
    """Names of the traits that differ."""
    return sorted(
        f"{state.get('_model_name')}.{trait}"
        for name, state in then.items()
        if not str(state.get("_model_name")).endswith(WORKING)
        for trait, value in state.items()
        if now.get(name, {}).get(trait) != value
    )
