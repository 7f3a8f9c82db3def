"""The toy model: one latent number, one data number, and everything "intractable" can be computed.

    z ~ N(0, 1)        x = f(z) + s·e,  e ~ N(0, 1)

It is the VAE's generative model with a decoder f small enough to integrate over: p(x) = ∫ p(x|z) p(z) dz.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian, quadrature

DECODERS = {"linear": lambda z: z, "fold": torch.square, "wave": lambda z: torch.sin(3 * z)}


class ToyModel:
    """z in R, x = f(z) + noise. Methods work elementwise, in float64 nats; z and x broadcast.

    f: "linear" (slope · z; the slope is the model's θ), "fold" (z²: two values of z give one x, so the posterior has
       two peaks), "wave" (sin 3z), or a smooth function of a float64 tensor, elementwise. For a gradient by a parameter
       of yours use it in such a function: lambda z: theta * z.
    noise: the standard deviation s > 0.
    reach, nodes: integrals over z run from −reach to reach on `nodes` points (and again on half the spacing).

    Raises TypeError and ValueError for arguments it cannot use, ArithmeticError where an integral is not accurate.
    """

    def __init__(
        self,
        f: str | Callable[[Tensor], Tensor] = "fold",
        noise: float = 0.3,
        slope: float = 1.0,
        reach: float = 20.0,
        nodes: int = 4001,
    ):
        self.name = repr(f) if isinstance(f, str) else getattr(f, "__name__", "f")  # as the call is written
        self.linear = f == "linear"
        call = f"ToyModel({self.name}, …)"
        if isinstance(f, str) and f not in DECODERS:
            raise ValueError(f"{call}: f is one of {', '.join(DECODERS)}, or a function of a tensor")
        if not isinstance(f, str) and not callable(f):
            raise TypeError(f"{call}: f is {checks.describe(f)}; it must be one of {', '.join(DECODERS)}, or callable")
        self.noise = checks.number(call, "noise", noise, positive=True)
        self.slope = checks.number(call, "slope", slope)
        if not self.linear and self.slope != 1.0:
            raise ValueError(f"{call}: slope = {self.slope} has a meaning for 'linear' only")
        self.reach = checks.number(call, "reach", reach, positive=True)
        if not isinstance(nodes, int) or nodes < 3 or nodes % 2 == 0:
            raise ValueError(f"{call}: nodes = {nodes!r}; it must be an odd whole number, at least 3")
        if math.erfc(self.reach / math.sqrt(2)) > 1e-12:
            raise ValueError(
                f"{call}: reach = {self.reach} leaves more than 1e-12 of the prior outside; take at least 8"
            )
        decoder = DECODERS[f] if isinstance(f, str) else f
        self.f = (lambda z: self.slope * z) if self.linear else decoder
        self.z = torch.linspace(-self.reach, self.reach, 2 * nodes - 1, dtype=torch.float64)
        image = checks.elementwise(call, "f", self.f(self.z), self.z)
        if image.dtype != torch.float64:  # its steps would be too rough to integrate
            raise TypeError(f"{call}: f(z) is {checks.describe(image)}; f is given float64 and must return float64")

    def __repr__(self) -> str:
        slope = f", slope={self.slope:g}" if self.linear else ""
        return f"ToyModel({self.name}, noise={self.noise:g}{slope})"

    def log_prior(self, z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """log p(z) = log N(z; 0, 1)."""
        z = self._double("log_prior(z)", z=z)[0]
        return gaussian.log_prob(z[..., None], z.new_zeros(1), z.new_zeros(1))

    def log_likelihood(self, x: Float[Tensor, "*#shape"], z: Float[Tensor, "*#shape"]) -> Float[Tensor, "*shape"]:
        """log p_θ(x|z) = log N(x; f(z), s²): over x a density, over z none (it need not integrate to one)."""
        x, z = self._double("log_likelihood(x, z)", x=x, z=z)
        logvar = z.new_tensor([2 * math.log(self.noise)])
        return gaussian.log_prob(x[..., None], self.f(z)[..., None], logvar)

    def log_joint(self, x: Float[Tensor, "*#shape"], z: Float[Tensor, "*#shape"]) -> Float[Tensor, "*shape"]:
        """log p_θ(x, z) = log p_θ(x|z) + log p(z)."""
        return self.log_likelihood(x, z) + self.log_prior(z)

    def log_evidence(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """log p_θ(x) = log ∫ p_θ(x|z) p(z) dz, by the trapezoid rule over z."""
        return self._log_integral(x, self.z, None)

    def log_evidence_again(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The same number on other nodes: z = sinh(u), evenly spaced in u. A second witness for tests and pages."""
        end = math.asinh(self.reach)
        u = torch.linspace(-end, end, len(self.z), dtype=torch.float64)
        return self._log_integral(x, u, u.cosh().log())

    def log_posterior(self, z: Float[Tensor, "*#shape"], x: Float[Tensor, "*#shape"]) -> Float[Tensor, "*shape"]:
        """log p_θ(z|x) = log p_θ(x, z) − log p_θ(x): Bayes' rule."""
        return self.log_joint(x, z) - self.log_evidence(x)

    def sample(self, n: int, generator: torch.Generator) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
        """n ancestral samples (z, x): first z from the prior, then x from p_θ(x|z)."""
        z, e = torch.randn(2, n, generator=generator, dtype=torch.float64)
        return z, self.f(z) + self.noise * e

    def closed_forms(self, x: Float[Tensor, "*shape"]) -> tuple[Tensor, Tensor, Tensor]:
        """log p_θ(x), and mean and log variance of p_θ(z|x), for "linear" with slope a:

            p(x) = N(0, a² + s²),   p(z|x) = N(a x / (a² + s²), s² / (a² + s²)).

        Raises ValueError for any other f: only there both are Gaussian. Source: Bishop (2006), eq. 2.115-2.117.
        """
        if not self.linear:
            raise ValueError(f"{self!r}.closed_forms(x): there are closed forms for 'linear' only")
        x = self._double("closed_forms(x)", x=x)[0]
        variance = self.slope**2 + self.noise**2
        log_evidence = gaussian.log_prob(x[..., None], x.new_zeros(1), x.new_tensor([math.log(variance)]))
        return log_evidence, self.slope * x / variance, torch.full_like(x, math.log(self.noise**2 / variance))

    def _double(self, method: str, **named: Tensor) -> list[Tensor]:
        checks.tensors(f"{self!r}.{method}", **named)
        return [value.double() for value in named.values()]

    def _log_integral(self, x: Tensor, u: Tensor, log_jacobian: Tensor | None) -> Tensor:
        x = self._double("log_evidence(x)", x=x)[0]
        z = u if log_jacobian is None else u.sinh()
        log_terms = self.log_joint(x[..., None], z)
        if log_jacobian is not None:
            log_terms = log_terms + log_jacobian
        du = u[1] - u[0]
        fine = quadrature.log_trapezoid(log_terms, du)
        call = f"{self!r}.log_evidence(x)"
        # What lies outside ±reach is at most the prior mass there times the likelihood's largest value, 1/(√2π s).
        tail = torch.special.log_ndtr(-self.z[-1]) + math.log(2) - 0.5 * gaussian.LOG_2PI - math.log(self.noise)
        if not (tail - fine <= math.log(quadrature.TOLERANCE)).all():
            raise ArithmeticError(
                f"{call}: at x = {x.flatten()[fine.flatten().argmin()]:g} log p(x) is only {fine.min():.4g} nats, so "
                f"that z outside {-self.reach:g} … {self.reach:g} may count; take a larger reach, more noise or a "
                f"likelier x"
            )
        remedy = "the posterior is too narrow for these nodes: take more nodes or more noise"
        return quadrature.agree(call, fine, quadrature.log_trapezoid(log_terms[..., ::2], 2 * du), remedy)


