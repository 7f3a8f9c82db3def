"""What stops a trial, in the exercise's terms: a wrong shape, an exception, and what a beginner can't read of it."""

import inspect
import linecache
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor


class Stopped(Exception):
    """A learner's function gave nothing that can be compared; `head` and `lines` say why."""

    def __init__(self, head: str, *lines: str):
        super().__init__(head)
        self.head, self.lines = head, lines


def check_shapes(found: list[Tensor], args: tuple, takes: Mapping[str, str], gives: Mapping[str, str]) -> None:
    """Raises Stopped where an output has not the shape that `gives` names, in the sizes that these arguments have."""
    sizes = axis_sizes(args, takes)
    for value, (name, axes) in zip(found, gives.items(), strict=True):
        wanted = [sizes[axis] for axis in axes.split()]
        if list(value.shape) != wanted:
            raise Stopped(
                f"{name} has shape {list(value.shape)}; wanted {wanted}{_read(axes)}.",
                f"It was called with {shapes(args, takes)}.",
                *_guess(list(value.shape), axes.split(), sizes),
            )


def axis_sizes(args: tuple, takes: Mapping[str, str]) -> dict[str, int]:
    """How long each named axis is: {"batch": 5, "latent": 3} if [5, 3] came for "batch latent"."""
    sizes = {}
    for arg, axes in zip(args, takes.values(), strict=True):
        if isinstance(arg, Tensor) and axes:
            sizes.update(zip(axes.split(), arg.shape, strict=True))
    return sizes


def shapes(args: tuple, takes: Mapping[str, str]) -> str:
    """“mu [5, 3] (batch, latent), dz 0.1”: the arguments as a message names them."""
    said = []
    for arg, (name, axes) in zip(args, takes.items(), strict=True):
        if not isinstance(arg, Tensor):
            said.append(f"{name} = {arg:.4g}" if isinstance(arg, int | float) else name)
        elif arg.dim():
            said.append(f"{name} {list(arg.shape)}{_read(axes)} in {str(arg.dtype).removeprefix('torch.')}")
        else:
            said.append(f"{name} a single number")
    return "; ".join(said)


def _read(axes: str) -> str:
    return f" ({', '.join(axes.split())})" if axes else ""


def _guess(came: list[int], wanted: list[str], sizes: Mapping[str, int]) -> list[str]:
    """What a wrong shape looks like, in the exercise's terms."""
    names = {size: axis for axis, size in sizes.items()}
    if not came:
        kept = " and ".join(f"“{axis}”" for axis in wanted)
        which = ": name the axis that must go, dim=…" if set(sizes) - set(wanted) else ", a number for each"
        return [f"One number came, for all together. The answer keeps {kept}{which}."]
    if [size for size in came if size != 1] == [sizes[axis] for axis in wanted]:
        return ["There is an axis of length 1 too many: a keepdim, or (of grad) a tuple of one: take its entry [0]."]
    if len(wanted) == 1 and came == [sizes[wanted[0]]] * 2:
        return ["A column met a row, each entry with each. Is there a keepdim too many in one of the two?"]
    if len(came) > len(wanted):
        extra = [names[size] for size in came if size in names and names[size] not in wanted]
        return [f"The axis “{axis}” is still there." for axis in extra[:1]]
    gone = [axis for axis in wanted if sizes[axis] not in came]
    return [f"The axis “{gone[0]}” is gone, and the answer must keep it."] if gone else []


def stopped(error: BaseException, answer: Callable, args: tuple, takes: Mapping[str, str]) -> Stopped:
    """The line of the learner's own code at which it stopped, what it was called with, and what was said."""
    try:
        inspect.signature(answer).bind(*args)
    except TypeError:
        names = ", ".join(takes)
        return Stopped(f"your function can't be called with ({names}).", f"Its first line: def …({names}):")
    except ValueError:  # a builtin without a signature
        pass
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_theirs(frame.filename)]
    where = []
    if own:
        at = next((frame for frame in reversed(own) if frame.line), own[-1])  # eval and exec have no source
        lines = [linecache.getline(at.filename, i).strip() for i in range(at.lineno, (at.end_lineno or at.lineno) + 1)]
        where = [f"    {line}" for line in lines[:4] if line] or [f"in line {at.lineno} of its cell"]
    try:
        said = str(error).strip().partition("\n")[0][:200]
    except Exception:  # of a class whose own __str__ fails
        said = ""
    return Stopped(
        f"your code stopped with {type(error).__name__}, at this line:" if where else f"{type(error).__name__}.",
        *where,
        *([f"Python says: {said}"] if said else []),
        f"It was called with {shapes(args, takes)}.",
        *_translate(said, args),
    )


