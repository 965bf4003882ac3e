"""install.py, run for real in a folder with a space, with requirements that need no network."""

import ast
import json
import pathlib
import shutil
import subprocess
import sys
import venv

import pytest

SCRIPT = pathlib.Path(__file__).parents[1] / "install.py"
# Runs a script as another version of Python would, and as one without ensurepip.
AS_VERSION = "import runpy, sys; sys.version_info = ({0}, 0, 'final', 0); runpy.run_path({1!r}, run_name='__main__')"
WITHOUT_ENSUREPIP = (
    "import runpy, sys; sys.modules['ensurepip'] = None; runpy.run_path({0!r}, run_name='__main__')"
)


@pytest.fixture
def folder(tmp_path):
    """A folder with install.py, requirements that are met at once, and something of the learner's."""
    folder = tmp_path / "my series"
    folder.mkdir()
    (folder / "install.py").write_bytes(SCRIPT.read_bytes())
    (folder / "requirements.txt").write_text("# nothing\n", encoding="utf-8")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    shutil.copytree(SCRIPT.parent / "web/jupyterlab", folder / "web/jupyterlab")
    return folder


def python(*arguments, path=None):
    """Run this Python, from a folder which is not that of install.py."""
    environment = None if path is None else {"PATH": str(path)}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=SCRIPT.anchor,
        env=environment,
    )


def refused(done):
    """The one sentence on stderr, without a traceback or anything else."""
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith(".")
    return sentence


def test_python_3_6_can_read_it():
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.14"])
def test_unsuited_python_gets_one_sentence_and_makes_nothing(folder, version):
    sentence = refused(
        python("-c", AS_VERSION.format(version.replace(".", ", "), str(folder / "install.py")))
    )
    assert sentence.startswith(
        f"The series needs Python 3.11, 3.12 or 3.13, and this is Python {version}: "
    )
    assert "type the same command with " in sentence
    assert not (folder / ".venv").exists()


@pytest.mark.skipif(
    sys.platform == "win32", reason="the sentence names py there, whatever is on the path"
)
def test_the_sentence_names_a_python_that_starts_and_otherwise_uv(folder, tmp_path):
    code = AS_VERSION.format("3, 10", str(folder / "install.py"))
    # As a shim of pyenv does for a version that is not selected.
    (tmp_path / "python3.13").write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    (tmp_path / "python3.12").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (tmp_path / "python3.13").chmod(0o755)
    assert "'uv run' in place of 'python3'." in refused(python("-c", code, path=tmp_path))
    (tmp_path / "python3.12").chmod(0o755)
    assert "'python3.12' in place of 'python3'." in refused(python("-c", code, path=tmp_path))


def test_environment_is_kept_where_it_suits_and_otherwise_made_anew(folder):
    script, mark = folder / "install.py", folder / ".venv" / "mark"
    venv.create(folder / ".venv")  # without pip, as after a creation that was stopped
    mark.touch()
    assert python(script).returncode == 0
    assert not mark.exists()
    extension = folder / ".venv/share/jupyter/labextensions/activations-and-optimizers"
    package = json.loads((extension / "package.json").read_bytes())
    assert (extension / package["jupyterlab"]["_build"]["load"]).is_file()
    assert (folder / ".venv/etc/ipython/ipython_kernel_config.py").is_file()

    mark.touch()
    (folder / "requirements.txt").write_text("./missing.whl\n", encoding="utf-8")
    done = python(script)
    assert done.returncode == 1
    assert "missing.whl" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("The packages could not be installed: ")
    assert "Traceback" not in done.stderr
    assert mark.exists()

    (folder / "requirements.txt").write_text("# nothing\n", encoding="utf-8")
    other = "3, 13" if sys.version_info[:2] == (3, 12) else "3, 12"
    assert python("-c", AS_VERSION.format(other, str(script))).returncode == 0
    assert not mark.exists()
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_missing_ensurepip_names_the_package(folder):
    sentence = refused(python("-c", WITHOUT_ENSUREPIP.format(str(folder / "install.py"))))
    assert "type 'sudo apt install python3." in sentence
    assert not (folder / ".venv").exists()


def test_an_environment_made_otherwise_gets_what_jupyterlab_needs(folder, tmp_path):
    made = tmp_path / "conda's"
    venv.create(made, with_pip=False)
    program = made / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([program, folder / "install.py", "jupyterlab"], check=True)
    extension = made / "share/jupyter/labextensions/activations-and-optimizers"
    assert (extension / "package.json").is_file()
    assert (made / "etc/ipython/ipython_kernel_config.py").is_file()
    assert not (folder / ".venv").exists()
    for text in ("README.md", "postBuild"):
        assert "python install.py jupyterlab" in (SCRIPT.parent / text).read_text(encoding="utf-8")
