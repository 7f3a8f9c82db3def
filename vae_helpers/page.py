"""What every page says with: `claim` asserts a sentence of the prose, `show_source` opens the lines behind a call."""

import ast
import inspect
import textwrap
from pathlib import Path


def claim(sentence: str, holds) -> None:
    """Print ✓ and `sentence` where `holds` is true (for a tensor or an array: everywhere), else raise AssertionError.

    Only the sentence is printed, so that the line is the same on every machine. An empty tensor raises too: nothing
    was checked. So does a tensor or array that is not boolean, where "true" would only mean "not zero".
    """
    shape = getattr(holds, "shape", None)
    if shape is None:
        if type(holds) is not bool:
            raise TypeError(f"claim({sentence!r}): got {holds!r}; it must be True or False, or a boolean tensor")
        if not holds:
            raise AssertionError(f"this does not hold: {sentence}")
    else:
        if not str(holds.dtype).endswith("bool"):
            raise TypeError(f"claim({sentence!r}): got numbers ({holds.dtype}); compare them first, as in x >= 0")
        cases = holds.reshape(-1)
        if len(cases) == 0:
            raise AssertionError(f"nothing was checked, the tensor is empty: {sentence}")
        if not cases.all():
            first = next(i for i, case in enumerate(cases) if not case)
            wrong = int((~cases).sum())
            raise AssertionError(f"this does not hold in {wrong} of {len(cases)} cases (first: {first}): {sentence}")
    print("✓", sentence)


class Source:
    """The lines of a function as a page shows them; made by `show_source`."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def show_source(function) -> Source:
    """The code of `function`, of its docstring the first line, and the file where the rest is.

    Raises TypeError for something that has no such source (a builtin, a value, a lambda, a module).
    """
    function = inspect.unwrap(function)
    try:
        path, text = Path(inspect.getsourcefile(function)), textwrap.dedent(inspect.getsource(function))
        definition = ast.parse(text).body[0]
        if getattr(definition, "name", None) != function.__name__:  # a lambda: its lines are those around it
            raise TypeError
    except (TypeError, OSError, SyntaxError):
        raise TypeError(
            f"show_source: {function!r} has no Python source that stands alone; pass a function made by def, or a class"
        ) from None
    lines = text.splitlines()
    first = definition.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        summary = lines[first.lineno - 1].rstrip().removesuffix('"""') + '"""'
        lines[first.lineno - 1 : first.end_lineno] = [summary]
    package = Path(__file__).parent  # by its place, not its name: a clone may lie in a folder called vae_helpers
    inside = path.relative_to(package.parent).as_posix() if path.is_relative_to(package) else path.name
    return Source("\n".join([f"# {inside}", *lines]))
