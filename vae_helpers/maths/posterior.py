"""What can be said of the toy model's exact posterior: its mean and spread, its peaks, and the likelihood beside it."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, quadrature
from vae_helpers.maths.toy import ToyModel


class Moments(NamedTuple):
    """Mean and standard deviation of p_θ(z|x), one of each per x."""

    mean: Tensor
    spread: Tensor


def moments(model: ToyModel, x: Float[Tensor, "*batch"], above: float = -math.inf) -> Moments:
    """E[z] and the square root of E[(z − E[z])²] under p_θ(z|x), by the trapezoid rule on the model's nodes.

    above: of the part z ≥ above alone; with 0, of the right peak of `fold`, where the peaks are well apart.
    Raises TypeError and ValueError (NaN), ArithmeticError where the nodes are too few for this posterior, or where it
    has not died out at `above`.
    """
    call = "posterior.moments(model, x)"
    checks.tensors(call, x=x)
    x, z, dz = x.double(), model.z[model.z >= above], model.z[1] - model.z[0]
    density = model.log_posterior(z, x[..., None]).exp()
    remedy = "the posterior is too narrow for the model's nodes: take more nodes or more noise in the model"
    if above > -math.inf:
        remedy += f"; or its peaks are not apart at z = {above:g}: take an x at which they are"

    def integral(values: Tensor) -> Tensor:
        terms = density * values
        coarse = quadrature.trapezoid(terms[..., ::2], 2 * dz)
        return quadrature.agree(call, quadrature.trapezoid(terms, dz), coarse, remedy)

    mass = integral(torch.ones_like(z))
    mean = integral(z) / mass
    return Moments(mean, (integral((z - mean[..., None]).square()) / mass).sqrt())


def peaks(model: ToyModel, x: Float[Tensor, ""], faintest: float = 1e-3) -> Float[Tensor, " peaks"]:
    """The local maxima of p_θ(z|x) over z, in rising order; those below `faintest` times the highest are left out.

    For `fold` they are ±√(x − s²/2) where x > s²/2, else 0. Found on the model's nodes, then moved to the top of the
    parabola through three of them. Raises TypeError and ValueError (NaN, more than one x).
    """
    call = "posterior.peaks(model, x)"
    checks.tensors(call, x=x)
    checks.single(call, x=x)
    height = model.log_joint(x.double(), model.z)
    before, here, after = height[:-2], height[1:-1], height[2:]
    top = (here > before) & (here >= after) & (here > height.max() + math.log(faintest))
    shift = 0.5 * (before - after)[top] / (before - 2 * here + after)[top]
    return model.z[1:-1][top] + shift * (model.z[1] - model.z[0])


def likelihood_area(model: ToyModel, x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """∫ p_θ(x|z) dz, over z: any positive number, because the likelihood is a density over x and none over z.

    ∞ where the likelihood has not died out when the nodes end (`wave` explains x again and again, for ever).
    Raises TypeError and ValueError (NaN), ArithmeticError where the nodes are too few.
    """
    call = "posterior.likelihood_area(model, x)"
    checks.tensors(call, x=x)
    z, dz = model.z, model.z[1] - model.z[0]
    log_terms = model.log_likelihood(x.double()[..., None], z)
    far = z.abs() > 0.9 * model.reach
    alive = log_terms[..., far].amax(-1) > log_terms.amax(-1) + math.log(quadrature.TOLERANCE)
    fine = quadrature.log_trapezoid(log_terms, dz)
    coarse = quadrature.log_trapezoid(log_terms[..., ::2], 2 * dz)
    remedy = "the likelihood is too narrow for the model's nodes: take more nodes or more noise in the model"
    fine, coarse = (torch.where(alive, math.inf, value) for value in (fine, coarse))
    return quadrature.agree(call, fine, coarse, remedy).exp()
