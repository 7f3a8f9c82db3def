"""Runs in a notebook's kernel while the site is built: what needs a kernel on a page is shown so that it needs none."""

from IPython import get_ipython

from vae_helpers.widgets.explorer import Explorer
from vae_helpers.widgets.training import Training

PRODUCT = "product"  # the tag of a cell whose explorer gets 11 × 11 pictures
_product = False


def begin(product: bool = False) -> None:
    """From here on an explorer shows itself baked; the next cell's as a product, if so."""
    global _product
    _product = product
    formatter = get_ipython().display_formatter.mimebundle_formatter
    formatter.for_type(Explorer, _baked)
    formatter.for_type(Training, _still)


def _baked(explorer: Explorer, **_options):
    return explorer.bake(product=_product)._repr_mimebundle_()


def _still(training: Training, **_options):
    """What it has come to stands in its picture's state, once the page has run (`publish.page`)."""
    return {"text/plain": repr(training)}, {"still": training.view.model_id}
