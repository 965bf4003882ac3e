"""Plumbing of the notebooks. Import it before TensorFlow or Keras: it makes TensorFlow quiet and repeatable."""

import importlib.metadata
import importlib.util
import logging
import os
import sys
import warnings

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
TENSORFLOW = (2, 21)

# Installs the pinned packages, in a new .venv if the Python in the old one is unsuited.
REMEDY = (
    f"type '{'py' if os.name == 'nt' else 'python3'} install.py' in the folder of the series, "
    "then open the notebooks with the command in README.md"
)


def _check_python():
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        raise ImportError(
            "the series needs Python 3.11, 3.12 or 3.13 (its pinned packages support no others), "
            f"and this is Python {sys.version_info[0]}.{sys.version_info[1]}: {REMEDY}."
        )


def _check_tensorflow():
    here = f"in {sys.prefix}: {REMEDY}."  # the remedy uses .venv, whatever this environment is
    if importlib.util.find_spec("tensorflow") is None:
        raise ImportError("TensorFlow is not installed " + here)
    for name in ("tensorflow", "tensorflow-cpu"):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if tuple(int(part) for part in version.split(".")[:2]) != TENSORFLOW:
            raise ImportError(f"the series needs TensorFlow 2.21, and there is {version} {here}")


def _quieten_tensorflow():
    if "tensorflow" in sys.modules:
        warnings.warn(
            "TensorFlow was imported before helpers: numbers may differ in the last digits. "
            "Restart the kernel and import helpers first.",
            stacklevel=3,
        )
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # start-up chatter goes, errors stay
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # results then do not depend on the number of threads
    # NumPy's products here are small: a second thread brings nothing, and two notebooks at once would fight for it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Every training compiles a function of its own, on purpose; TensorFlow takes the fifth for a mistake.
    logging.getLogger("tensorflow").addFilter(
        lambda record: "tf.function retracing" not in record.getMessage()
    )


_check_python()
_check_tensorflow()
_quieten_tensorflow()
