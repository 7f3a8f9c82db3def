"""Derivations a line at a time: each with its LaTeX, the reason for the step, and its value for this model, x and q."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, divergence, gaussian, quadrature
from vae_helpers.maths.toy import ToyModel


@dataclass(frozen=True)
class Line:
    """One line of a derivation. `known` and `unknown` name, in LaTeX, what a network could and could not compute."""

    latex: str
    why: str
    value: Tensor  # nats, one per q
    route: str  # how the value was computed, in words
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    relation: str = "="  # to the line before: "=" or "≥"


Q, POSTERIOR = r"q_\phi(z|x)", r"p_\theta(z|x)"
LIKELIHOOD, PRIOR, EVIDENCE = r"p_\theta(x|z)", r"p_\theta(z)", r"p_\theta(x)"
D_KL = rf"D_{{\mathrm{{KL}}}}\left({Q}\,\|\,{POSTERIOR}\right)"


LOG_Q, LOG_POSTERIOR = rf"\log {Q}", rf"\log {POSTERIOR}"
LOG_JOINT, LOG_EVIDENCE = rf"\log\bigl[{LIKELIHOOD}\,{PRIOR}\bigr]", rf"\log {EVIDENCE}"
LOG_RATIO, LOG_BAYES = rf"\log\frac{{{Q}}}{{{POSTERIOR}}}", rf"\log\frac{{{LIKELIHOOD}\,{PRIOR}}}{{{EVIDENCE}}}"

E_OVER_Q = rf"\mathbb{{E}}_{{{Q}}}"


def expected(inside: str) -> str:
    """E over z drawn from q_φ(z|x), in LaTeX."""
    return rf"{E_OVER_Q}\!\left[{inside}\right]"


def _terms(name: str, model: ToyModel, x: Tensor, mu: Tensor, logvar: Tensor) -> tuple:
    """What every derivation on the toy starts from: the arguments, checked, in float64; E_q, log q and log p(x, z)."""
    call = f"derivation.{name}(model, x, mu, logvar)"
    checks.tensors(call, x=x, mu=mu, logvar=logvar)
    checks.single(call, x=x)
    x, (mu, logvar) = x.double(), (value.double() for value in torch.broadcast_tensors(mu, logvar))

    def mean(g: Callable[[Tensor], Tensor]) -> Tensor:
        return quadrature.gaussian_mean(call, g, mu, logvar)

    def log_q(z: Tensor) -> Tensor:
        return divergence.log_q(z, mu[..., None], logvar[..., None])

    def log_joint(z: Tensor) -> Tensor:
        return model.log_joint(x, z)

    return x, mu, logvar, mean, log_q, log_joint


def kl_to_evidence(
    model: ToyModel, x: Float[Tensor, ""], mu: Float[Tensor, "*#batch"], logvar: Float[Tensor, "*#batch"]
) -> list[Line]:
    """D_KL(q_φ(z|x) ‖ p_θ(z|x)) = … = log p_θ(x) + E_q[log q_φ(z|x) − log p_θ(x|z) p_θ(z)], in five lines.

    One value per q: `mu` and `logvar` have shape [*batch]. The values need not agree by construction: the first line
    has log p_θ(x) from other nodes than the last (for "linear" both are closed forms), the second has E_q[log q] in
    closed form, the fourth integrates q's mass.
    Raises TypeError, ValueError and ArithmeticError as `ToyModel` and `divergence.kl` do.
    Source: Kingma & Welling (2014), eq. 1; Jordan et al. (1999), Machine Learning 37, section 6.
    """
    x, mu, logvar, mean, log_q, log_joint = _terms("kl_to_evidence", model, x, mu, logvar)
    log_evidence = model.log_evidence(x)
    if model.linear:
        closed_evidence, mu_post, logvar_post = model.closed_forms(x)
        definition = gaussian.kl_between(mu[..., None], logvar[..., None], mu_post[None], logvar_post[None])
        first, last = "closed form: two Gaussians", "closed form of log p(x), average over q by quadrature"
    else:
        closed_evidence, other_nodes = log_evidence, model.log_evidence_again(x)
        definition = mean(lambda z: log_q(z) - (log_joint(z) - other_nodes))
        first, last = "posterior normalised on other nodes", "log p(x) on even nodes, average over q by quadrature"
    minus_entropy = -gaussian.entropy(logvar[..., None])

    return [
        Line(
            rf"{D_KL} = {expected(LOG_RATIO)}",
            "The definition: the log of the ratio, averaged over what q draws.",
            definition, first, (Q,), (POSTERIOR,),
        ),
        Line(
            rf"= {expected(LOG_Q)} - {expected(LOG_POSTERIOR)}",
            "The log of a ratio is a difference of logs; the mean of a difference is the difference of the means.",
            minus_entropy - mean(lambda z: log_joint(z) - log_evidence),
            "first mean in closed form, −½ log 2πeσ²", (Q,), (POSTERIOR,),
        ),
        Line(
            rf"= {expected(LOG_Q)} - {expected(LOG_BAYES)}",
            "Bayes’ rule, for the one thing we do not know.",
            mean(log_q) - mean(lambda z: model.log_likelihood(x, z) + model.log_prior(z) - log_evidence),
            "both means by quadrature over q", (Q, LIKELIHOOD, PRIOR), (EVIDENCE,),
        ),
        Line(
            rf"= {expected(LOG_Q)} - {expected(LOG_JOINT)} + {expected(LOG_EVIDENCE)}",
            "The log of the fraction again, and minus times minus is plus.",
            mean(log_q) - mean(log_joint) + mean(lambda z: log_evidence.expand_as(z)),
            "three means; the last one integrates q times a constant", (Q, LIKELIHOOD, PRIOR), (EVIDENCE,),
        ),
        Line(
            rf"= {LOG_EVIDENCE} + {expected(f'{LOG_Q} - {LOG_JOINT}')}",
            r"$\log p_\theta(x)$ does not depend on $z$, and $q$ integrates to one: its mean is itself, "
            "and it steps out.",
            closed_evidence + mean(lambda z: log_q(z) - log_joint(z)),
            last, (Q, LIKELIHOOD, PRIOR), (EVIDENCE,),
        ),
    ]  # fmt: skip


D_PRIOR = rf"D_{{\mathrm{{KL}}}}\left({Q}\,\|\,{PRIOR}\right)"
LOG_LIKELIHOOD, LOG_PRIOR = rf"\log {LIKELIHOOD}", rf"\log {PRIOR}"
RATIO = rf"\frac{{{LIKELIHOOD}\,{PRIOR}}}{{{Q}}}"
LOG_OF_RATIO = rf"\log{RATIO}"
WE_HAVE = (Q, LIKELIHOOD, PRIOR)
E_Q, D_GAUSS = r"\mathbb{E}_q", r"D_{\mathrm{KL}}(q\,\|\,p)"


def elbo_from_kl(
    model: ToyModel, x: Float[Tensor, ""], mu: Float[Tensor, "*#batch"], logvar: Float[Tensor, "*#batch"]
) -> list[Line]:
    """L = log p_θ(x) − D_KL(q ‖ p_θ(z|x)) = … = E_q[log p_θ(x|z)] − D_KL(q ‖ p(z)), in five lines.

    The first line takes log p_θ(x) and the divergence each by its own route, the third has q's entropy and the last
    D_KL(q ‖ p(z)) in closed form. Raises as `kl_to_evidence` does. Source: Kingma & Welling (2014), eq. 1-3.
    """
    first = kl_to_evidence(model, x, mu, logvar)[0]
    x, mu, logvar, mean, log_q, log_joint = _terms("elbo_from_kl", model, x, mu, logvar)
    explained = mean(lambda z: model.log_likelihood(x, z))
    return [
        Line(
            rf"\mathcal{{L}} = {LOG_EVIDENCE} - {D_KL}",
            r"What we found: the level is what is left of $\log p_\theta(x)$ when the gap is taken away.",
            model.log_evidence(x) - first.value, f"log p(x) on even nodes; {first.route}", (Q,), (EVIDENCE, POSTERIOR),
        ),
        Line(
            rf"= -{expected(f'{LOG_Q} - {LOG_JOINT}')}",
            r"The definition of $\mathcal{L}$: in the difference of the two, the dashed pieces cancel.",
            -mean(lambda z: log_q(z) - log_joint(z)), "one mean by quadrature over q", WE_HAVE, (),
        ),
        Line(
            rf"= {expected(LOG_LIKELIHOOD)} + {expected(LOG_PRIOR)} - {expected(LOG_Q)}",
            "The log of a product is a sum of logs; the mean of a sum is the sum of the means.",
            explained + mean(model.log_prior) + gaussian.entropy(logvar[..., None]),
            "two means by quadrature, the third in closed form: q’s entropy ½ log 2πeσ²", WE_HAVE, (),
        ),
        Line(
            rf"= {expected(LOG_LIKELIHOOD)} - {expected(f'{LOG_Q} - {LOG_PRIOR}')}",
            "The last two belong together: what q draws, priced by q and by the prior.",
            explained - mean(lambda z: log_q(z) - model.log_prior(z)), "two means by quadrature", WE_HAVE, (),
        ),
        Line(
            rf"= {expected(LOG_LIKELIHOOD)} - {D_PRIOR}",
            "The definition of the KL divergence once more, this time to the prior: reconstruction minus price.",
            explained - gaussian.kl(mu[..., None], logvar[..., None]),
            "a mean by quadrature and D_KL in closed form, ½(μ² + σ² − 1 − log σ²)", WE_HAVE, (),
        ),
    ]  # fmt: skip


def elbo_from_jensen(
    model: ToyModel, x: Float[Tensor, ""], mu: Float[Tensor, "*#batch"], logvar: Float[Tensor, "*#batch"]
) -> list[Line]:
    """log p_θ(x) = log E_q[p_θ(x|z) p(z) / q(z|x)] ≥ E_q[log p_θ(x|z) p(z) / q(z|x)] = L, in four lines.

    The values of the first two lines are log p_θ(x), of the last two L. Raises as `kl_to_evidence` does.
    Source: Jordan et al. (1999), Machine Learning 37, section 6.
    """
    x, mu, logvar, mean, log_q, log_joint = _terms("elbo_from_jensen", model, x, mu, logvar)
    shape = (*mu.shape, len(model.z))
    log_ratio = log_joint(model.z) - log_q(model.z)
    weighted = quadrature.log_trapezoid((log_q(model.z) + log_ratio).expand(shape), model.z[1] - model.z[0])
    bound = mean(lambda z: log_joint(z) - log_q(z))
    return [
        Line(
            rf"{LOG_EVIDENCE} = \log\int {LIKELIHOOD}\,{PRIOR}\,dz",
            "The evidence: every z that could have made this x, weighted by the prior.",
            model.log_evidence_again(x).expand(mu.shape), "on nodes z = sinh u", (LIKELIHOOD, PRIOR), (EVIDENCE,),
        ),
        Line(
            rf"= \log {expected(RATIO)}",
            "Multiply and divide by q, which is nowhere zero: an integral becomes a mean over q. "
            "Draws estimate the log of a mean badly (01).",
            weighted, "q times the ratio, on even nodes", WE_HAVE, (rf"\log {E_OVER_Q}",),
        ),
        Line(
            rf"\ge {expected(LOG_OF_RATIO)} = \mathcal{{L}}",
            "Jensen: the logarithm bends downwards, so the log of a mean is at least the mean of the logs.",
            bound, "one mean by quadrature over q", WE_HAVE, (), "≥",
        ),
        Line(
            rf"= -{expected(f'{LOG_Q} - {LOG_JOINT}')}",
            "The log of the fraction turned round: the same L as by the other route.",
            -mean(lambda z: log_q(z) - log_joint(z)), "one mean by quadrature over q", WE_HAVE, (),
        ),
    ]  # fmt: skip


def gaussian_kl(mu: Float[Tensor, "*#batch"], logvar: Float[Tensor, "*#batch"]) -> list[Line]:
    """D_KL(N(μ, σ²) ‖ N(0, 1)) = … = ½(μ² + σ² − 1 − log σ²), in five lines.

    The first two lines by quadrature, the last three by E_q[z] = μ and E_q[(z − μ)²] = σ².
    Raises TypeError and ValueError (NaN, shapes). Source: Kingma & Welling (2014), appendix B.
    """
    standard = ToyModel("linear")  # only its prior is used
    zero = torch.zeros((), dtype=torch.float64)
    _, mu, logvar, mean, log_q, _ = _terms("gaussian_kl", standard, zero, mu, logvar)
    variance = logvar.exp()
    have = (r"q = N(\mu, \sigma^2)", r"p = N(0, 1)")
    return [
        Line(
            rf"{D_GAUSS} = {E_Q}\left[\log q(z) - \log p(z)\right]",
            "The definition.",
            mean(lambda z: log_q(z) - standard.log_prior(z)), "quadrature over q", have, (),
        ),
        Line(
            rf"= {E_Q}\left[-\tfrac12\log 2\pi\sigma^2 - \tfrac{{(z-\mu)^2}}{{2\sigma^2}}"
            r" + \tfrac12\log 2\pi + \tfrac{z^2}{2}\right]",
            "The two densities written out: log N(z; μ, σ²) and log N(z; 0, 1).",
            mean(lambda z: 0.5 * (z.square() - logvar[..., None] - (z - mu[..., None]).square() / variance[..., None])),
            "quadrature of the squares, the two ½ log 2π cancelled", have, (),
        ),
        Line(
            rf"= -\tfrac12\log\sigma^2 - \tfrac{{{E_Q}[(z-\mu)^2]}}{{2\sigma^2}} + \tfrac12 {E_Q}[z^2]",
            "½ log 2π cancels, and constants leave the mean.",
            -0.5 * logvar - mean(lambda z: (z - mu[..., None]).square()) / (2 * variance)
            + 0.5 * mean(lambda z: z.square()),
            "two means by quadrature", have, (),
        ),
        Line(
            r"= -\tfrac12\log\sigma^2 - \tfrac12 + \tfrac12(\mu^2 + \sigma^2)",
            "The mean square distance from μ is σ²; the mean square distance from 0 is μ² + σ².",
            -0.5 * logvar - 0.5 + 0.5 * (mu.square() + variance), "closed form", have, (),
        ),
        Line(
            r"= \tfrac12\left(\mu^2 + \sigma^2 - 1 - \log\sigma^2\right)",
            "Put in order: the form that stands in every VAE’s code.",
            gaussian.kl(mu[..., None], logvar[..., None]), "closed form, as the code computes it", have, (),
        ),
    ]  # fmt: skip
