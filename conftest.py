"""How the notebooks are tested: strictly where the committed numbers were made, without comparison elsewhere."""

import os
import platform
import sys


def pytest_configure(config):
    """Compare every output on Linux x86-64; on other processors the last digits differ, so only run the cells there."""
    strict = sys.platform == "linux" and platform.machine() == "x86_64"
    config.option.nbval, config.option.nbval_lax = strict, not strict
    share_cores()


def share_cores():
    """Give each worker of pytest-xdist, and the kernels that it starts, cores of its own, where the system can do that.

    Notebooks that fight for the same cores were measured to need a fifth more processor time.
    """
    worker, workers = os.environ.get("PYTEST_XDIST_WORKER"), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    if worker is None or not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) >= workers:
        os.sched_setaffinity(0, cores[int(worker.removeprefix("gw")) :: workers])