# What a beginner can't read in torch's and Python's own words.
MEANT = {
    "numpy() on Tensor that requires grad": "numpy can't be differentiated. Stay in torch: torch.exp for np.exp.",
    "does not require grad": "Nothing joins what is differentiated to what it is differentiated by. A tensor of your "
    "own asks for its gradient with requires_grad_(); detach(), item(), numpy and no_grad() cut the way.",
    "must match the size of tensor b": "Two tensors meet whose axes are not in line. Look at both shapes: is a size "
    "written into your line? Did each sum or mean take away the axis that you meant, and is one forgotten? (If one "
    "went that is still needed: keepdim=True.)",
    "shapes cannot be multiplied": "@ multiplies matrices; * multiplies entry by entry.",
    "only one element tensors": "math.log, math.exp and float() take one number. For a whole tensor: x.log(), x.exp().",
    "must be Tensor, not": "torch.log and its like take a tensor. For a plain number, as from a shape: math.log.",
    "keyword argument 'axis'": "torch says dim and keepdim where numpy says axis and keepdims.",
    "keyword argument 'keepdims'": "torch says dim and keepdim where numpy says axis and keepdims.",
    '"dim"': "Say over which axis: dim=-1 is the last.",
    "torch.return_types": "max over an axis gives two things, values and where they stand: take .values.",
    "Boolean value of Tensor": "An if wants one yes or no; here are several numbers. Is the if needed?",
    "satisfy the constraint GreaterThan": "A spread must be above 0: was logvar given where σ is asked for?",
    "normal expects all elements of std": "A spread must be above 0: was logvar given where σ is asked for?",
    "converted to an index": "torch.autograd.grad gives a tuple: take its entry [0].",
    "'NoneType'": "Something is None: a .grad that was never filled, or a function of yours "
    "that returns nothing (an exercise that is not done yet?).",
    "'float' object has no attribute": "item() or float() made a plain number of a tensor.",
    "Dimension out of range": "An axis is named that this tensor does not have (F.normalize takes dim=1 by itself).",
    "step must be greater than zero": "torch does not step backwards: value.flip(0).",
    "is invalid for input of size": "A size is written into your line; the check uses others. Take it from x.shape.",
    "is tuple": "Two things came where one is wanted: encode gives mu and logvar.",
    "bitwise_xor": "A power is written with two stars in Python, z**2; ^ is something else.",
    "math domain error": "A log of 0? To a computer exp(−2000) is 0.",
    "math range error": "An exp() beyond all numbers? To a computer exp(800) is infinite.",
    "backward through the graph a second time": "A graph is used up by backward() or grad(). In training each step "
    "computes a loss of its own; for two slopes of one number ask in one call: grad(y, [a, b]).",
    "implicitly created only for scalar": "backward() and grad() start from one number. In training that is the "
    "mean over the batch; where each entry is to keep its own slope, the sum.",
}


def _translate(said: str, args: tuple) -> list[str]:
    dtypes = {arg.dtype for arg in args if isinstance(arg, Tensor)}
    if any(words in said for words in ("same dtype", "expected scalar type", "expected dtype")):
        dtype = next(iter(dtypes), torch.float32)
        return [f"Two dtypes meet. All arguments are {dtype}: use them, or make your own tensors with dtype={dtype}."]
    if "is not defined" in said:
        return ["Its names are those in the line under def, and what the cells above have imported or made."]
    return [meant for words, meant in MEANT.items() if words in said][:1]


def _is_theirs(filename: str) -> bool:
    """Written by the learner, and neither ours nor a library's."""
    path = Path(filename)
    library = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    ours = path.is_relative_to(Path(__file__).parents[1])
    return not ours and not filename.startswith("<frozen") and not any(path.is_relative_to(p) for p in library)
