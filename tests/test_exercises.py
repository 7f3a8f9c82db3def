"""Every exercise: its reference is right, each mistake is named, what only looks right is refused."""

import ast
import os

import numpy as np
import pytest
import torch

from tests import solved
from vae_helpers.exercises import check, judge
from vae_helpers.exercises.construction import Construction
from vae_helpers.exercises.exercise import Exercise

ALL = {name: getattr(check, name) for name in check.__all__}
WRITTEN = [exercise for exercise in ALL.values() if isinstance(exercise, Exercise)]
PLAIN = [exercise for exercise in WRITTEN if not exercise.special]  # compared by what they return, and nothing else
FOUND = [exercise for exercise in ALL.values() if isinstance(exercise, Construction)]
named = {"ids": lambda exercise: getattr(exercise, "name", None)}


def test_the_names_are_those_of_the_checks():
    assert {name: exercise.name for name, exercise in ALL.items()} == {name: name for name in ALL}


@pytest.mark.parametrize("exercise", ALL.values(), **named)
def test_it_says_all_that_a_learner_may_ask(exercise):
    for text in (exercise.spec, exercise.first, exercise.hint, exercise.reason):
        assert text.rstrip()[-1] in ".?!)" or text == exercise.spec
    assert repr(exercise) == f"check.{exercise.name}"


@pytest.mark.parametrize("exercise", ALL.values(), **named)
def test_the_texts_of_its_mistakes_are_whole(exercise):
    known = exercise.known.switches if isinstance(exercise, Exercise) else exercise.wrong
    assert known
    for mistake in known:
        assert not mistake.name.endswith((".", "?"))
        assert mistake.why.endswith((".", ".)"))
        assert mistake.hint.endswith((".", "?", ".)"))


# ---- functions ----


@pytest.mark.parametrize("exercise", WRITTEN, **named)
def test_the_reference_is_right_and_is_drawn(exercise):
    verdict = exercise.look(exercise.reference)
    assert (verdict.state, verdict.head) == ("solved", f"{exercise.name}: solved.")
    assert verdict.picture.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("exercise", WRITTEN, **named)
def test_so_is_the_family_without_a_switch(exercise):
    assert exercise.look(exercise.known.family).state == "solved"


@pytest.mark.parametrize("exercise", WRITTEN, **named)
def test_every_mistake_is_named(exercise):
    for mistake, switch in exercise.known.switches.items():
        verdict = exercise.look(judge.switched(exercise.known.family, switch))
        assert verdict.state == "wrong"
        assert mistake.name in verdict.head


def fault(exercise, names, switches):
    """What is wrong with what two mistakes made at once are taken for; None where each is named."""
    came, right = (
        [exercise.lineup.gives(*which, i) for i in range(len(exercise.probes))]
        for which in ((names, switches), ((), ()))
    )
    if all(exercise._same(*both) for both in zip(came, right, strict=True)):
        return None  # the two undo each other: p − q reversed and negated is right
    if judge.says_nothing(came) and not exercise.special:
        return None  # NaN or 0 whatever comes in: no trace of these two
    found = exercise.lineup.recognised(came)
    # A pair may go under another name: that of one mistake that gives the same numbers, or of another pair beside it.
    return None if found and (len(found[0]) == 1 or names in found) else judge.told(found)


@pytest.mark.parametrize("exercise", WRITTEN, **named)
def test_every_pair_is_named(exercise):
    pairs = [(names, switches) for names, switches in judge.suspects(exercise.known.switches) if len(names) == 2]
    pairs = pairs[:: 1 if os.environ.get("VAE_CI") else 5]  # all of them, some five thousand, take minutes
    faults = {" AND ".join(m.name for m in names): fault(exercise, names, switches) for names, switches in pairs}
    assert {names: said for names, said in faults.items() if said} == {}


