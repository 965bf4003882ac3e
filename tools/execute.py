"""Run all notebooks, or those named, in place and leave them clean: python tests/execute_notebooks.py [NOTEBOOK ...]

A notebook that stops with an error, or writes to stderr, stays as it was on disk. The figure of the cell tagged
readme-figure goes into the README. Runs on one core, where the system can do that, as the tests do (`take_one_core`),
and prints the seconds that each took there; with --all-cores on all of them: the seconds in the README's map are those
of two cores.
"""

import base64
import os
import pathlib
import sys
import time

import nbclient
import nbformat

NOTEBOOKS = sorted(pathlib.Path(__file__).parents[1].glob("notebooks/*.ipynb"))
README_FIGURE = pathlib.Path(__file__).parents[1] / "figure.png"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def take_one_core(number=0):
    """Give this process, and the kernels that it starts, one of its cores, where the system can do that.

    Sums on one core and on several differ in the last digit, and a long training makes that visible; so saved outputs
    are made, tested and compared with those of other seeds on one core. And workers of pytest that share cores need a
    fifth more time.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})


def run(notebook, folder, allow_errors=False):
    """Run all cells in a fresh kernel that starts in `folder`; the outputs go into `notebook`."""
    nbclient.NotebookClient(
        notebook,
        timeout=1200,  # seconds a cell
        allow_errors=allow_errors,
        resources={"metadata": {"path": folder}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,  # what a live bar wrote and took back is gone
    ).execute()


def execute(path):
    """Run one notebook in a fresh kernel and write it back; returns the seconds."""
    notebook = nbformat.read(path, as_version=4)
    started = time.perf_counter()
    run(notebook, path.parent)
    seconds = time.perf_counter() - started
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise RuntimeError(f"{path.name} wrote to stderr: {output.text}")
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    nbformat.write(notebook, path)
    for cell in notebook.cells:
        if "readme-figure" in cell.metadata.get("tags", []):
            (png,) = [
                output.data["image/png"]
                for output in cell.outputs
                if "image/png" in output.get("data", {})
            ]
            README_FIGURE.write_bytes(base64.b64decode(png))
    return seconds


def main():
    names = [name for name in sys.argv[1:] if name != "--all-cores"]
    if "--all-cores" not in sys.argv:
        take_one_core()
    for path in [pathlib.Path(name).resolve() for name in names] or NOTEBOOKS:
        print(f"{path.name}: {execute(path):.0f} s", flush=True)


if __name__ == "__main__":
    main()
