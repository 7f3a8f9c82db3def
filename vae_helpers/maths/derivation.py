"""Derivations a line at a time: each with its LaTeX, the reason for the step, and its value for this model, x and q."""

from dataclasses import dataclass

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


Q, POSTERIOR = r"q_\phi(z|x)", r"p_\theta(z|x)"
LIKELIHOOD, PRIOR, EVIDENCE = r"p_\theta(x|z)", r"p_\theta(z)", r"p_\theta(x)"
D_KL = rf"D_{{\mathrm{{KL}}}}\left({Q}\,\|\,{POSTERIOR}\right)"


LOG_Q, LOG_POSTERIOR = rf"\log {Q}", rf"\log {POSTERIOR}"
LOG_JOINT, LOG_EVIDENCE = rf"\log\bigl[{LIKELIHOOD}\,{PRIOR}\bigr]", rf"\log {EVIDENCE}"
LOG_RATIO, LOG_BAYES = rf"\log\frac{{{Q}}}{{{POSTERIOR}}}", rf"\log\frac{{{LIKELIHOOD}\,{PRIOR}}}{{{EVIDENCE}}}"


def expected(inside: str) -> str:
    """E over z drawn from q_φ(z|x), in LaTeX."""
    return rf"\mathbb{{E}}_{{{Q}}}\!\left[{inside}\right]"


def kl_to_evidence(
    model: ToyModel, x: Float[Tensor, ""], mu: Float[Tensor, "*batch"], logvar: Float[Tensor, "*batch"]
) -> list[Line]:
    """D_KL(q_φ(z|x) ‖ p_θ(z|x)) = … = log p_θ(x) + E_q[log q_φ(z|x) − log p_θ(x|z) p_θ(z)], in five lines.

    One value per q: `mu` and `logvar` have shape [*batch]. The values need not agree by construction: the first line
    has log p_θ(x) from other nodes than the last (for "linear" both are closed forms), the second has E_q[log q] in
    closed form, the fourth integrates q's mass.
    Raises TypeError, ValueError and ArithmeticError as `ToyModel` and `divergence.kl` do.
    Source: Kingma & Welling (2014), eq. 1; Jordan et al. (1999), Machine Learning 37, section 6.
    """
    call = "derivation.kl_to_evidence(model, x, mu, logvar)"
    checks.tensors(call, x=x, mu=mu, logvar=logvar)
    checks.single(call, x=x)
    x, mu, logvar = x.double(), mu.double(), logvar.double()

    def mean(g) -> Tensor:
        return quadrature.gaussian_mean(call, g, mu, logvar)

    def log_q(z: Tensor) -> Tensor:
        return divergence.log_q(z, mu[..., None], logvar[..., None])

    def log_joint(z: Tensor) -> Tensor:
        return model.log_joint(x, z)

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
            "log p_θ(x) does not depend on z, and q integrates to one: its mean is itself, and it steps out.",
            closed_evidence + mean(lambda z: log_q(z) - log_joint(z)),
            last, (Q, LIKELIHOOD, PRIOR), (EVIDENCE,),
        ),
    ]  # fmt: skip