@pytest.mark.parametrize("exercise", WRITTEN, **named)
def test_a_pair_is_said_as_two(exercise):
    """The first pair that goes under no other name, as a learner would read it."""
    for names, switches in judge.suspects(exercise.known.switches):
        came = [exercise.lineup.gives(names, switches, i) for i in range(len(exercise.probes))]
        if len(names) == 2 and exercise.lineup.recognised(came) == [names] and not judge.says_nothing(came):
            verdict = exercise.look(judge.switched(exercise.known.family, *switches))
            assert all(mistake.name in verdict.head for mistake in names)
            assert "Each of the two, by itself:" in verdict.lines
            return
    pytest.fail("no two of its mistakes can be told together")


@pytest.mark.parametrize("exercise", WRITTEN, **named)
def test_a_single_mistake_is_told_from_the_others_with_room(exercise):
    """Two are never nearly alike: either no probe tells them apart, or some does with a tolerance ten times as wide."""
    singles = list(exercise.known.switches.items())
    given = {
        mistake: [exercise.observe(judge.switched(exercise.known.family, switch), p) for p in exercise.probes]
        for mistake, switch in singles
    }
    for i, (one, _) in enumerate(singles):
        for other, _ in singles[:i]:
            pairs = list(zip(given[one], given[other], strict=True))
            near = all(judge.same(a, b, 10.0 * exercise.tolerance) for a, b in pairs)
            assert not near or all(judge.same(a, b, exercise.tolerance) for a, b in pairs), (one.name, other.name)


def zeroed(exercise, place, fill):
    def wrong(*args):
        return exercise.reference(*args[:place], torch.full_like(args[place], fill), *args[place + 1 :])

    return wrong


def pieces(exercise, found):
    """What a function gave, as a tuple of tensors, and how to give it back in the same way."""
    many = len(exercise.gives) > 1
    return (tuple(found), tuple) if many else ((found,), lambda parts: parts[0])


def changed(exercise, change):
    """The reference with every output changed."""

    def wrong(*args):
        parts, back = pieces(exercise, exercise.reference(*args))
        return back([change(part) for part in parts])

    return wrong


def first_row_for_all(exercise):
    def wrong(*args):
        short = [
            arg.index_select(axes.split().index("batch"), torch.tensor([0])) if "batch" in axes.split() else arg
            for arg, axes in zip(args, exercise.takes.values(), strict=True)
        ]
        size = next(
            arg.shape[axes.split().index("batch")]
            for arg, axes in zip(args, exercise.takes.values(), strict=True)
            if "batch" in axes.split()
        )
        parts, back = pieces(exercise, exercise.reference(*short))
        return back([part.expand(size, *part.shape[1:]) for part in parts])

    return wrong


def only_first(exercise, axis):
    """Right only where the other entries along `axis` are like the first."""

    def wrong(*args):
        return exercise.reference(
            *(
                arg.index_select(axes.split().index(axis), torch.zeros(arg.shape[axes.split().index(axis)]).long())
                if axis in axes.split()
                else arg
                for arg, axes in zip(args, exercise.takes.values(), strict=True)
            )
        )

    return wrong


def only_double(exercise):
    def wrong(*args):
        doubles = all(arg.dtype == torch.float64 for arg in args if isinstance(arg, torch.Tensor))
        return changed(exercise, lambda part: part if doubles else torch.zeros_like(part))(*args)

    return wrong


def changes_its_argument(exercise):
    place = next(i for i, arg in enumerate(exercise.probes[0]) if isinstance(arg, torch.Tensor) and arg.dim())

    def wrong(*args):
        found = exercise.reference(*args)
        args[place].mul_(0.5)
        return found

    return wrong


def forgets_to_return(exercise, args):
    exercise.reference(*args)


