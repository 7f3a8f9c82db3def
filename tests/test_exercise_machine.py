"""What a check does with an answer: stubs, exceptions, shapes, dice, pictures; on the Gaussian KL."""

import math
import random

import numpy as np
import pytest
import torch

from tests.tools import f64, refused
from vae_helpers.exercises import check, hint, judge, solution, trial
from vae_helpers.exercises.divergence import gaussian_kl
from vae_helpers.exercises.feedback import Feedback, shown
from vae_helpers.exercises.mistakes import shared


def said(answer):
    return repr(check.gaussian_kl.look(answer))


# ---- in its own words ----


def by_numpy(mu, logvar):
    mu, logvar = mu.numpy(), logvar.numpy()
    return 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).sum(-1)


def by_loops(mu, logvar):
    rows = []
    for m, v in zip(mu.tolist(), logvar.tolist(), strict=True):
        rows.append(sum(0.5 * (a * a + np.exp(b) - 1 - b) for a, b in zip(m, v, strict=True)))
    return rows


def by_distributions(mu, logvar):
    q = torch.distributions.Normal(mu, (0.5 * logvar).exp())
    return torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(-1)


@pytest.mark.parametrize("answer", [by_numpy, by_loops, by_distributions])
def test_a_right_answer_may_be_written_in_another_way(answer):
    assert check.gaussian_kl.look(answer).state == "solved"


def test_without_a_gradient_it_is_right_and_told_so():
    assert "can't differentiate" in said(by_numpy)
    assert "can't differentiate" not in said(by_distributions)


def by_draws(mu, logvar):
    eps = torch.randn(2000, *mu.shape, dtype=mu.dtype)
    z = mu + (0.5 * logvar).exp() * eps
    return 0.5 * (z**2 - eps**2 - logvar).sum(-1).mean(0)


def test_an_unbiased_estimate_is_right_but_not_the_form_asked_for():
    verdict = check.gaussian_kl.look(by_draws)
    assert verdict.state == "another form"
    assert "not the form asked for" in verdict.head


def test_dice_that_are_wrong_on_average_are_told_with_both_numbers():
    text = said(lambda mu, logvar: by_draws(mu, logvar) + 0.5)
    assert "it is not the same twice" in text
    assert "the mean of 64 calls is" in text
    assert "wanted" in text


def test_a_hidden_cut_of_the_gradient_is_found():
    verdict = check.gaussian_kl.look(lambda mu, logvar: 0.5 * (mu**2 + logvar.exp().detach() - 1 - logvar).sum(-1))
    assert verdict.state == "another form"  # of the Gaussian KL the number is asked; a network could not learn from it
    assert shared.DETACHED.name in verdict.head
    assert "a slope by logvar: yours" in repr(verdict)


# ---- what stops it ----


def test_an_exception_shows_the_line_of_the_learners_code():
    def answer(mu, logvar):
        total = mu + logvar
        return total @ total

    text = said(answer)
    assert "stopped with RuntimeError" in text
    assert "\n      return total @ total\n" in text
    assert "mu [5, 3] (batch, latent) in float64" in text


def test_of_a_library_that_stops_the_learners_line_is_shown():
    assert "torch.distributions.Normal(mu, logvar)" in said(lambda mu, logvar: torch.distributions.Normal(mu, logvar))


def test_two_dtypes_that_meet_are_named():
    text = said(lambda mu, logvar: (mu @ torch.ones(3, 1)).squeeze(-1))
    assert "Two dtypes meet. All arguments are torch.float64" in text


def test_axes_that_are_not_in_line_are_named():
    text = said(lambda mu, logvar: (mu - mu.sum(-1)).sum(-1))
    assert "whose axes are not in line" in text


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (lambda mu, logvar: math.exp(logvar), "For a whole tensor: x.log(), x.exp()"),
        (lambda mu, logvar: mu.sum(-1) + torch.log(mu.shape[1]), "For a plain number, as from a shape: math.log"),
        (lambda mu, logvar: torch.logsumexp(mu), "Say over which axis"),
        (lambda mu, logvar: np.exp(logvar).sum(axis=-1) if False else np.sum(mu, axis=-1), "torch says dim"),
        (lambda mu, logvar: mu - mu.max(1), "take .values"),
        (lambda mu, logvar: mu if mu > 0 else logvar, "An if wants one yes or no"),
        (lambda mu, logvar: mu ^ 2, "two stars"),
        (lambda mu, logvar: math.log(0.0), "A log of 0?"),
        (lambda mu, logvar: torch.lerp(mu, logvar, torch.ones(3)), "Two dtypes meet"),
        (lambda mu, logvar: mu[::-1], "value.flip(0)"),
        (lambda mu, logvar: mu.reshape(17, 2), "Take it from x.shape"),
        (lambda mu, logvar: torch.distributions.Normal(mu, logvar).mean, "was logvar given where σ is asked for?"),
        (lambda mu, logvar: mu.grad.sum(-1), "Something is None"),
    ],
)
def test_what_beginners_cannot_read_is_translated(answer, part):
    assert part in said(answer)


