"""How pytest runs here; pyproject.toml says how it tests the notebooks."""

import os


def pytest_configure():
    """Give each worker a core of its own: two kernels that share two cores take a fifth longer."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})
