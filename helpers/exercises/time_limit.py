"""A limit for how long an answer may run, which ends an endless loop on Linux, macOS and Windows alike."""

import ctypes
import sys
import threading
import traceback

AGAIN = 1.0  # seconds


class TimeIsUp(BaseException):
    """The answer has run for `seconds`.

    No signal brings it, so it keeps apart from the stop button, and from trainings that handle that button themselves.
    If a bare `except:` of the answer swallows it, it comes again at the next line, which is behind that `except:`.
    """

    seconds, ended = None, None  # run() fills them in

    def __del__(self):
        if not self.ended.is_set():
            frame = sys._getframe(1)
            while frame and frame.f_globals is not globals():
                frame.f_trace = self._raise_at_line
                frame = frame.f_back
            sys.settrace(self._raise_at_line)

    @classmethod
    def _raise_at_line(cls, frame, event, argument):
        if event == "line":
            raise cls


def run(function, arguments, seconds):
    """function(*arguments), or TimeIsUp if it runs for longer, from the line where it was then.

    It comes between two operations of Python: a single long call of NumPy or a sleep ends first.
    """
    lock, ended, thread = threading.Lock(), threading.Event(), threading.get_ident()
    time_is_up = type("TimeIsUp", (TimeIsUp,), {"seconds": seconds, "ended": ended})
    traced_before = sys.gettrace()

    def strike():
        wait = seconds
        while not ended.wait(wait):
            with lock:
                if not ended.is_set():
                    _raise_in(thread, time_is_up)
            wait = AGAIN

    def end():
        with lock:
            ended.set()
            _raise_in(thread, None)  # takes back one that the thread has not raised yet
        sys.settrace(traced_before)

    threading.Thread(target=strike, daemon=True).start()
    try:
        try:
            return function(*arguments)
        finally:
            end()
    except TimeIsUp:  # end() itself may have been struck
        end()
        raise


def ran(error):
    """Whether the error came out of a function that run() called."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code is run.__code__ for frame, _ in frames)


def _raise_in(thread, exception):
    """Let `thread` raise the exception between two operations; None takes back one that it has not raised yet."""
    pointer = None if exception is None else ctypes.py_object(exception)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), pointer)