class LinearGaussian:
    """`dim` independent copies of the linear toy: z ~ N(0, I), x = slope · z + noise · e, all in closed form.

    x and z have shape [*batch, dim]; log-densities are summed over the copies, [*batch], in nats.
    Raises TypeError and ValueError for arguments it cannot use. Source: Bishop (2006), eq. 2.113-2.117.
    """

    def __init__(self, dim: int = 1, slope: float | int = 1.0, noise: float | int = 0.5):
        call = "LinearGaussian(dim, slope, noise)"
        if not isinstance(dim, int) or dim < 1:
            raise ValueError(f"{call}: dim = {dim!r}; it must be a whole number, at least 1")
        self.dim = dim
        self.slope = checks.number(call, "slope", slope)
        self.noise = checks.number(call, "noise", noise, positive=True)
        self.variance = self.slope**2 + self.noise**2  # of each xᵢ

    def __repr__(self) -> str:
        return f"LinearGaussian(dim={self.dim}, slope={self.slope:g}, noise={self.noise:g})"

    def log_prior(self, z: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch"]:
        """log p(z) = log N(z; 0, I)."""
        self._sized("log_prior(z)", z=z)
        return self._log_normal(z, torch.zeros_like(z), 1.0)

    def log_likelihood(
        self, x: Float[Tensor, "*#batch dim"], z: Float[Tensor, "*#batch dim"]
    ) -> Float[Tensor, "*batch"]:
        """log p_θ(x|z) = log N(x; slope · z, noise² I)."""
        self._sized("log_likelihood(x, z)", x=x, z=z)
        return self._log_normal(x, self.slope * z, self.noise**2)

    def log_joint(self, x: Float[Tensor, "*#batch dim"], z: Float[Tensor, "*#batch dim"]) -> Float[Tensor, "*batch"]:
        """log p_θ(x, z) = log p_θ(x|z) + log p(z)."""
        return self.log_likelihood(x, z) + self.log_prior(z)

    def log_evidence(self, x: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch"]:
        """log p_θ(x) = log N(x; 0, (slope² + noise²) I)."""
        self._sized("log_evidence(x)", x=x)
        return self._log_normal(x, torch.zeros_like(x), self.variance)

    def posterior(self, x: Float[Tensor, "*batch dim"]) -> tuple[Tensor, Tensor]:
        """Mean and log variance of p_θ(z|x) = N(slope · x / v, noise² / v), v = slope² + noise²; each [*batch, dim]."""
        self._sized("posterior(x)", x=x)
        return self.slope * x / self.variance, torch.full_like(x, math.log(self.noise**2 / self.variance))

    def relative_variance(self, x: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch"]:
        """Var[p(x|z)] / p(x)², z from the prior: of naive Monte Carlo with n draws it is this over n.

        ∏ᵢ Rᵢ − 1 with Rᵢ = v / (s √(2a² + s²)) · exp(xᵢ² [1/v − 1/(2a² + s²)]), v = a² + s².
        """
        self._sized("relative_variance(x)", x=x)
        wide = 2 * self.slope**2 + self.noise**2
        log_r = math.log(self.variance / (self.noise * math.sqrt(wide))) + x.square() * (1 / self.variance - 1 / wide)
        return torch.expm1(log_r.sum(-1))

    def sample(self, n: int, generator: torch.Generator) -> tuple[Float[Tensor, "n dim"], Float[Tensor, "n dim"]]:
        """n ancestral samples (z, x)."""
        z, e = torch.randn(2, n, self.dim, generator=generator, dtype=torch.float64)
        return z, self.slope * z + self.noise * e

    def _log_normal(self, x: Tensor, mean: Tensor, variance: float) -> Tensor:
        return gaussian.log_prob(x, mean, x.new_tensor(math.log(variance)).expand(self.dim))

    def _sized(self, method: str, **named: Tensor) -> None:
        checks.tensors(f"{self!r}.{method}", **named)
        for name, value in named.items():
            if value.shape[-1:] != (self.dim,):
                raise ValueError(
                    f"{self!r}.{method}: {name} is {checks.describe(value)}; "
                    f"its last axis must hold one number per copy, {self.dim}"
                )
