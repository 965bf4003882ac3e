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
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]),
        path,
    )
    return path


def test_seeds_are_shifted_errors_told_and_the_saved_notebook_left_alone(tmp_path, capsys):
    path = save(tmp_path / "one.ipynb", IMPORTS, "assert 1 > 2, 'no'", DRAWS)
    saved = path.read_bytes()
    (tmp_path / "kept").mkdir()
    assert rerun_verdicts.run_copy(path, tmp_path / "kept", 1000) == ["AssertionError: no"]
    shifted = (
        nbformat.read(tmp_path / "kept" / "one.ipynb", as_version=4)
        .cells[-1]
        .outputs[0]
        .text.split()
    )
    drawn = {}
    for seed in ("3", "1003"):
        exec(IMPORTS + "\n" + DRAWS.replace("3", seed))
        drawn[seed] = capsys.readouterr().out.split()
    assert len(shifted) == 6
    assert all(a != b for a, b in zip(shifted, drawn["3"], strict=True))
    assert shifted == drawn["1003"]
    assert path.read_bytes() == saved


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
