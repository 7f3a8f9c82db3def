"""Notebook 03's explorers: a guess q = N(μ, σ²) over the posterior of the toy model, moved by hand."""

import math

import torch
from torch import Tensor

from vae_helpers.figures import divergence as pictures
from vae_helpers.figures import guess
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import checks, divergence
from vae_helpers.maths.toy import ToyModel
from vae_helpers.widgets.explorer import Explorer
from vae_helpers.widgets.slider import Slider, slider, stops

GRID = torch.linspace(-3, 3, 601, dtype=torch.float64)


def f64(value) -> Tensor:
    """A number, or a list of them, as the float64 tensor that `maths` works with."""
    return torch.as_tensor(value, dtype=torch.float64)


def gaussian_parameters(mu: float, sigma: float) -> tuple[Tensor, Tensor]:
    """μ and log σ² of q, as tensors. Raises ValueError for σ ≤ 0."""
    return f64(mu), f64(2 * math.log(checks.number("q = N(μ, σ²)", "sigma", sigma, positive=True)))


def bell(mu: float | int | Tensor, logvar: Tensor):
    """The density of q on the grid of the pictures, as they take it."""
    return divergence.log_q(GRID, f64(mu), logvar).exp().numpy()


def bells(model: ToyModel, x: float | Tensor, **guesses: tuple[float, float]) -> Picture:
    """Guesses, name = (mean, spread), over the posterior at x; one panel each."""
    drawn = [(name, mu, sigma, bell(*gaussian_parameters(mu, sigma))) for name, (mu, sigma) in guesses.items()]
    return guess.bells(GRID.numpy(), model.log_posterior(GRID, f64(x)).exp().numpy(), drawn)


def directions(model: ToyModel, x: float | Tensor, **guesses: tuple[float, float]) -> Picture:
    """The reverse and the forward divergence of guesses, name = (mean, spread), at x."""
    x_seen, qs = f64(x), [gaussian_parameters(*q) for q in guesses.values()]
    return pictures.directions(
        GRID.numpy(),
        model.log_posterior(GRID, x_seen).exp().numpy(),
        [(name, bell(*q)) for name, q in zip(guesses, qs, strict=True)],
        [divergence.reverse(model, x_seen, *q).item() for q in qs],
        [divergence.forward(model, x_seen, *q).item() for q in qs],
    )


def walk(model: ToyModel, x: float | Tensor, sigma: float) -> Explorer:
    """A narrow q leaves its peak: the price over its mean."""
    x_seen, mus = f64(x), torch.linspace(-3, 3, 301, dtype=torch.float64)

    def price(mu: Tensor) -> Tensor:
        return divergence.reverse(model, x_seen, mu, gaussian_parameters(0.0, sigma)[1].expand_as(mu))

    def derive(mu: float) -> dict:
        q = bell(*gaussian_parameters(mu, sigma))
        return {"q": q, "at": mu, "price": price(f64(mu)).item()}

    density = model.log_posterior(GRID, x_seen).exp().numpy()
    scene = pictures.walk(GRID.numpy(), density, mus.numpy(), price(mus).numpy())
    return Explorer(scene, derive, mu=slider("mean μ of q", 0.94, -3, 3))


def guess_sliders(mu: float = 0.5, sigma: float = 0.5, reach: float = 2.0, widest: float = 1.2) -> dict[str, Slider]:
    """The two sliders that move q."""
    return {"mu": slider("mean μ of q", mu, -reach, reach), "sigma": slider("spread σ of q", sigma, 0.1, widest)}


def prices(model: ToyModel, x: float | Tensor, mu: float, sigma: float) -> Explorer:
    """The surprise of one z under the posterior and under a fixed q, and the overpayment between them."""
    x_seen, q = f64(x), gaussian_parameters(mu, sigma)

    def derive(z: float) -> dict:
        at = f64(z)
        return {"at": z, "p": -model.log_posterior(at, x_seen).item(), "q": -divergence.log_q(at, *q).item()}

    price_p, price_q = -model.log_posterior(GRID, x_seen), -divergence.log_q(GRID, *q)
    scene = guess.prices(GRID.numpy(), price_p.numpy(), price_q.numpy())
    return Explorer(scene, derive, z=slider("a value z", 0.0, -3, 3))


def integrand(model: ToyModel, x: float | Tensor) -> Explorer:
    """D_KL(q ‖ posterior) as overpaid minus saved, while q moves."""
    x_seen = f64(x)

    def log_p(z: Tensor) -> Tensor:
        return model.log_posterior(z, x_seen)

    def derive(mu: float, sigma: float) -> dict:
        q = gaussian_parameters(mu, sigma)
        over, saved = divergence.areas(log_p, *q)
        return {
            "q": bell(*q),
            "overpaid": divergence.overpayment(log_p, GRID, *q).numpy(),
            "over_area": over.item(),
            "saved_area": saved.item(),
        }

    return Explorer(guess.integrand(GRID.numpy(), log_p(GRID).exp().numpy()), derive, **guess_sliders())


