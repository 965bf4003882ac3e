import nbformat
import other_seeds
import pytest

IMPORTS = "import numpy as np\nBASE_SEED = 0"


def save(path, *sources, checked=()):
    cells = [nbformat.v4.new_code_cell(source) for source in (IMPORTS, *sources)]
    for number in checked:
        cells[number].metadata.tags = ["nbval-check-output"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def rerun(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["other_seeds.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        other_seeds.main()
    return ended.value.code


def test_copies_run_with_another_seed_and_the_saved_notebook_is_left_alone(
    tmp_path, monkeypatch, capsys
):
    drawn = "np.random.default_rng(BASE_SEED).integers(1000)"
    path = save(
        tmp_path / "one.ipynb", "print('shape', np.zeros((2, 3)).shape)", drawn, checked=(1, 2)
    )
    other_seeds.execute.execute(path)
    saved = path.read_bytes()
    assert rerun(monkeypatch, "--base-seed", 7, "--keep", tmp_path / "kept", path) == 1
    printed = capsys.readouterr().out
    assert "1 checks failed\n  cell 2 shows something else: " in printed
    assert printed.endswith("1 checks failed.\n")
    copy = nbformat.read(tmp_path / "kept" / "one.ipynb", as_version=4)
    assert "BASE_SEED = 7" in copy.cells[0].source
    assert copy.cells[1].outputs[0].text == "shape (2, 3)\n"
    assert path.read_bytes() == saved
    assert rerun(monkeypatch, "--base-seed", 0, path) == 0


def test_errors_and_stderr_are_told(tmp_path, monkeypatch, capsys):
    path = save(
        tmp_path / "one.ipynb", "import sys\nprint('oh', file=sys.stderr)", "assert 1 > 2, 'no'"
    )
    assert rerun(monkeypatch, path) == 1
    printed = capsys.readouterr().out
    assert "stderr: oh" in printed
    assert "cell 2: AssertionError: no" in printed


@pytest.mark.parametrize("source", ["x = 1", "BASE_SEED = 0\nBASE_SEED = 1", "A, BASE_SEED = 1, 0"])
def test_a_notebook_without_one_base_seed_is_refused(source):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    with pytest.raises(ValueError, match="has no line 'BASE_SEED = 0', or more than one"):
        other_seeds.with_base_seed(notebook, 3)
