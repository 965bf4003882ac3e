from helpers import evidence

import nbformat
import pytest
import rerun_verdicts

IMPORTS = """from helpers import models

import keras
import numpy as np
import sklearn.model_selection"""
DRAWS = """keras.utils.set_random_seed(3)
print(np.random.default_rng(3).normal())
print(models.build_mlp((2,), input_shape=(2,), seed=3).get_weights()[0].sum())
print(keras.layers.Dense(2, kernel_initializer=keras.initializers.HeNormal(seed=3))(np.ones((1, 2))).numpy().sum())
print(keras.layers.Dense(2)(np.ones((1, 2))).numpy().sum())
print(sklearn.model_selection.train_test_split(range(999), random_state=3)[0][0])
print(np.random.normal())"""


def save(path, *sources):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]), path)
    return path


def drawn(path, folder, shift):
    """What the last cell printed, a word each, and the errors."""
    folder.mkdir()
    errors = rerun_verdicts.run_copy(path, folder, shift)
    return nbformat.read(folder / path.name, as_version=4).cells[-1].outputs[0].text.split(), errors


def test_every_kind_of_seed_is_shifted_and_the_saved_notebook_left_alone(tmp_path):
    three = save(tmp_path / "three.ipynb", IMPORTS, DRAWS)
    two = save(tmp_path / "two.ipynb", IMPORTS, DRAWS.replace("3", "2"))
    saved = three.read_bytes()
    unshifted, errors = drawn(three, tmp_path / "a", 0)
    shifted, _ = drawn(three, tmp_path / "b", 1000)
    assert len(unshifted) == 6
    assert all(a != b for a, b in zip(unshifted, shifted, strict=True))
    assert drawn(two, tmp_path / "c", 1)[0][0] == unshifted[0]  # 2 + 1 is 3
    assert errors == []
    assert three.read_bytes() == saved


def test_an_error_is_told_and_the_cells_after_it_run(tmp_path):
    path = save(tmp_path / "one.ipynb", "import numpy as np", "assert 1 > 2, 'no'", "print('still here')")
    words, errors = drawn(path, tmp_path / "kept", 1)
    assert words == ["still", "here"]
    assert errors == ["AssertionError: no"]


@pytest.mark.parametrize(
    ("saved", "rerun", "told", "decided"),
    [
        ("supported", "supported", "", False),
        ("supported", "undecided", "S0.1 (01_one)", True),
        ("refuted", "missing", "S0.1 (01_one)", True),
        ("undecided", "supported", "S0.1 (01_one)", False),
    ],
)
def test_what_changed_is_told(saved, rerun, told, decided):
    ledger = evidence.collect_verdicts().head(2)
    ledger["notebook"] = ["01_one", "02_two"]
    lines, flag = rerun_verdicts.changes(
        ledger.assign(verdict=[saved, "exact"]), ledger.assign(verdict=[rerun, "false"]), ["01_one"]
    )
    assert flag == decided
    assert lines[-1].startswith(f"{int(not told)} of 1 verdicts are the same")
    assert lines[0].startswith(told)
    assert len(lines) == 1 + bool(told)
