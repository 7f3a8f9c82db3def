"""Wrong answers that several exercises meet."""

from vae_helpers.exercises.mistakes.mistake import Mistake

# ---- factors and signs ----

HALF = Mistake(
    "the ½ is missing",
    "Everything comes out twice as large as it should.",
    "Which factor stands before the whole of log N(z; μ, σ²)?",
)
ONE = Mistake(
    "the −1 is missing",
    "Where q and p are the same bell, the divergence must be 0. With your line it is not.",
    "Put mu = 0 and logvar = 0 into your line, by hand.",
)
SIGN = Mistake(
    "the sign is turned round",
    "What should be large comes out small, and the other way round.",
    "Try a case whose sign you know. Which term has the minus in the formula, and which in your line?",
)
DIRECTION = Mistake(
    "the direction is reversed",
    "The two divergences are different numbers: the one on the left of ‖ draws, and weighs the logs.",
    "Who throws the dice here, and whose prices are paid?",
)

# ---- a number in the place of another ----

SIGMA_FOR_VARIANCE = Mistake(
    "σ stands where σ² belongs",
    "exp(½ logvar) is σ, exp(logvar) is σ². They agree only where both are 1.",
    "logvar is the log of which of the two? Try it with logvar = 2 log 3, where σ is 3.",
)
VARIANCE_FOR_SIGMA = Mistake(
    "σ² stands where σ belongs (exp(logvar) for σ)",
    "The spread of z would be σ² and not σ: too wide where σ > 1, too narrow where σ < 1.",
    "logvar is the log of σ². What must be done to a log so that it becomes the log of the square root?",
)
LOGVAR_FOR_VARIANCE = Mistake(
    "log σ² stands where σ² belongs",
    "logvar may be negative; a variance may not.",
    "Which function takes logvar back to the variance?",
)

# ---- sums and means ----

MEAN_OVER_LATENTS = Mistake(
    "the mean over the latents is taken for their sum",
    "Independent latents each cost their own nats, and nats add up. A mean divides the price by the number of latents.",
    "Two latents that cost 1 nat each: what do they cost together?",
)
MEAN_OVER_OUTCOMES = Mistake(
    "the mean over the outcomes is taken for their sum",
    "The weights q already make it an average; dividing once more makes it smaller, the more outcomes there are.",
    "What do the weights of one row sum to?",
)
NOT_SUMMED = Mistake(
    "the latents are not summed",
    "One number per latent came; wanted is one price for the whole example.",
    "Over which axis do the latents of one example lie?",
)
OVER_THE_BATCH = Mistake(
    "it is reduced over the batch too",
    "Each row is an example of its own, and keeps its number.",
    "Which axes does .sum() or .mean() take when you name none?",
)
SUM_OVER_DRAWS = Mistake(
    "the draws are summed, not averaged",
    "With twice as many draws your estimate would be twice as large; it should only become surer.",
    "What should happen to the number when somebody draws ten times as often?",
)

# ---- logs of averages, and what is averaged ----

AVERAGE_OF_LOGS = Mistake(
    "the average of the logs is taken for the log of the average",
    "Of numbers that differ, the average of the logs is always smaller: a single draw that misses pulls it down.",
    "Which comes first in log E[…]: the log or the average?",
)
UNDERFLOW = Mistake(
    "exp() is taken before adding up, and what it gives is rounded to 0 (or to infinity)",
    "exp(−2000) is not 0, but the computer has no number as small, and says log 0 = −∞; exp(800) is too large for it.",
    "Could the largest log be taken out first, and added again in the end? torch.logsumexp does that.",
)
NOT_DIVIDED = Mistake(
    "the draws are summed, but not divided by their number",
    "With twice as many draws your estimate would rise by log 2 = 0.69 nats, without having learned anything.",
    "logsumexp is the log of a sum. What turns the sum into an average, and what is that in logs?",
)
PRIOR_FORGOTTEN = Mistake(
    "the prior is forgotten",
    "The likelihood alone says how well a z explains x, not how often that z comes.",
    "A z that explains x perfectly, but hardly ever comes: what holds it back in your line?",
)
PRIOR_TWICE = Mistake(
    "the prior is counted twice",
    "Each z may be weighed by the prior once: you have multiplied by it where it was already in.",
    "Which of your terms already contain log p(z)?",
)
KL_ADDED = Mistake(
    "the KL is added where it must be subtracted",
    "The KL is a price. With your sign it is a reward: the farther q is from the prior, the better.",
    "An image whose q is farther from the prior: is its bound higher or lower for it?",
)
MEAN_OVER_PIXELS = Mistake(
    "the mean over the pixels is taken for their sum",
    "All pixels together make the image probable. Beside their mean the KL weighs far too much: D times, for D pixels.",
    "Two pixels that cost 1 nat each: what does the image cost?",
)

# ---- gradients ----

NO_GRADIENT = Mistake(
    "its numbers are right, but no gradient passes through it",
    "A network learns by that gradient. detach(), item(), data, numpy, torch.tensor(…) and torch.no_grad() cut it.",
    "Which line turns a tensor into a plain number, or into a new tensor?",
)
DETACHED = Mistake(
    "its numbers are right, but a slope is not",
    "Somewhere on the way from the argument to the result the graph is cut, or its slope is undefined (0/0, log 0).",
    "Which piece of your formula went through math.exp, round(), detach(), item(), data or numpy?",
)
