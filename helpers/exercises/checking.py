"""What all checks share: what a check can say, how it calls an answer, and how it finds the fitting hint."""

import functools
import inspect
import linecache
import math
import reprlib
import sys
import traceback
import types

import numpy as np
from .. import data
from ..stopping import Stopped
from . import time_limit

SHORT, TRAINING, MANY_TRAININGS = 10, 120, 600  # seconds that a call of an answer may take
MOST_NUMBERS = 10**7
LONGEST_MESSAGE, LONGEST_QUOTE = 400, 100  # characters


class Wrong(Exception):
    """The answer is wrong; the message is a hint."""


class _NotDoneYet(Exception):
    """The answer is the ... of the stub."""


def exercise(shown, of_function=True):
    """Turn a function that raises Wrong(hint) on a wrong answer into a check that prints the state of the exercise.

    What the function returns of a right answer, if anything, is printed below `shown`.
    of_function: whether an answer has to be a function.
    """

    def decorate(find_mistakes):
        @functools.wraps(find_mistakes)
        def check(*answers):
            cell = sys._getframe(1).f_globals
            try:
                if len(answers) != 1:
                    raise Wrong(
                        "give the check one thing, as the last line of the cell had it at first."
                    )
                _require_done(answers[0])
                if of_function:
                    _require_function(answers[0])
                found = find_mistakes(*answers)
            except _NotDoneYet:
                print("Not done yet: replace the ... in this cell, then run it again.")
            except Wrong as wrong:
                _print_hint(wrong)
            except Stopped:  # a training that the answer started has said it
                raise
            except KeyboardInterrupt:
                raise Stopped("Stopped by you: the check did not come to an end.") from None
            except time_limit.TimeIsUp as error:
                where = _place(cell, error)
                _print_hint(
                    f"your code ran for more than {error.seconds:g} seconds{where}. Does a loop never end?"
                )
            except RecursionError as error:
                where = _place(cell, error)
                _print_hint(
                    f"your function calls itself without end{where}. In which case should it stop?"
                )
            except (Exception, SystemExit) as error:
                kind, text = type(error).__name__, _quote(str(error))
                if time_limit.ran(error):
                    _print_hint(f"your code stopped{_place(cell, error)} with {kind}: {text}")
                else:
                    _print_hint(f"the check cannot use your answer: {kind}: {text}")
            else:
                print(f"Right. {shown}" + (f"\n{found}" if found else ""))

        return check

    return decorate


def _require_done(answer):
    parts = answer if isinstance(answer, (tuple, list)) else [answer]
    if any(part is ... for part in parts):
        raise _NotDoneYet


