"""Run all notebooks, or those named, in place: python tools/execute.py [NOTEBOOK ...]

Prints the seconds and the peak memory of each and leaves clean files. A notebook that stops with an error, or writes to
stderr, stays as it was on disk. The figure of the cell tagged readme-figure goes into the README.
"""

import base64
import pathlib
import sys
import time

import nbclient
import nbformat

ROOT = pathlib.Path(__file__).parents[1]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
README_FIGURE = ROOT / "figure.png"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# As JupyterLab writes it (web/jupyterlab/ipython_kernel_config.py): else a notebook would count as changed on opening.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3",
}
# Runs in the kernel after the last cell; ru_maxrss counts KiB on Linux and bytes on macOS.
PEAK_MEMORY = """
import resource, sys
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2))
"""


def run(notebook, folder, allow_errors=False):
    """Run all cells in a fresh kernel that starts in `folder`; the outputs go into `notebook`.

    Returns the seconds, and the kernel's peak memory in MiB (None where the system does not tell).
    """
    client = nbclient.NotebookClient(
        notebook,
        timeout=1200,  # seconds a cell
        allow_errors=allow_errors,
        resources={"metadata": {"path": folder}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,  # what a live bar wrote and took back is gone
    )
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK_MEMORY))
    notebook.cells[-1].metadata.tags = ["raises-exception"]  # Windows has no module resource
    started = time.perf_counter()
    try:
        client.execute()
    finally:
        (measured,) = notebook.cells.pop().outputs or [{}]
    megabytes = int(measured.text) if measured.get("name") == "stdout" else None
    return time.perf_counter() - started, megabytes


def stderr_of(notebook):
    """What the cells of an executed notebook wrote to stderr, as one string."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


def execute(path):
    """Run one notebook in a fresh kernel and write it back; returns what `run` returns."""
    notebook = nbformat.read(path, as_version=4)
    measured = run(notebook, path.parent)
    if stderr_of(notebook):
        raise RuntimeError(f"{path.name} wrote to stderr: {stderr_of(notebook)}")
    notebook.metadata = {"kernelspec": KERNEL, "language_info": LANGUAGE}
    nbformat.write(notebook, path)
    for cell in notebook.cells:
        if "readme-figure" in cell.metadata.get("tags", []):
            pictures = [output.data["image/png"] for output in cell.outputs if "data" in output]
            README_FIGURE.write_bytes(base64.b64decode(pictures[0]))
    return measured


def main():
    for path in [pathlib.Path(name).resolve() for name in sys.argv[1:]] or NOTEBOOKS:
        seconds, megabytes = execute(path)
        memory = "" if megabytes is None else f", peak {megabytes} MiB"
        print(f"{path.name}: {seconds:.0f} s{memory}", flush=True)


if __name__ == "__main__":
    main()
