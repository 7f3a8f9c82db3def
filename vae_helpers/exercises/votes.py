"""The last exercise of notebook 05: a function for which the votes are less noisy than the path."""

from collections.abc import Callable

import torch
from torch import Tensor

from vae_helpers.exercises import trial
from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import votes as mistakes
from vae_helpers.exercises.probes import normal
from vae_helpers.exercises.trial import Stopped
from vae_helpers.figures import gradients as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import gradients

MU, SIGMA = torch.tensor(0.5, dtype=torch.float64), torch.tensor(0.1, dtype=torch.float64)
REACH, NODES = 8.0, 200_001  # of the dice, for a function with a bend or a steep place
WANTED = "it must take many z at once, as torch.cos does, and give one finite number for each."


def _cost(f: Callable, z: Tensor) -> Tensor:
    """f(z) in float64, however f says it. Raises Stopped where that isn't one finite number for each z."""
    value = f(z)
    if isinstance(value, Tensor) and value.dtype == torch.bool:
        value = value.double()
    (value,) = trial.as_tensors(value, {"my_f(z)": ""})
    if value.shape != z.shape:
        came = "a single number" if value.dim() == 0 else f"shape {list(value.shape)}"
        raise Stopped(f"my_f(z) is {came} for z of shape {list(z.shape)}.", f"About my_f: {WANTED}")
    if not value.isfinite().all() or value.abs().max() > 1e100:
        worst = (~(value.abs() <= 1e100)).nonzero()[0]
        at, came = shown(z[worst].flatten()[0]), shown(value[worst].flatten()[0])
        raise Stopped(f"my_f({at}) is {came}.", f"About my_f: {WANTED} (It was asked from −0.7 to 1.7.)")
    return value.double()


def _usable(f) -> None:
    """Raises Stopped unless f is a function, the same twice, that takes each z for itself."""
    if not callable(f):
        raise Stopped("my_f is no function.", "Write it with def, or as lambda z: …, and pass it without brackets.")
    z = MU + SIGMA * torch.linspace(-12, 12, 1201, dtype=torch.float64)
    try:
        trial.outputs(f, (z.clone().requires_grad_(),), {"z": "throw"}, {"my_f(z)": "throw"})
    except Stopped as stop:
        if "tensor of bool" not in stop.head:  # a game that is won or lost: it has a name below
            raise Stopped(stop.head, *stop.lines, f"About my_f: {WANTED}") from None
    values, part = _cost(f, z), _cost(f, z[100:].flip(0)).flip(0)
    if not torch.allclose(values[100:], part, rtol=1e-9, atol=1e-12 * values.abs().max().item()):
        raise Stopped(
            "what my_f gives for a z depends on something else.",
            "On the other z (a mean, a sum over them, a sorting), or on luck. Each z must be treated by itself.",
        )


def _jump(f: Callable) -> list[str]:
    """A step that does not shrink when one looks a thousand times closer, as lines; none where there is none."""
    z = MU + SIGMA * torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
    step = _cost(f, z).diff().abs()
    at = step.argmax()
    close = torch.linspace(z[at].item(), z[at + 1].item(), 1001, dtype=torch.float64)
    values = _cost(f, close)
    here = values.diff().abs().argmax()
    if not values.diff().abs()[here] > 0.5 * step[at] > 1e-12 * _cost(f, z).abs().max():
        return []
    before, after = shown(values[here]), shown(values[here + 1])
    return [f"    near z = {shown(close[here])}, in a step of 0.000000008: from {before} to {after}"]


def _slopes(f: Callable) -> list[str]:
    """The slope that autograd finds and the one that f has, where they differ most, as lines."""
    eps = torch.linspace(-4, 4, 801, dtype=torch.float64)
    z, step = MU + SIGMA * eps, 1e-6
    found = gradients.pathwise(f, MU, SIGMA, eps).mu
    climbs = (f(z + step) - f(z - step)) / (2 * step)
    at = (found - climbs).abs().argmax()
    name = f"slope of my_f at z = {shown(z[at])}"
    return [f"    {name}, autograd: {shown(found[at])}", f"    {name}, by a small step: {shown(climbs[at])}"]


def _moments(estimator: Callable, f: Callable) -> tuple[Tensor, Tensor]:
    """Means and variances of one estimate by μ and by σ, each [2]; a bend costs gradients.moments its certainty."""
    try:
        return tuple(torch.stack(tuple(each)) for each in gradients.moments(estimator, f, MU, SIGMA))
    except ArithmeticError:
        eps = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
        weight = torch.softmax(-0.5 * eps**2, 0)
        found = torch.stack(tuple(estimator(f, MU, SIGMA, eps)))
        coarse = 2 * weight[::2] * found[:, ::2]
        mean = (weight * found).sum(-1)
        if not torch.allclose((weight * found**2).sum(-1), (coarse * found[:, ::2]).sum(-1), rtol=1e-2, atol=1e-12):
            raise Stopped(
                "my_f is too wild to be judged.", "Even 200 000 places are too few for it. Take a calmer one."
            ) from None
        return mean, (weight * (found - mean[:, None]) ** 2).sum(-1)