def test_given_dice_that_are_not_used_are_named():
    def answer(mu, logvar, eps):
        return gaussian_kl(mu, logvar) + torch.randn(mu.shape[0])

    text = repr(check.monte_carlo_kl.look(answer))
    assert "The dice are thrown already: they are the argument eps." in text


@pytest.mark.parametrize("answer", [lambda mu: mu, lambda a, b, c: a, lambda: 1])
def test_wrong_arguments_are_named(answer):
    assert "can't be called with (mu, logvar)" in said(answer)


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        (lambda mu, logvar: print, ["D_KL is a builtin_function_or_method; wanted a tensor of numbers"]),
        (lambda mu, logvar: "2.1", ["D_KL is a str"]),
        (lambda mu, logvar: {"kl": mu}, ["D_KL is a dict"]),
        (lambda mu, logvar: mu.sum(-1) > 0, ["tensor of bool; wanted real numbers"]),
        (lambda mu, logvar: mu.sum(-1) + 0j, ["tensor of complex128"]),
        (lambda mu, logvar: (mu + logvar).sum(0), ["D_KL has shape [3]; wanted [5] (batch)", "“batch” is gone"]),
        (lambda mu, logvar: mu.sum(-1)[:, None] + logvar.sum(-1), ["shape [5, 5]", "A column met a row"]),
        (lambda mu, logvar: (mu + logvar).max(-1), ["returns 2 things; wanted one: D_KL", "take .values"]),
        (lambda mu, logvar: gaussian_kl(mu, logvar)[:, None], ["wanted [5] (batch)", "length 1 too many"]),
        (lambda mu, logvar: mu + logvar, ["shape [5, 3]", "The axis “latent” is still there."]),
        (lambda mu, logvar: (mu + logvar).sum(), ["shape []", "The answer keeps “batch”"]),
        (lambda mu, logvar: (mu + logvar).sum(-1)[:2], ["shape [2]; wanted [5]"]),
    ],
)
def test_what_is_no_answer_is_said_in_the_exercises_terms(answer, parts):
    text = said(answer)
    assert [part for part in parts if part not in text] == [], text


def test_the_result_instead_of_the_function_is_told():
    assert "pass the function itself" in said(torch.zeros(5))


def test_a_return_that_is_missing_is_told():
    def answer(mu, logvar):
        0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)

    assert "returns nothing (None)" in said(answer)


def test_an_interrupt_is_the_readers_own():
    def answer(mu, logvar):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.gaussian_kl.look(answer)


# ---- the smallest input that fails ----


def test_what_is_no_known_mistake_gets_its_smallest_input():
    text = said(lambda mu, logvar: gaussian_kl(mu, logvar) + torch.relu(mu[:, 0] - 0.4))
    assert "not as any mistake does that is known here" in text
    assert "      mu = [[1]]\n" in text  # one example, one latent, a whole number
    assert "D_KL, yours:  [" in text
    assert "D_KL, wanted: [" in text


def test_the_smallest_input_still_fails():
    args = torch.arange(12.0).reshape(4, 3), torch.ones(4, 3)
    found = judge.smallest(
        lambda args: bool((args[0] > 6).any()), args, {"mu": "batch latent", "logvar": "batch latent"}
    )
    assert found[0].tolist() == [[7.0]]
    kept = judge.smallest(lambda args: True, args, {"mu": "batch latent", "logvar": "batch latent"}, keeps=["latent"])
    assert kept[0].shape == (1, 3)


def test_the_two_numbers_differ_visibly():
    """1.068 beside [1.068] would look as if the check were broken."""
    text = said(lambda mu, logvar: gaussian_kl(mu, logvar).sum())
    yours, wanted = (line.split(":")[1].strip() for line in text.splitlines() if "D_KL, " in line)
    assert yours.strip("[]") != wanted.strip("[]")
    almost = said(lambda mu, logvar: gaussian_kl(mu, logvar) * 1.0003)
    yours, wanted = (line.split(":")[1].strip() for line in almost.splitlines() if "D_KL, " in line)
    assert yours != wanted


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (
            lambda q, p: (q * ((q + 1e-8) / (p + 1e-8)).log()).sum(-1),
            "the right number is infinite, and yours is finite",
        ),
        (lambda q, p: (q * (q / p).log() ** 0.5).sum(-1), "yours is NaN"),
        (lambda q, p: (torch.xlogy(q, q) - torch.xlogy(q, p)).sum(-1) + 0.1 / q.amin(-1), "yours is infinite"),
    ],
)
def test_an_infinity_or_a_nan_on_one_side_is_spoken_of(answer, part):
    assert part in repr(check.discrete_kl.look(answer))