def jensen() -> Explorer:
    """Two outcomes, their probabilities under q and under p: the chord never dips below the curve."""
    return Explorer(
        pictures.jensen(), lambda q, p: {"q": q, "p": p},
        q=slider("q(heads)", 0.5, 0.2, 0.8), p=slider("p(heads)", 0.9, 0.02, 0.98),
    )  # fmt: skip


def best_gaussians(model: ToyModel, x: Tensor) -> tuple[divergence.Descent, divergence.Descent]:
    """For each x, the descents that start over both peaks of `fold` and over its right peak."""
    covers = divergence.descend(model, x, *gaussian_parameters(0.0, 0.5), steps=30)
    # At the peak z = √x the posterior is about N(√x, s²/4x), the likelihood's curvature there.
    chooses = divergence.descend(model, x, x.sqrt(), torch.log(model.noise**2 / (4 * x)), steps=60)
    return covers, chooses


def cover_or_choose(model: ToyModel) -> Explorer:
    """The best reverse q as x moves the posterior's peaks apart."""
    xs = torch.linspace(0.25, 2, 36, dtype=torch.float64)
    covers, chooses = best_gaussians(model, xs)
    # Where the peaks are close, a bell that starts on one of them slides back to the middle: nothing was chosen.
    chosen = torch.where(chooses.mu[-1].abs() > 0.1, chooses.kl[-1], math.nan)

    def derive(x: float | Tensor) -> dict:
        i = (xs - x).abs().argmin().item()
        cover, choose = covers.kl[-1, i].item(), chosen[i].item()
        best = chooses if choose < cover else covers
        mu, logvar = best.mu[-1, i], best.logvar[-1, i]
        return {
            "at": xs[i].item(),
            "p": model.log_posterior(GRID, xs[i]).exp().numpy(),
            "mu": mu.item(),
            "sigma": (0.5 * logvar).exp().item(),
            "q": bell(mu, logvar),
            "twin_q": bell(-mu, logvar),
            "cover": cover,
            "choose": choose,
        }

    scene = pictures.cover_or_choose(GRID.numpy(), xs.numpy(), covers.kl[-1].numpy(), chosen.numpy())
    return Explorer(scene, derive, x=slider("observed x", 0.25, 0.25, 2.0, 0.05))


def sampling(model: ToyModel, x: float | Tensor, mu: float, sigma: float, repeats: int = 1000) -> Explorer:
    """The Monte Carlo estimate of D_KL from n draws, made `repeats` times; `again` draws anew."""
    x_seen, q = f64(x), gaussian_parameters(mu, sigma)

    def derive(n: float, again: float) -> dict:
        n, generator = round(n), torch.Generator().manual_seed(round(again))
        many = divergence.monte_carlo(lambda z: model.log_posterior(z, x_seen), *q, n * repeats, generator)
        return {"estimates": many.draws.reshape(repeats, n).mean(-1).numpy(), "n": n}

    exact = divergence.reverse(model, x_seen, *q).item()
    scene = pictures.sampling(exact, torch.linspace(-1.5, 3, 91, dtype=torch.float64).numpy())
    return Explorer(
        scene, derive,
        n=stops("draws n", 300, [1, 3, 10, 30, 100, 300]), again=slider("drawing number", 1, 1, 20, 1),
    )  # fmt: skip


def turn(model: ToyModel, x: float | Tensor) -> Explorer:
    """D_KL and the expectation over q, side by side: whatever q does, they part by log p(x)."""
    x_seen = f64(x)
    log_evidence = model.log_evidence(x_seen).item()
    mus = torch.linspace(-1.4, 1.4, 57, dtype=torch.float64)

    def derive(mu: float, sigma: float) -> dict:
        q = gaussian_parameters(mu, sigma)
        return {
            "q": bell(*q),
            "kl_curve": divergence.reverse(model, x_seen, mus, q[1].expand_as(mus)).numpy(),
            "at": mu,
            "kl": divergence.reverse(model, x_seen, *q).item(),
            "expectation": divergence.kl(lambda z: model.log_joint(x_seen, z), *q).item(),
        }

    scene = pictures.turn(GRID.numpy(), model.log_posterior(GRID, x_seen).exp().numpy(), mus.numpy(), log_evidence)
    return Explorer(scene, derive, **guess_sliders(reach=1.4, widest=0.9))
