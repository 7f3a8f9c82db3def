"""Training as it happens: `fit(…, on_epoch=progress)` moves a bar and says what was reached."""

import ipywidgets

from vae_helpers.learning.training import History


class Progress(ipywidgets.VBox):
    """A bar and a line of words. Display it, then hand it to `fit` as `on_epoch`; an error stays with its cell."""

    def __init__(self):
        self.bar = ipywidgets.IntProgress(min=0, max=1, description="training", layout={"width": "500px"})
        self.words = ipywidgets.HTML("not started")
        super().__init__((self.bar, self.words))

    def __call__(self, history: History) -> None:
        """Show the last epoch of `history`."""
        self.bar.max, self.bar.value = history.planned, len(history)
        self.bar.bar_style = "success" if len(history) == history.planned else ""
        figures = [history.elbo[-1], history.reconstruction[-1], history.kl[-1]]
        elbo, reconstruction, kl = (f"{figure:.1f}".replace("-", "−") for figure in figures)
        reached = f"epoch {len(history)} of {history.planned}"
        self.words.value = f"{reached}: ELBO {elbo} = reconstruction {reconstruction} − KL {kl}, nats per image"

    def __repr__(self) -> str:
        return "Progress of a training; it moves while its cell runs."
