"""What ends an answer that does not end by itself: its time, Python's limit of recursion, or the stop button."""

from helpers import exercises, stopping
from helpers.exercises import checking, time_limit

import itertools
import signal
import sys
import threading
import time

import numpy as np
import pytest


def one_line():
    while True: pass  # fmt: skip  # noqa: E701


def numpy_inside():
    while True:
        np.sort(np.ones(1000))


def counts():
    for _ in itertools.count():
        pass


def swallows_errors():
    while True:
        try:
            sum(range(1000))
        except Exception:
            continue


def swallows_all():
    while True:
        try:
            sum(range(1000))
        except:  # noqa: E722
            continue


def swallows_all_twice():
    while True:
        try:
            while True:
                try:
                    sum(range(1000))
                except:  # noqa: E722
                    continue
        except BaseException:
            continue


def goes_on_in_finally():
    while True:
        try:
            time.sleep(0.001)
        finally:
            continue  # noqa: B012


def calls_itself_when_stopped():
    while True:
        try:
            calls_itself_when_stopped()
        except Exception:
            continue


def generates():
    return sum(1 for _ in itertools.count())


ENDLESS = [one_line, numpy_inside, counts, swallows_errors, swallows_all, swallows_all_twice]
ENDLESS += [goes_on_in_finally, calls_itself_when_stopped, generates]


@pytest.mark.parametrize("function", ENDLESS)
def test_time_is_up_for_an_endless_function_and_nothing_is_left_behind(function):
    threads = threading.active_count()
    started = time.perf_counter()
    with pytest.raises(time_limit.TimeIsUp) as caught:
        time_limit.run(function, (), 0.1)
    assert time.perf_counter() - started < 3
    assert caught.value.seconds == 0.1
    del caught
    assert sys.gettrace() is None
    counted = sum(range(10**6))  # would be struck here
    assert counted == 499999500000
    assert threading.active_count() <= threads + 1


def test_in_a_thread_too():
    ended = []

    def target():
        try:
            time_limit.run(counts, (), 0.1)
        except time_limit.TimeIsUp:
            ended.append(True)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join(5)
    assert ended


def test_a_function_that_ends_in_time_gives_its_result_and_its_error():
    assert time_limit.run(lambda a, b: a + b, (1, 2), 10) == 3
    with pytest.raises(ZeroDivisionError):
        time_limit.run(lambda: 1 / 0, (), 10)


def test_the_limit_leaves_the_stop_button_alone():
    before = signal.getsignal(signal.SIGINT)
    seen = []
    time_limit.run(lambda: seen.append(signal.getsignal(signal.SIGINT)), (), 10)
    assert seen == [before]


def run_cell(body, check="check_majority_accuracy"):
    """Run a cell whose answer(labels) has this body, as a notebook does."""
    names = {"np": np, "exercises": exercises, "stop": press_stop}
    exec(f"def answer(labels):\n{body}\nexercises.{check}(answer)", names)


def press_stop():
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    "body",
    [
        "    def inner():\n        return 1 / 0\n    return inner()",
        "    class Network:\n        size = 1 / 0",
        "    \n    return (lambda: 1 / 0)()",
        "    \n    return sum(1 / 0 for label in labels)",
        "    \n    return np.linalg.inv(labels)",
        "    def inner():\n        raise SystemExit\n    inner()",
    ],
)
def test_an_error_names_the_innermost_line_of_the_learners(body, capsys):
    run_cell(body)
    assert capsys.readouterr().out.startswith("Not right yet: your code stopped in line 3 with ")


def test_recursion_without_end_gets_a_sentence(capsys):
    run_cell("    return answer(labels)")
    assert capsys.readouterr().out == (
        "Not right yet: your function calls itself without end in line 2. In which case should it stop?\n"
    )


@pytest.mark.parametrize("swallowed", [False, True])
def test_endless_loop_gets_a_sentence_with_its_line(capsys, monkeypatch, swallowed):
    monkeypatch.setattr(checking.time_limit, "run", limited(0.1))
    body = "    while True:\n        sum(range(9))"
    if swallowed:
        body = "    while True:\n        try: sum(range(9))\n        except: pass"
    run_cell(body)
    message = capsys.readouterr().out
    assert message.startswith("Not right yet: your code ran for more than 0.1 seconds in line ")
    assert message.endswith(". Does a loop never end?\n")


def limited(seconds):
    unlimited = time_limit.run
    return lambda function, arguments, _: unlimited(function, arguments, seconds)


def test_stop_button_during_a_check_gets_one_sentence(capsys, interrupts_arrive):
    with pytest.raises(
        stopping.Stopped, match="Stopped by you: the check did not come to an end"
    ) as caught:
        run_cell("    stop()\n    return 0.1")
    assert caught.value.__suppress_context__
    assert capsys.readouterr().out == ""


def test_stop_button_during_a_training_in_a_check_says_how_far_it_got():
    body = "    from helpers.training import Stopped\n    raise Stopped('After 1 of 3 epochs.')"
    with pytest.raises(stopping.Stopped, match="After 1 of 3 epochs"):
        run_cell(body)


@pytest.mark.parametrize(
    ("check", "seconds"),
    [("check_majority_accuracy", 10), ("check_rescue", 120), ("check_own_comparison", 600)],
)
def test_an_exercise_that_trains_has_more_time(check, seconds, monkeypatch):
    seen = []

    def record(function, arguments, seconds):
        seen.append(seconds)

    monkeypatch.setattr(time_limit, "run", record)
    getattr(exercises, check)(lambda *_: None)
    assert seen == [seconds]
