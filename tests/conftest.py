import signal

import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture
def interrupts_arrive():
    """A process that was started in the background ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