# ---- nothing outside has moved ----


def test_random_numbers_and_the_learners_seed_are_left_alone():
    torch.manual_seed(5), np.random.seed(5), random.seed(5)  # noqa: NPY002
    wanted = torch.rand(1), np.random.rand(), random.random()  # noqa: NPY002
    torch.manual_seed(5), np.random.seed(5), random.seed(5)  # noqa: NPY002
    check.gaussian_kl.look(by_draws)
    assert (torch.rand(1), np.random.rand(), random.random()) == wanted  # noqa: NPY002


def test_the_same_answer_gets_the_same_words():
    assert said(by_draws) == said(by_draws)
    assert said(lambda mu, logvar: by_draws(mu, logvar) + 1) == said(lambda mu, logvar: by_draws(mu, logvar) + 1)


def test_what_the_function_prints_is_seen_once(capsys):
    def answer(mu, logvar):
        print("here")
        return gaussian_kl(mu, logvar)

    check.gaussian_kl.look(answer)
    assert capsys.readouterr().out == "here\n"


def test_the_references_own_arguments_are_never_changed():
    before = [arg.clone() for probe in check.gaussian_kl.probes for arg in probe]
    check.gaussian_kl.look(lambda mu, logvar: gaussian_kl(mu.mul_(2), logvar))
    after = [arg for probe in check.gaussian_kl.probes for arg in probe]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


# ---- stubs ----


def documented(mu, logvar):
    """Write me."""
    ...


def passing(mu, logvar):
    """Write me."""


@pytest.mark.parametrize(
    ("answer", "stub"),
    [
        (documented, True),
        (passing, True),
        (..., True),
        (lambda mu, logvar: None, True),
        (lambda mu, logvar: 3, False),
        (lambda mu, logvar: mu, False),
        (lambda mu, logvar: (mu, None)[1], False),
        (torch.exp, False),
        (None, False),
    ],
)
def test_untouched_is_told_from_wrong(answer, stub):
    assert trial.untouched(answer) is stub


# ---- what it shows ----


def test_a_check_shows_at_once_and_gives_nothing_back(capsys):
    assert check.gaussian_kl(gaussian_kl) is None
    assert "✓ gaussian_kl: solved." in capsys.readouterr().out


def test_words_are_escaped_and_code_stands_together():
    bundle = Feedback("wrong", "a < b", ["    x = 1", "    y = 2", "then `f(x)`"])._repr_mimebundle_()
    assert "a &lt; b" in bundle["text/html"]
    assert "    x = 1\n    y = 2</pre><div>then <code>f(x)</code></div>" in bundle["text/html"]
    assert bundle["text/plain"].startswith("✗ a < b\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (f64(-0.0), "0"),
        (f64([1.23456, -2.0]), "[1.235, −2]"),
        (f64([[1.0], [torch.inf]]), "[[1], [∞]]"),
        (torch.arange(26.0).reshape(2, 13), "numbers of shape [2, 13], from 0 to 25"),
        (f64([[[-0.3]]]), "[[[−0.3]]]"),
        (0.25, "0.25"),
        (torch.exp, "exp"),
    ],
)
def test_numbers_are_shown_as_one_reads_them(value, text):
    assert shown(value) == text


def test_hint_then_solution(capsys):
    hint(check.gaussian_kl)
    solution(check.gaussian_kl)
    assert capsys.readouterr().out  # outside a notebook their text form
    for call in (hint, solution):
        with refused(TypeError, call.__name__, "check.gaussian_kl"):
            call(gaussian_kl)


def test_the_numbers_in_the_texts_of_notebook_03_are_true():
    half, quarter = f64([[0.5, 0.5]]), f64([[0.25, 0.75]])
    assert abs(check.discrete_kl.reference(half, quarter).item() - 0.144) < 5e-4
    assert "0.144" in check.discrete_kl.first
    assert abs(check.discrete_kl.reference(f64([[1.0, 0.0]]), half).item() - 0.69) < 5e-3
    assert "0.69" in check.one_way_infinite.reason


# ---- nothing gets out of it, and nothing is left behind ----


def in_place(mu, logvar):
    value = logvar.exp()
    value += mu**2
    value -= 1 + logvar
    return 0.5 * value.sum(-1)


def leaves(mu, logvar):
    raise SystemExit


class Speechless(Exception):
    def __str__(self):
        raise RuntimeError


