"""How the notebooks are tested: strictly where the committed numbers were made, without comparison elsewhere."""

import os
import platform
import sys


def pytest_configure(config):
    """Compare every output on Linux x86-64; on other processors the last digits differ, so only run the cells there."""
    strict = sys.platform == "linux" and platform.machine() == "x86_64"
    config.option.nbval, config.option.nbval_lax = strict, not strict
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker or not config.option.numprocesses:  # not the process that starts the workers
        take_one_core(int((worker or "gw0").removeprefix("gw")))


def take_one_core(number):
    """Give this process, and the kernels that it starts, one core, where the system can do that.

    Sums on one core and on several differ in the last digit, and a long training makes that visible; so the committed
    outputs come from one core (tests/execute_notebooks.py), too. And workers that share cores need a fifth more time.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
