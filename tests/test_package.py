import helpers

import importlib.metadata
import os
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = pathlib.Path(__file__).parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
DEPENDENCIES = [Requirement(text) for text in PROJECT["dependencies"]]
REQUIREMENT_LINES = [
    line.strip()
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.strip().startswith("#")
]
PINS = [Requirement(line.split(" #")[0]) for line in REQUIREMENT_LINES if not line.startswith("-")]
PLATFORMS = [
    {
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "os_name": "posix",
        "platform_system": "Linux",
    },
    {
        "sys_platform": "linux",
        "platform_machine": "aarch64",
        "os_name": "posix",
        "platform_system": "Linux",
    },
    {
        "sys_platform": "darwin",
        "platform_machine": "arm64",
        "os_name": "posix",
        "platform_system": "Darwin",
    },
    {
        "sys_platform": "darwin",
        "platform_machine": "x86_64",
        "os_name": "posix",
        "platform_system": "Darwin",
    },
    {
        "sys_platform": "win32",
        "platform_machine": "AMD64",
        "os_name": "nt",
        "platform_system": "Windows",
    },
]
PYTHONS = ["3.11.0", "3.11.9", "3.12.4", "3.13.1"]
ENVIRONMENTS = [
    {
        **platform,
        "python_version": python[:4],
        "python_full_version": python,
        "implementation_name": "cpython",
    }
    for platform in PLATFORMS
    for python in PYTHONS
]
MADE_UP_VERSION = """
import importlib.metadata
real = importlib.metadata.version
importlib.metadata.version = lambda name: {version!r} if name.startswith("tensorflow") else real(name)
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
    """The last line of the traceback of `code`, which must end in an ImportError."""
    done = run_python(code)
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.rstrip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    return last


def applying(requirements, environment):
    """{name: requirement} of those that apply in `environment`."""
    found = [one for one in requirements if one.marker is None or one.marker.evaluate(environment)]
    names = [canonicalize_name(one.name) for one in found]
    assert len(set(names)) == len(names), f"a package is named twice for {environment}"
    return dict(zip(names, found, strict=True))


def described(environment):
    return "-".join(
        environment[key] for key in ("sys_platform", "platform_machine", "python_full_version")
    )


def test_importing_helpers_keras_and_tensorflow_prints_nothing():
    done = run_python(
        "import helpers\nimport keras, tensorflow\nassert keras.backend.backend() == 'tensorflow'"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_import_sets_the_variables_that_make_tensorflow_quiet_and_repeatable():
    names = ("TF_ENABLE_ONEDNN_OPTS", "KERAS_BACKEND", "OPENBLAS_NUM_THREADS")
    done = run_python(f"import helpers, os; print(*(os.environ[name] for name in {names}))")
    assert done.stdout.split() == ["0", "tensorflow", "1"]


@pytest.mark.parametrize("version", ["3.10", "3.14"])
def test_unsuited_python_is_named_together_with_the_allowed_ones(version):
    major, minor = version.split(".")
    code = f"import importlib.metadata, sys; sys.version_info = ({major}, {minor}, 0, 'final', 0); import helpers"
    message = refusal(code)
    assert f"this is Python {version}:" in message
    assert "needs Python 3.11, 3.12 or 3.13" in message
    assert message.endswith(".")


@pytest.mark.parametrize("version", ["3.11", "3.13"])
def test_oldest_and_newest_python_are_accepted(version):
    major, minor = version.split(".")
    done = run_python(
        f"import sys; sys.version_info = ({major}, {minor}, 0, 'final', 0); import helpers"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_missing_tensorflow_is_named_with_the_remedy():
    message = refusal(
        "import importlib.util; importlib.util.find_spec = lambda name: None; import helpers"
    )
    assert "TensorFlow is not installed here" in message
    assert "'python -m pip install -r requirements.txt'" in message
    assert message.endswith(sys.executable)


@pytest.mark.parametrize("version", ["2.19.1", "2.22.0", "3.0.0"])
def test_other_tensorflow_is_named_with_the_remedy(version):
    message = refusal(MADE_UP_VERSION.format(version=version) + "import helpers")
    assert f"TensorFlow {version} does not suit the series, which needs 2.21" in message
    assert "'python -m pip install -r requirements.txt'" in message


@pytest.mark.parametrize("version", ["2.21.0", "2.21.0rc1", "2.21.1"])
def test_suited_tensorflow_is_accepted(version):
    done = run_python(MADE_UP_VERSION.format(version=version) + "import helpers")
    assert (done.returncode, done.stderr) == (0, "")


def test_tensorflow_before_helpers_warns():
    code = "import sys, types; sys.modules['tensorflow'] = types.ModuleType('tensorflow'); {}import helpers"
    done = run_python(
        code.format("import importlib.util; importlib.util.find_spec = lambda name: True; ")
    )
    assert done.returncode == 0
    assert "UserWarning: TensorFlow was imported before helpers" in done.stderr
    assert "Restart the kernel and import helpers first." in done.stderr


def test_every_dependency_has_a_comment_with_its_reason():
    block = re.search(r"^dependencies = \[\n(.*?)^\]", PYPROJECT, re.DOTALL | re.MULTILINE)[1]
    reason_before, explained = "", 0
    for line in block.splitlines():
        text, _, comment = line.strip().partition("#")
        if not text:
            reason_before = comment
            continue
        for_tensorflow = text.startswith('"tensorflow') and reason_before
        assert len((comment or for_tensorflow or "").split()) >= 2, f"no reason is given for {text}"
        explained += 1
    assert explained == len(DEPENDENCIES)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=described)
def test_requirements_pin_every_direct_dependency_inside_its_range(environment):
    pins = applying(PINS, environment)
    dependencies = applying(DEPENDENCIES, environment)
    for name, dependency in dependencies.items():
        assert name in pins, f"{name} has no pin"
        (pin,) = pins[name].specifier
        assert dependency.specifier.contains(pin.version), (
            f"{pins[name]} is outside {dependency.specifier}"
        )
    assert len({"tensorflow", "tensorflow-cpu"} & set(pins)) == 1
    assert {"tensorflow", "tensorflow-cpu"} & set(pins) == {"tensorflow", "tensorflow-cpu"} & set(
        dependencies
    )


def test_requirements_pin_exact_versions_and_end_with_helpers():
    assert REQUIREMENT_LINES[-1] == "-e ."
    assert [line for line in REQUIREMENT_LINES if line.startswith("-")] == ["-e ."]
    for pin in PINS:
        assert [one.operator for one in pin.specifier] == ["=="], f"{pin} is no exact version"
        assert "*" not in str(pin.specifier)


def test_python_range_is_the_same_everywhere():
    (oldest_major, oldest), (newest_major, newest) = helpers.OLDEST_PYTHON, helpers.NEWEST_PYTHON
    assert SpecifierSet(PROJECT["requires-python"]) == SpecifierSet(
        f">={oldest_major}.{oldest},<{newest_major}.{newest + 1}"
    )


def test_oldest_tensorflow_is_the_same_everywhere():
    for dependency in DEPENDENCIES:
        if dependency.name in ("tensorflow", "tensorflow-cpu"):
            lowest = min(Version(one.version) for one in dependency.specifier)
            assert lowest.release[:2] == helpers.TENSORFLOW


def test_conda_environment_takes_every_version_from_requirements():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    by_conda = [
        Requirement(entry) for entry in environment["dependencies"] if isinstance(entry, str)
    ]
    (by_pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert by_pip == ["-r requirements.txt"]
    assert {entry.name for entry in by_conda} == {"python", "pip"}
    (python,) = (entry for entry in by_conda if entry.name == "python")
    assert python.specifier == SpecifierSet(PROJECT["requires-python"])


def test_installed_versions_are_the_pinned_ones():
    different = {}
    for name, pin in applying(PINS, default_environment()).items():
        installed = importlib.metadata.version(name)
        if not pin.specifier.contains(installed, prereleases=True):
            different[str(pin)] = installed
    assert different == {}
