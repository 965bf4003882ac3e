"""Do the notebooks hold with another seed? python tools/other_seeds.py [--base-seed N] [--keep FOLDER] [NOTEBOOK ...]

Runs copies of all notebooks, or of those named, with another BASE_SEED, and applies the checks of the tests to them: no
cell stops with an error, nothing goes to stderr, and each cell tagged nbval-check-output shows what the saved notebook
shows. The saved notebooks stay as they are; --keep keeps the copies, to read whether the prose holds for them. Takes as
long as the notebooks do. Ends with status 1 if a check failed.
"""

import argparse
import pathlib
import re
import sys
import tempfile

import execute
import nbformat

BASE_SEED = re.compile(r"^BASE_SEED = \d+$", re.MULTILINE)


def with_base_seed(notebook, base_seed):
    """Give the notebook another base seed; raises ValueError unless its import cell has just one."""
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    imports.source, count = BASE_SEED.subn(f"BASE_SEED = {base_seed}", imports.source)
    if count != 1:
        raise ValueError("the import cell has no line 'BASE_SEED = 0', or more than one.")


def texts(cell):
    """What a code cell shows but for pictures and models of widgets: (kind, text) pairs, sorted."""
    shown = []
    for output in cell.get("outputs", []):
        found = dict(output.get("data", {}))
        if "text" in output:
            found[output.name] = output.text
        for kind, text in found.items():
            if not kind.startswith("image/") and "widget" not in kind:
                shown.append((kind, text))
    return sorted(shown)


def failures(saved, copy):
    """The checks of the tests that an executed copy of a saved notebook fails, one line each."""
    found = [f"stderr: {execute.stderr_of(copy)}"] if execute.stderr_of(copy) else []
    for number, (cell, again) in enumerate(zip(saved.cells, copy.cells, strict=True)):
        for output in again.get("outputs", []):
            if output.output_type == "error":
                found.append(f"cell {number}: {output.ename}: {output.evalue}")
        if "nbval-check-output" in cell.metadata.get("tags", []) and texts(cell) != texts(again):
            found.append(f"cell {number} shows something else: {texts(cell)} became {texts(again)}")
    return found


def main():
    parser = argparse.ArgumentParser(description="Run the notebooks with another base seed.")
    parser.add_argument(
        "--base-seed", type=int, default=1000, help="a whole number from 0 on (1000)"
    )
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the executed copies")
    parser.add_argument("notebooks", nargs="*", type=pathlib.Path, default=execute.NOTEBOOKS)
    options = parser.parse_args()
    if options.base_seed < 0:
        parser.error(f"--base-seed is {options.base_seed}: give a whole number from 0 on.")
    if options.keep and any(
        path.resolve().parent == options.keep.resolve() for path in options.notebooks
    ):
        parser.error(
            "--keep is the folder of the notebooks: name another one, or they would be overwritten."
        )
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for path in options.notebooks:
            saved, copy = (nbformat.read(path, as_version=4) for _ in range(2))
            with_base_seed(copy, options.base_seed)
            seconds, _ = execute.run(copy, path.resolve().parent, allow_errors=True)
            nbformat.write(copy, folder / path.name)
            found = failures(saved, copy)
            failed += len(found)
            print(
                f"{path.name}: {seconds:.0f} s, {len(found)} checks failed",
                *found,
                sep="\n  ",
                flush=True,
            )
    print(f"{failed} checks failed.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
