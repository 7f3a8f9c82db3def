"""What a function can miss where the votes should win: the last exercise of notebook 05."""

from vae_helpers.exercises.mistakes.mistake import Mistake

PATHWISE_WINS = Mistake(
    "pathwise still has the smaller variance",
    "Pathwise pays for the slope of f, the votes for its size. Under this narrow bell the size of yours costs more.",
    "How large a piece of f does the bell see? How would a function look that stays low, and yet is steep all over it?",
)
OFFSET = Mistake(
    "pathwise still has the smaller variance",
    "Your f is steep enough, but it lies far from 0, and each vote is the whole cost.",
    "The page subtracts a number from the cost: what is it called, and could it be a part of your f?",
)
JUMP = Mistake(
    "your f has a jump: pathwise lies there",
    "Wherever f has a slope, that slope knows nothing of the jump. Pathwise then averages to a wrong gradient, with "
    "whatever variance.",
    "What is nearly as steep as a jump, and still without one?",
)
CONSTANT = Mistake(
    "your f is constant",
    "Its slope is 0 everywhere: each pathwise estimate is 0, which is right and has no variance at all.",
    "What must f do, for its slope to be large?",
)
NO_SLOPE = Mistake(
    "autograd does not find the slope of your f",
    "So pathwise averages to a wrong gradient: a piece of f has lost its way back to z.",
    "Which piece went through detach(), item(), data or numpy?",
)
