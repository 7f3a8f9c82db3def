"""Traits that hold a point of the space of latents, a diagonal Gaussian in it, and the strokes of a drawing."""

import math

import traitlets

from vae_helpers.learning import ink


def _numbers(value, count: int) -> list[float] | None:
    """`value` as `count` finite floats, or None where it holds no such numbers; arrays and tensors are taken."""
    came = value.tolist() if hasattr(value, "tolist") else value
    try:
        found = [] if isinstance(came, str) else [float(number) for number in came]
    except (TypeError, ValueError):
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None


class Point(traitlets.List):
    """A list of finite numbers, one a latent; a tuple, an array or a tensor is taken as one."""

    def validate(self, pad, value):
        if value is None and self.allow_none:
            return None
        latents = pad.latents
        found = _numbers(value, latents)
        if found is None:
            raise traitlets.TraitError(
                f"LatentPad.{self.name} = {value!r}: this model has {latents} latents; "
                f"wanted {latents} finite numbers, as in pad.{self.name} = {[0.0] * latents}"
            )
        return found


class Gaussian(traitlets.List):
    """A diagonal Gaussian as [mu, sigma], each a list with a number a latent, sigma above 0; None where there is none.

    Whatever holds the two is taken, as (mu, sigma) of two tensors.
    """

    def validate(self, pad, value):
        if value is None:
            return None
        latents = pad.latents
        parts = list(value) if isinstance(value, tuple | list) else []
        found = [_numbers(part, latents) for part in parts]
        if len(found) != 2 or None in found or min(found[1]) <= 0:
            raise traitlets.TraitError(
                f"LatentPad.{self.name} = {value!r}: wanted None or (mu, sigma), each {latents} finite numbers, sigma "
                f"above 0, as in pad.{self.name} = ({[0.0] * latents}, {[1.0] * latents})"
            )
        return found


class Strokes(traitlets.List):
    """A list of strokes, each a list of points [x, y]; what can be read as one is taken."""

    def validate(self, pad, value):
        try:
            return ink.checked(f"DrawPad.{self.name}", value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