def _print_hint(hint):
    message = f"Not right yet: {hint}"
    print(message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…")


def _quote(text):
    """The first line of a text that somebody else wrote, not too long."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def _place(names, error):
    """The line of the learner's cells that ran last before the error, as " in line 3 (1 / 0)", or "" if none did.

    names: the dictionary of the notebook's names, which tells its functions from those of libraries.
    """
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is names:
            code = linecache.getline(frame.f_code.co_filename, line).strip()
            place = f" in line {line}" + (f" ({_quote(code)})" if code else "")
    return place


def call(function, *arguments, seconds=SHORT):
    """function(*arguments), on copies of arrays, so that an answer cannot spoil what it is checked against.

    seconds: how long it may take. Raises Wrong for what no exercise can take: no function, or one that returns nothing.
    """
    _require_function(function)
    _require_parameters(function, arguments)
    arguments = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    result = time_limit.run(function, arguments, seconds)
    _require_done(result)
    if result is None:
        raise Wrong(
            "your function returns nothing (None). End it with return and the result; print only shows it."
        )
    if _size(result) > MOST_NUMBERS:
        raise Wrong(f"your function returns {_size(result):,} numbers. So many cannot be right.")
    return result


def _require_function(function):
    keras = sys.modules.get("keras")  # notebook 00 does without
    layer = keras and isinstance(function, keras.Layer)  # a network is one, too
    if not callable(function) or isinstance(function, type) or layer:
        raise Wrong(
            f"give the check your function itself, its name without brackets behind it. It got {describe(function)}."
        )


def _require_parameters(function, arguments):
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C have none
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        raise Wrong(
            f"your function has the parameters {_quote(str(signature))}, and the check calls it with {len(arguments)} "
            f"argument{'s' * (len(arguments) != 1)}. Keep its first line as it was."
        ) from None


def _shape(thing):
    """The shape of an array, a tensor or a table, as whole numbers; None for other things."""
    try:
        return tuple(int(side) for side in thing.shape)
    except (AttributeError, TypeError, ValueError):
        return None


def _size(result):
    """How many entries an array, a list or the like has; 1 for other things."""
    shape = _shape(result)
    if shape is not None:
        return math.prod(shape)
    try:
        return len(result)
    except (TypeError, ValueError, OverflowError):
        return 1


def describe(thing):
    """What a thing is, in some words: its kind and, of an array, its shape."""
    kind = _with_article(type(thing).__name__)
    if isinstance(thing, bool | np.bool_ | types.NoneType):
        return str(thing)
    if isinstance(thing, int) and abs(thing) >= 10**300:
        return "a number of more than 300 digits"
    if isinstance(thing, int | float | complex | np.number):
        return f"the number {thing:g}"
    if isinstance(thing, str | bytes):
        return f"the text {reprlib.repr(thing)}"
    if isinstance(thing, type | types.ModuleType):
        noun = "class" if isinstance(thing, type) else "module"
        return f"the {noun} {_quote(thing.__name__)}"
    if isinstance(thing, types.GeneratorType):
        return "a generator, since it has yield where return is wanted"
    if _shape(thing) is not None:
        numeric = _is_numeric(getattr(thing, "dtype", None))
        return f"{kind} of shape {_shape(thing)}" + ("" if numeric else ", which holds no numbers")
    if isinstance(thing, tuple | list | dict | set):
        return f"{kind} of length {len(thing)}"
    return kind


def _with_article(noun):
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {_quote(noun)}"


def _is_numeric(dtype):
    return getattr(dtype, "kind", "f") in "biuf"  # a dtype of TensorFlow's has no kind


def number(found, wanted="one number"):
    """What an answer returned, as a finite float; Wrong if it is none."""
    return float(array(found, (), wanted))


def array(found, shape, wanted=None, finite=True, name=None):
    """What an answer returned, as an array of floats of this shape; Wrong if it is none.

    wanted: what to return instead, in words, or None for "an array of shape (3, 4)" and the like.
    finite: whether one with NaN or infinity is wrong, too.
    name: None, or what to call it if it is a part of what was returned.
    """
    try:
        values = np.asarray(found)
    except Exception:  # a thing that does not want to be an array may raise whatever it likes
        values = np.array(None)
    if values.dtype.kind not in "biuf" or values.shape != shape:
        wanted = wanted or (f"an array of shape {shape}" if shape else "one number")
        if name:
            raise Wrong(f"{name} is {describe(found)}. It should be {wanted}.")
        raise Wrong(f"your function returns {describe(found)}. Return {wanted}.")
    values = values.astype(float)
    bad = values[~np.isfinite(values)]
    if finite and bad.size:
        which = f"{bad.size} of {values.size} numbers are" if shape else "the number is"
        where = name or "what your function returns"
        raise Wrong(f"{which} not finite in {where}: {bad[0]}. Is anything divided by 0?")
    return values


@functools.cache
def training_images(load, number, unseen=0):
    """The first training images of data.load_mnist or load_fashion_mnist, pixels from 0 to 1, and their labels.

    number, unseen: how many of x_train, and how many of x_validation, which come after them with their labels.
    Copies: the dataset itself is freed unless the notebook has it.
    """
    dataset = load(seed=0)
    arrays = [part[:number].copy() for part in (dataset.x_train, dataset.y_train)]
    if unseen:
        arrays += [part[:unseen].copy() for part in (dataset.x_validation, dataset.y_validation)]
    return arrays


def stored_images(name, number, part="train"):
    """The first images of a part of a dataset as they are stored, uint8 (number, 28, 28), and their labels.

    name: "mnist" or "fashion_mnist"; part: "train" or "test". Without the float copy of all images (220 MB).
    """
    with np.load(data.DATASETS_FOLDER / f"{name}.npz") as arrays:
        return arrays[f"x_{part}"][:number], arrays[f"y_{part}"][:number]


def require_network(answer, of_inputs=None):
    """Raise Wrong unless the answer is a Keras network with weights, and takes inputs of this shape if one is given."""
    import keras  # here, since notebook 00 needs no TensorFlow

    if not isinstance(answer, keras.Model):
        raise Wrong(
            f"your function returns {describe(answer)}. End it with return and the trained network."
        )
    if not answer.built:
        raise Wrong(
            "the network has no weights yet: let it begin with keras.Input, as in the notebook."
        )
    if of_inputs and answer.input_shape[1:] != of_inputs:
        raise Wrong(
            f"the network takes inputs of shape {answer.input_shape[1:]}, and it gets images of shape {of_inputs}."
        )


def hint_for(found, mistakes, otherwise, rtol=1e-5):
    """The hint of the first mistake, in {hint: wrong result}, that leads to what was found, or `otherwise`."""
    for hint, wrong in mistakes.items():
        if np.allclose(found, wrong, rtol=rtol):
            return hint
    return otherwise
