"""Writes the results: a batch of runs at a time, into a new file that then takes the old one's place."""

from helpers import results

import contextlib
import datetime
import errno
import gzip
import importlib.metadata
import io
import json
import os
import platform

import filelock
import pandas as pd

PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "scipy", "scikit-learn")
MACHINES = "machines.json"
FIRST_COLUMNS = [*results.KEYS, "settings", "machine", "date"]


class StudyError(RuntimeError):
    """Something that the reader has to know and can mend; its text is the whole message."""


@contextlib.contextmanager
def only_process(folder=results.FOLDER):
    """Lets one process write at a time; raises StudyError in a second one."""
    lock = filelock.FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise StudyError(
            "another process is running the study and writes to study/results: wait until it ends, or stop "
            "it. Nothing was changed."
        ) from None
    except OSError as error:
        raise StudyError(
            f"study/results cannot be written to ({error.strerror or error}), so nothing was trained. Give "
            "yourself the right to write there, or work in a copy of the project."
        ) from None
    with lock:
        yield


def recorded(experiment, folder=results.FOLDER):
    """The rows of an experiment that are there, or None; raises StudyError for other settings."""
    path = results.path_of(experiment.name, folder)
    if not path.exists():
        return None
    try:
        table = results.read(experiment.name, folder)
    except results.ResultsFileError as error:
        raise StudyError(str(error)) from None
    others = set(table.settings) - {experiment.hash}
    if others:
        raise StudyError(
            f"study/results/{path.name} was recorded with other settings than those in study/experiments.py "
            f"({', '.join(sorted(others))} there, {experiment.hash} here). Nothing is overwritten: give the "
            "experiment back its settings, or a new name, or move the file away."
        )
    return table


def add(experiment, table, folder=results.FOLDER):
    """Add the rows of a batch of runs to the file of its experiment."""
    table = table.assign(
        settings=experiment.hash,
        machine=this_machine(folder),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )
    before = recorded(experiment, folder)
    if before is not None:
        table = pd.concat([before, table])
    table = table.sort_values(results.KEYS, ignore_index=True)
    others = [column for column in table if column not in FIRST_COLUMNS]
    text = table[FIRST_COLUMNS + others].to_csv(index=False, float_format="%.6g")
    content = io.BytesIO()
    with gzip.GzipFile(fileobj=content, mode="wb", mtime=0) as file:  # equal rows, equal bytes
        file.write(text.encode())
    replace(results.path_of(experiment.name, folder), content.getvalue())


def replace(path, content):
    """Write a new file and rename it, so that a stop or a full disk leaves the old one as it was."""
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        reason = "the disk is full" if error.errno == errno.ENOSPC else str(error)
        raise StudyError(
            f"study/results/{path.name} could not be written: {reason}. What was recorded before is as it "
            "was; the runs that had just ended are lost. Make room, and type the same command again."
        ) from error


def this_machine(folder=results.FOLDER):
    """The number of this machine and its versions in machines.json, which gets a new entry if need be."""
    machines, machine = machines_in(folder), here()
    number = _number_of(machine, machines)
    if number is None:
        number = 1 + max(map(int, machines), default=0)
        machines[str(number)] = machine
        replace(folder / MACHINES, json.dumps(machines, indent=1).encode() + b"\n")
    return number


def number_of_machine(folder=results.FOLDER):
    """The number of this machine in machines.json, or None if it is not there."""
    return _number_of(here(), machines_in(folder))


def _number_of(machine, machines):
    return next((int(number) for number, one in machines.items() if one == machine), None)


def machines_in(folder):
    """What machines.json holds, {number: what it is}; raises StudyError if it cannot be read."""
    path = folder / MACHINES
    try:
        machines = json.loads(path.read_text(encoding="utf-8"))
        if not all(number.isdecimal() for number in machines):
            raise ValueError("its names should be numbers")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise StudyError(
            f"study/results/{MACHINES} is damaged ({error}). Restore it with 'git checkout -- "
            f"study/results/{MACHINES}'. Nothing was changed."
        ) from None
    return machines


def here():
    """What can change the last digits of a run: processor, versions, flags."""
    versions = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "processor": processor(),
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **versions,
        "flags": os.environ.get("XLA_FLAGS", ""),
    }


def processor():
    """The processor's name and whether it has AVX-512, where the system tells."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
        lines = {name.strip(): value.strip() for name, value in lines.items()}
        wide = ", AVX-512" if "avx512f" in lines.get("flags", "") else ""
        return lines.get("model name", platform.machine()) + wide
    return platform.processor() or platform.machine()
