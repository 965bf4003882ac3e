"""Do the verdicts hold with other seeds? python tests/rerun_verdicts.py [--shift N] [--keep FOLDER] [NOTEBOOK ...]

Runs copies of all notebooks, or of those named, with N (1000) added to every seed: of weights, of the order of the
examples, of splits and of drawn numbers. Then prints which verdicts came out otherwise than in the saved notebooks,
with both measurements, and which cells stopped with an error. The saved notebooks stay as they are. Takes as long as
all notebooks do, on one core. Ends with status 1 if a verdict changed that the saved notebooks call decided.
"""

from helpers import evidence

import argparse
import pathlib
import sys
import tempfile

import execute_notebooks
import nbformat

# Runs in the kernel, after the notebook's imports: whatever makes random numbers from a seed gets another one.
SHIFT_SEEDS = """
def _shift_seeds(shift):
    import keras
    import numpy as np

    def shifted(seed):
        # Not the long numbers that `models` draws from a network's seed, which has been shifted before.
        return seed + shift if isinstance(seed, (int, np.integer)) and seed < 2**20 else seed

    def shifting(function):
        return lambda seed=None, *others, **options: function(shifted(seed), *others, **options)

    class RandomState(np.random.RandomState):  # what scikit-learn makes of random_state
        def __init__(self, seed=None):
            super().__init__(shifted(seed))

    random_initializer = keras.initializers.RandomNormal.__base__
    original = random_initializer.__init__

    def initialize(self, seed=None):
        original(self, shifted(seed))

    random_initializer.__init__ = initialize
    keras.utils.set_random_seed = shifting(keras.utils.set_random_seed)
    for name in ("default_rng", "SeedSequence"):
        setattr(np.random, name, shifting(getattr(np.random, name)))
    np.random.RandomState = RandomState


_shift_seeds({shift})
"""


def run_copy(path, folder, shift):
    """Run a copy of the notebook with shifted seeds, save it in `folder`; returns the errors, one line each."""
    notebook = nbformat.read(path, as_version=4)
    imports = next(k for k, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells.insert(
        imports + 1, nbformat.v4.new_code_cell(SHIFT_SEEDS.replace("{shift}", str(shift)))
    )
    execute_notebooks.run(notebook, path.parent, allow_errors=True)
    nbformat.write(notebook, folder / path.name)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"
    ]


def changes(saved, rerun, notebooks):
    """Compare two ledgers: (lines that tell what changed, whether a decided verdict did)."""
    pairs = saved.merge(rerun, on="claim", suffixes=("", "_rerun"))
    pairs = pairs[pairs.notebook.isin(notebooks)]
    changed = pairs[pairs.verdict != pairs.verdict_rerun]
    lines = [
        f"{row.claim} ({row.notebook}): {row.tested}\n"
        f"  saved:       {row.verdict}: {row.measured or 'a fact'}\n"
        f"  other seeds: {row.verdict_rerun}: {row.measured_rerun or 'a fact'}"
        for row in changed.itertuples()
    ]
    lines.append(
        f"{len(pairs) - len(changed)} of {len(pairs)} verdicts are the same with other seeds."
    )
    return lines, bool((changed.verdict != "undecided").any())


def main():
    parser = argparse.ArgumentParser(
        description="Run the notebooks with other seeds and compare their verdicts."
    )
    parser.add_argument(
        "--shift", type=int, default=1000, help="what is added to every seed, from 1 on"
    )
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the executed copies")
    parser.add_argument(
        "notebooks", nargs="*", type=pathlib.Path, default=execute_notebooks.NOTEBOOKS
    )
    options = parser.parse_args()
    if options.shift < 1:
        parser.error(f"--shift is {options.shift}: give a whole number from 1 on.")
    execute_notebooks.take_one_core()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for path in options.notebooks:
            errors = run_copy(path.resolve(), folder, options.shift)
            print("\n  ".join([f"{path.stem}: run", *errors]), flush=True)
        names = [path.stem for path in options.notebooks]
        lines, decided = changes(
            evidence.collect_verdicts(), evidence.collect_verdicts(folder), names
        )
    print(*lines, sep="\n")
    sys.exit(int(decided))


if __name__ == "__main__":
    main()