def speechless(mu, logvar):
    raise Speechless


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (in_place, "solved"),
        (lambda mu, logvar: gaussian_kl(mu, logvar).detach().numpy()[::-1][::-1], "solved"),
        (lambda mu, logvar: gaussian_kl(mu, logvar).detach().numpy().astype(">f8"), "solved"),
        (lambda mu, logvar: gaussian_kl(mu, logvar).detach().numpy().astype(np.longdouble), "solved"),
        (leaves, "wrong"),
        (speechless, "wrong"),
        (lambda mu, logvar: gaussian_kl(mu, logvar).to_sparse(), "solved"),
        (lambda mu, logvar: torch.empty(5, device="meta"), "wrong"),
        (lambda mu, logvar: torch.empty(0), "wrong"),
        (lambda mu, logvar: (gaussian_kl(mu, logvar),), "wrong"),
        (lambda mu, logvar: torch.randn(len(mu)) if torch.rand(1) < 0.9 else torch.randn(2), "wrong"),
        (lambda mu, logvar: 2 * torch.randn(len(mu)) * (1 + gaussian_kl(mu, logvar)), "wrong"),  # its mean is 0
        (torch.no_grad()(lambda mu, logvar: None), "not attempted"),
    ],
)
def test_whatever_comes_gets_a_verdict(answer, state):
    assert check.gaussian_kl.look(answer).state == state


def test_an_unbiased_estimate_that_sets_its_own_seed_is_told_so():
    def answer(mu, logvar):
        torch.manual_seed(0)
        return by_draws(mu, logvar)

    assert check.gaussian_kl.look(answer).state == "another form"


def test_an_estimate_may_be_infinite_where_the_number_is():
    def answer(q, p):
        draws = torch.distributions.Categorical(q).sample((400,))
        picked = [table.gather(1, draws.T).log() for table in (q, p)]
        return (picked[0] - picked[1]).mean(-1)

    assert check.discrete_kl.look(answer).state == "another form"


def test_what_only_fits_the_probes_is_told_before_it_is_drawn():
    probes = {len(probe[0]) for probe in check.draws_needed.probes}
    longest = max(probes)
    verdict = check.draws_needed.look(lambda r, d, e: check.draws_needed.reference(r, d, e)[:longest])
    assert verdict.state == "wrong"


def test_a_function_that_remembers_its_calls_is_not_believed():
    calls = []

    def answer(mu, logvar):
        calls.append(1)
        return gaussian_kl(mu, logvar) * (1.07 if len(calls) <= len(check.gaussian_kl.probes) + 3 else 1)

    assert "remember its calls" in said(answer)


def test_settings_that_a_function_changes_are_put_back():
    def answer(mu, logvar):
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        np.seterr(all="raise")
        return gaussian_kl(mu, logvar)

    before = torch.get_default_dtype(), torch.is_grad_enabled(), np.geterr()
    check.gaussian_kl.look(answer)
    assert (torch.get_default_dtype(), torch.is_grad_enabled(), np.geterr()) == before
    with torch.no_grad():
        assert "can't differentiate" not in said(gaussian_kl)


def test_the_probes_stay_as_they_are_in_the_trial_of_the_slopes():
    before = check.monte_carlo_kl.probes[0][2].clone()

    def answer(mu, logvar, eps):
        if mu.requires_grad:
            eps.mul_(3.0)
        return check.monte_carlo_kl.reference(mu, logvar, eps)

    check.monte_carlo_kl.look(answer)
    assert torch.equal(check.monte_carlo_kl.probes[0][2], before)


def test_of_eval_the_line_that_calls_it_is_shown():
    def answer(mu, logvar):
        return eval("mu[99]")

    assert 'return eval("mu[99]")' in said(answer)


def test_of_a_statement_over_several_lines_all_are_shown():
    def answer(mu, logvar):
        return (mu**2).sum(
            -1
        ) - torch.ones(7)  # fmt: skip

    text = said(answer)
    assert "return (mu**2).sum(\n" in text
    assert ") - torch.ones(7)" in text


def test_two_pages_of_equal_numbers_show_where_they_part():
    text = repr(check.log_posterior.look(lambda l, p, dz: check.log_posterior.reference(l, p, dz) * 1.0005))
    yours, wanted = (
        line.partition(": ")[2].strip() for line in text.splitlines() if ", yours" in line or "wanted:" in line
    )
    assert yours != wanted


def test_a_constant_is_no_trace_of_two_mistakes():
    assert "and also" not in repr(check.ancestral_sample.look(lambda z, e, noise: torch.zeros_like(z)))


def test_nearly_right_numbers_are_said_to_be_near():
    assert "near, and not exact" in said(lambda mu, logvar: gaussian_kl(mu, logvar) * 1.005)
    assert "near, and not exact" not in said(lambda mu, logvar: gaussian_kl(mu, logvar) * 1.5)
