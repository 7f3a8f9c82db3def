"""Widgets that a reader can use while a cell runs."""

import ipywidgets


def hear_beside_the_cell(*widgets: ipywidgets.Widget) -> None:
    """Let moves and clicks be heard while a cell runs: on the thread that the browser asks for.

    ipykernel 7.4 hands a widget's messages to the thread that last spoke to the widget, which is often the busy cell:
    it made the slider, or enabled the button a moment ago. (In other versions, and without a kernel, there is nothing
    to change.)
    """
    for widget in widgets:
        if hasattr(widget.comm, "_reply_subshell_for"):
            widget.comm._reply_subshell_for = lambda data, asked: asked