def degenerate():
    for exercise in PLAIN:
        tensors = [i for i, arg in enumerate(exercise.probes[0]) if isinstance(arg, torch.Tensor)]
        axes = dict.fromkeys(axis for names in exercise.takes.values() for axis in names.split())
        answers = {
            "zero": changed(exercise, torch.zeros_like),
            "one": changed(exercise, torch.ones_like),
            "NaN": changed(exercise, lambda part: torch.full_like(part, torch.nan)),
            "one percent too much": changed(exercise, lambda part: 1.01 * part),
            "a hundredth too much": changed(exercise, lambda part: part + 0.01),
            "whole numbers": changed(exercise, torch.round),
            "an axis too many": changed(exercise, lambda part: part[..., None]),
            "nothing": lambda *args, exercise=exercise: forgets_to_return(exercise, args),
            "text": lambda *args: "2.1",
            "right in float64 only": only_double(exercise),
            "changes its argument": changes_its_argument(exercise),
            **{f"argument {i} is taken for 0": zeroed(exercise, i, 0.0) for i in tensors},
            **{f"argument {i} is taken for 1": zeroed(exercise, i, 1.0) for i in tensors},
            **{f"only the first of {axis}": only_first(exercise, axis) for axis in axes},
        }
        if any(exercise.gives.values()):  # some output is more than one number
            answers["a number for all"] = changed(exercise, torch.sum)
        if "batch" in axes:
            answers["a batch of one"] = first_row_for_all(exercise)
        yield from (pytest.param(exercise, answer, id=f"{exercise.name}: {what}") for what, answer in answers.items())


@pytest.mark.parametrize(("exercise", "answer"), list(degenerate()))
def test_what_only_looks_right_is_refused(exercise, answer):
    verdict = exercise.look(answer)
    assert verdict.state == "wrong", verdict
    assert f"hint(check.{exercise.name})" in repr(verdict)


def other_forms():
    for exercise in PLAIN:
        forms = {
            "in float32": changed(exercise, lambda part: part.float()),
            "in float64": lambda *args, exercise=exercise: exercise.reference(
                *(arg.double() if isinstance(arg, torch.Tensor) else arg for arg in args)
            ),
        }
        if not exercise.asked:
            forms["as an array"] = changed(exercise, lambda part: part.detach().numpy())
            forms["as a list"] = changed(exercise, lambda part: np.asarray(part.detach()).tolist())
        yield from (pytest.param(exercise, form, id=f"{exercise.name} {what}") for what, form in forms.items())


@pytest.mark.parametrize(("exercise", "answer"), list(other_forms()))
def test_another_form_of_the_right_answer_is_right(exercise, answer):
    assert exercise.look(answer).state == "solved"


# ---- things to find ----


@pytest.mark.parametrize("exercise", FOUND, **named)
def test_its_example_does_what_is_asked(exercise):
    assert solved.verdict(exercise).state == "solved"


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [pytest.param(e, mistake, id=f"{e.name}: {mistake.name}") for e in FOUND for mistake in e.wrong],
)
def test_what_a_find_misses_is_named(exercise, mistake):
    verdict = exercise.look(*exercise.wrong[mistake])
    assert verdict.state == "wrong"
    assert mistake.name in verdict.head


@pytest.mark.parametrize("exercise", FOUND, **named)
@pytest.mark.parametrize("value", ["text", None, [], torch.nan, {}, lambda z: z / 0])
def test_what_it_cannot_use_is_refused_in_words(exercise, value):
    verdict = exercise.look(*(value for _ in exercise.names))
    assert verdict.state == "wrong"
    assert f"hint(check.{exercise.name})" in repr(verdict)


# ---- untouched ----


@pytest.mark.parametrize("exercise", ALL.values(), **named)
def test_a_stub_is_not_attempted(exercise):
    def bare(): ...
    def told():
        """What is asked."""

    count = 1 if isinstance(exercise, Exercise) else len(exercise.names)
    for stub in (bare, told, ...):
        verdict = exercise.look(*(stub for _ in range(count)))
        assert verdict.state == "not attempted"
        assert exercise.first in repr(verdict)


@pytest.mark.parametrize("exercise", WRITTEN, **named)
def test_an_answer_can_be_put_into_the_page(exercise):
    (definition,) = ast.parse(exercise.answer).body
    assert definition.name == f"my_{exercise.name}"
    assert [arg.arg for arg in definition.args.args] == list(exercise.takes)
