import helpers

import importlib.metadata
import itertools
import os
import pathlib
import re
import runpy
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = pathlib.Path(__file__).parents[1]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
DEPENDENCIES = [Requirement(text) for text in PROJECT["dependencies"]]
WEB = [Requirement(text) for text in PROJECT["optional-dependencies"]["web"]]
LINES = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if line[0] not in "#-"]
WEB_LINES = (ROOT / "requirements-web.txt").read_text(encoding="utf-8").splitlines()
WEB_PINS = [Requirement(line) for line in WEB_LINES if line[0] not in "#-"]
COMMAND = "py install.py" if sys.platform == "win32" else "python3 install.py"
MADE_UP_VERSION = """
import importlib.metadata
real = importlib.metadata.version
importlib.metadata.version = lambda name: {!r} if name.startswith("tensorflow") else real(name)
import helpers
"""


def run_python(code):
    # This process has imported helpers, and a new one must not inherit what that set.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TF_", "KERAS_"))
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=environment
    )


def refusal(code):
    """The last line of the traceback of `code`, an ImportError that must name the remedy."""
    done = run_python(code)
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.rstrip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert f": type '{COMMAND}' in the folder of the series, then open the notebooks" in last
    return last


def applying(requirements, environment=None):
    """{name: versions} of the requirements whose marker is true in `environment`, by default here."""
    return {
        one.name: one.specifier
        for one in requirements
        if one.marker is None or one.marker.evaluate(environment)
    }


def test_import_is_quiet_and_sets_what_makes_tensorflow_quiet_and_repeatable():
    names = ("TF_ENABLE_ONEDNN_OPTS", "KERAS_BACKEND", "OPENBLAS_NUM_THREADS")
    done = run_python(
        "import helpers, os; import keras, tensorflow\n"
        f"print(keras.backend.backend(), *(os.environ[name] for name in {names}))"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "tensorflow 0 tensorflow 1\n", "")


@pytest.mark.parametrize(
    ("version", "suits"), [("3.10", False), ("3.11", True), ("3.13", True), ("3.14", False)]
)
def test_only_unsuited_python_is_refused(version, suits):
    code = f"import sys; sys.version_info = ({version.replace('.', ', ')}, 0, 'final', 0); import helpers"
    if suits:
        assert run_python(code).stderr == ""
    else:
        assert (
            "needs Python 3.11, 3.12 or 3.13 (its pinned packages support no others), "
            f"and this is Python {version}: " in refusal("import importlib.metadata; " + code)
        )


@pytest.mark.parametrize(
    ("version", "suits"), [("2.20.0", False), ("2.21.1rc0", True), ("3.21.0", False)]
)
def test_only_unsuited_tensorflow_is_refused(version, suits):
    code = MADE_UP_VERSION.format(version)
    if suits:
        assert run_python(code).stderr == ""
    else:
        assert f"needs TensorFlow 2.21, and there is {version} in {sys.prefix}" in refusal(code)


def test_missing_tensorflow_is_refused():
    code = "import importlib.util; importlib.util.find_spec = lambda name: None; import helpers"
    assert f"TensorFlow is not installed in {sys.prefix}" in refusal(code)


def test_tensorflow_before_helpers_warns():
    done = run_python(
        "import sys, types, importlib.util; sys.modules['tensorflow'] = types.ModuleType('tensorflow')\n"
        "importlib.util.find_spec = lambda name: True; import helpers"
    )
    assert done.returncode == 0
    assert "UserWarning: TensorFlow was imported before helpers" in done.stderr
    assert "Restart the kernel and import helpers first." in done.stderr


@pytest.mark.parametrize(
    ("group", "count"), [("dependencies", len(DEPENDENCIES)), ("web", len(WEB))]
)
def test_every_dependency_has_a_comment_with_its_reason(group, count):
    block = re.search(rf"^{group} = \[\n(.*?)^\]", PYPROJECT, re.DOTALL | re.MULTILINE)[1]
    reason_before, explained = "", 0
    for line in block.splitlines():
        text, _, comment = line.strip().partition("#")
        if not text:
            reason_before = comment
            continue
        for_tensorflow = text.startswith('"tensorflow') and reason_before
        assert len((comment or for_tensorflow or "").split()) >= 2, f"no reason is given for {text}"
        explained += 1
    assert explained == count


def test_requirements_pin_every_dependency_inside_its_range_on_every_system():
    systems = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")]
    for (system, machine), minor in itertools.product(systems, [11, 12, 13]):
        environment = {
            "sys_platform": system,
            "platform_machine": machine,
            "python_version": f"3.{minor}",
            "python_full_version": f"3.{minor}.0",
        }
        pins = applying(PINS + WEB_PINS, environment)
        for name, allowed in applying(DEPENDENCIES + WEB, environment).items():
            assert name in pins, f"{name} has no pin: {environment}"
            (pin,) = pins[name]
            assert pin.operator == "=="
            assert allowed.contains(pin.version), f"{name}{pin} is outside {allowed}: {environment}"
        assert len({"tensorflow", "tensorflow-cpu"} & set(pins)) == 1, environment


def test_requirements_end_with_helpers():
    assert [line for line in LINES if line.startswith("-")] == LINES[-1:] == ["-e ."]


def test_web_requirements_add_to_the_others_and_pin_nothing_anew():
    assert [line for line in WEB_LINES if line.startswith("-")] == ["-r requirements.txt"]
    assert {pin.name for pin in PINS} & {pin.name for pin in WEB_PINS} == set()


def test_npm_lock_names_no_registry():
    """So that npm takes the packages from the one that is configured."""
    assert '"resolved"' not in (ROOT / "web/package-lock.json").read_text(encoding="utf-8")


def test_python_range_is_the_same_everywhere():
    allowed = SpecifierSet(PROJECT["requires-python"])
    suited = tuple(f"3.{minor}" for minor in range(30) if allowed.contains(f"3.{minor}"))
    assert suited == runpy.run_path(str(ROOT / "install.py"))["SUITED"]
    assert suited == tuple(
        f"3.{minor}" for minor in range(helpers.OLDEST_PYTHON[1], helpers.NEWEST_PYTHON[1] + 1)
    )
    script = (ROOT / "install.py").read_text(encoding="utf-8")
    assert f'\n# requires-python = "{PROJECT["requires-python"]}"\n' in script  # for uv run


def test_tensorflow_is_the_same_everywhere():
    for dependency in DEPENDENCIES:
        if dependency.name in ("tensorflow", "tensorflow-cpu"):
            lowest = min(Version(one.version) for one in dependency.specifier)
            assert lowest.release[:2] == helpers.TENSORFLOW


def test_conda_environment_takes_every_version_from_requirements():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, by_pip = environment["dependencies"]
    assert Requirement(python).specifier == SpecifierSet(PROJECT["requires-python"])
    assert pip == "pip"
    assert by_pip == {"pip": ["-r requirements.txt"]}


def test_installed_versions_are_the_pinned_ones():
    different = {}
    for name, pin in applying(PINS).items():
        installed = importlib.metadata.version(name)
        if not pin.contains(installed, prereleases=True):
            different[name] = installed
    assert different == {}
