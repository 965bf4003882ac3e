"""Make .venv beside this file, with all packages of the series; an unsuited Python is told which one to use."""
# /// script
# requires-python = ">=3.11,<3.14"
# ///
# With the block above, `uv run install.py` brings a suited Python. Keep to what Python 3.6 reads.

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

SUITED = ("3.11", "3.12", "3.13")
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"
FOLDER = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(FOLDER, ".venv")
LAB = os.path.join(FOLDER, "web", "jupyterlab")
VENV_PYTHON = os.path.join(VENV, r"Scripts\python.exe" if os.name == "nt" else "bin/python")


def stop(sentence, status=1):
    sys.stderr.write(sentence + "\n")
    sys.exit(status)


def run(command, sentence):
    """Run a command that shows its own output; if it fails, end with `sentence` and with its exit status."""
    try:
        status = subprocess.call(command, cwd=FOLDER)
    except KeyboardInterrupt:
        stop("Stopped: the same command goes on from here.", 130)
    if status:
        stop(sentence, status)


def starts(command):
    """Whether `command` starts a Python. Being on the path proves nothing: pyenv puts names there that only say no."""
    try:
        return subprocess.call([command, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def remedy():
    if os.name == "nt":
        return (
            "install Python 3.12 (https://www.python.org/downloads/), unless it is there, "
            "and type the same command with 'py -3.12' in place of 'py'"
        )
    for version in reversed(SUITED):
        if starts("python" + version):
            return f"type the same command with 'python{version}' in place of 'python3'"
    return (
        "install uv (https://docs.astral.sh/uv/), which brings one of them, and type the same command "
        "with 'uv run' in place of 'python3'"
    )


def version_in_venv():
    """The version of the Python in .venv, such as "3.12"; empty if there is none, or none with pip."""
    code = "import pip, sys; print(sys.version_info[0], sys.version_info[1], sep='.')"
    try:
        output = subprocess.check_output([VENV_PYTHON, "-c", code], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return output.decode().strip()


def main():
    # For conda and Binder, which install the packages themselves.
    if sys.argv[1:] == ["jupyterlab"]:
        set_up_jupyterlab(sys.prefix)
        return
    if THIS not in SUITED:
        needed = " or ".join([", ".join(SUITED[:-1]), SUITED[-1]])
        stop(f"The series needs Python {needed}, and this is Python {THIS}: {remedy()}.")
    if version_in_venv() != THIS:
        if find_spec("ensurepip") is None:  # Debian and Ubuntu ship it apart
            stop(
                f"This Python cannot make a virtual environment yet: type 'sudo apt install python{THIS}-venv', "
                "then the same command again."
            )
        run(
            [sys.executable, "-m", "venv", "--clear", VENV],
            f"The virtual environment {VENV} could not be made: the lines above say why.",
        )
    run(
        [VENV_PYTHON, "-m", "pip", "install", "-r", "requirements.txt"],
        "The packages could not be installed: the lines above say why; with the network up and 3 GB of disk free, "
        "type the same command again.",
    )
    set_up_jupyterlab(VENV)


def set_up_jupyterlab(environment):
    """Alt text and names for screen readers, no question about news, no notebook that counts as changed on opening,
    one sentence for a cell that is stopped; in the environment in this folder.
    """
    extensions = os.path.join(environment, "share", "jupyter", "labextensions")
    extension = os.path.join(extensions, "activations-and-optimizers")
    shutil.rmtree(extension, ignore_errors=True)
    shutil.copytree(os.path.join(LAB, "extension"), extension)
    settings = os.path.join(environment, "etc", "ipython")
    os.makedirs(settings, exist_ok=True)
    shutil.copy(os.path.join(LAB, "ipython_kernel_config.py"), settings)


if __name__ == "__main__":
    main()