def _votes_win(f) -> Finding:
    _usable(f)
    try:
        with trial.silent():
            return _judged(lambda z: _cost(f, z))
    except Stopped:
        raise
    except Exception as error:  # it went well at the places of _usable
        said = str(error).partition("\n")[0]
        if "NaN" in said:
            raise Stopped(
                "the slope of my_f is no number at some z.", "A root or a division at 0? Take a smoother one."
            ) from None
        raise Stopped(f"my_f stopped with {type(error).__name__} at some z.", f"Python says: {said}") from None


def _judged(f: Callable) -> Finding:
    (votes, vote_variance), (path, path_variance) = (
        _moments(estimator, f) for estimator in (gradients.score_function, gradients.pathwise)
    )
    rounded = torch.where(path_variance[0] < 1e-12 * path[0] ** 2, 0.0, path_variance[0])  # 0 but for rounding
    lines = [
        f"    variance of one estimate by μ, votes:    {shown(vote_variance[0])}",
        f"    variance of one estimate by μ, pathwise: {shown(rounded)}",
    ]
    if not torch.stack([votes, path, vote_variance, path_variance]).isfinite().all():
        raise Stopped("the estimates for my_f are not finite.", *lines, "Take a function that is not as steep.")
    values = f(MU + SIGMA * torch.linspace(-REACH, REACH, 1001, dtype=torch.float64))
    if values.max() == values.min():
        return Finding(mistakes.CONSTANT, lines)
    if jump := _jump(f):
        return Finding(mistakes.JUMP, jump)
    luck = torch.maximum(vote_variance, path_variance).sqrt()
    apart = (votes - path).abs() > 0.01 * torch.maximum(votes.abs(), path.abs()) + 1e-3 * luck
    if apart.any() or path.abs().sum() + path_variance.sum() == 0:
        return Finding(mistakes.NO_SLOPE, _slopes(f))
    if path_variance[0] <= vote_variance[0]:
        middle = f(MU + SIGMA * normal(100_000, seed=47)).mean()
        (_, without) = _moments(gradients.score_function, lambda z: f(z) - middle)
        return Finding(mistakes.OFFSET if without[0] < path_variance[0] else mistakes.PATHWISE_WINS, lines)
    return Finding(None, lines, _heaps(f, votes[0].item(), path_variance[0].sqrt().item()))


def _heaps(f: Callable, truth: float, spread: float) -> Picture:
    """4000 estimates of both kinds from the same dice."""
    eps = normal(4000, seed=46)
    found = {
        name: estimate(f, MU, SIGMA, eps).mu.numpy()
        for name, estimate in (("pathwise", gradients.pathwise), ("score", gradients.score_function))
    }
    bins = torch.linspace(truth - 3 * spread, truth + 3 * spread, 103, dtype=torch.float64).numpy()
    return pictures.estimates(bins).picture(truth=truth, n=1, **found)


VOTES_WIN = Construction(
    "votes_win",
    spec="a function my_f(z) without a jump for which the votes have the smaller variance by μ, at μ = ½, σ = 0.1",
    names=("my_f",),
    judge=_votes_win,
    answer="def my_f(z):\n    return torch.cos(50 * z)",
    wrong={
        mistakes.PATHWISE_WINS: (lambda z: torch.cos(5 * z),),
        mistakes.OFFSET: (lambda z: torch.cos(50 * z) + 10,),
        mistakes.JUMP: (lambda z: (z > 0.5).double(),),
        mistakes.CONSTANT: (torch.ones_like,),
        mistakes.NO_SLOPE: (lambda z: z**2 - z.detach() ** 2 + torch.sin(z.detach()),),
    },
    first="Pathwise pays for the slope of f, the votes for its size. Begin with the page's wave, "
    "torch.cos(5 * z), and look at the two variances.",
    hint="The bell is ten times as narrow as the one under which the votes won for cos 5z. How must the wave change, "
    "for the bell to see as many waves as before?",
    reason="With z = ½ + 0.1 ε it is a cosine of 25 + 5ε: the bell sees the same waves as cos 5z in a bell with σ = 1. "
    "Its slope reaches 50 and its size stays 1, so one pathwise estimate has a variance of 1250, one vote 50. A smooth "
    "step does it too, if it is steep: torch.sigmoid(1000 * (z − 0.5)) is nearly a jump, and flat nearly everywhere.",
)
