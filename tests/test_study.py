"""The study's machine: run, resume, stop, verify; on tiny experiments, and on a few recorded runs."""

from helpers import findings
from helpers import results as recorded

import dataclasses
import errno
import os
import re

import filelock
import numpy as np
import pandas as pd
import pytest

import study.__main__
from study import commands, kinds, results
from study.experiments import EXPERIMENTS, Experiment

TINY = {
    name: Experiment(name, name, "tiny", {"shift": shift, "rates": None}, 5, together=2)
    for name, shift in (("T-one", 0.0), ("T-two", 0.1))
}


def tiny(settings, seeds, rates, progress):
    """A made-up experiment: two epochs, numbers that follow from the seed."""
    rows = []
    for seed in seeds:
        drawn = np.random.default_rng(seed).normal(0.5, 0.01, 3)
        for epoch in range(3):
            row = {"seed": seed, "learning_rate": np.nan, "epoch": epoch}
            if epoch:
                row |= {
                    "training_loss": drawn[epoch],
                    "test_accuracy": settings["shift"] + drawn[0],
                }
            rows.append(row)
    progress(1)
    return pd.DataFrame(rows)


@pytest.fixture(autouse=True)
def tiny_kind(monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "tiny", tiny)
    monkeypatch.setitem(kinds.PRICES, "tiny", 1)


@pytest.fixture
def run(tmp_path):
    def run_tiny(only=None, seeds=None, experiments=TINY):
        return commands.run(only, seeds, experiments, tmp_path)

    return run_tiny


def seeds_in(folder, name="T-one"):
    return sorted(set(recorded.read(name, folder).seed))


def test_run_trains_what_is_missing(run, tmp_path, monkeypatch):
    assert run(["T-one"], 3) == 0
    assert seeds_in(tmp_path) == [10_000, 10_001, 10_002]
    trained = []
    monkeypatch.setitem(
        kinds.KINDS,
        "tiny",
        lambda settings, seeds, *rest: trained.append(seeds) or tiny(settings, seeds, *rest),
    )
    assert run() == 0
    assert trained == [[10_003, 10_004], [10_000, 10_001], [10_002, 10_003], [10_004]]
    assert seeds_in(tmp_path) == seeds_in(tmp_path, "T-two") == list(range(10_000, 10_005))
    assert run() == 0
    assert len(trained) == 4  # nothing is trained twice


def test_rows_say_what_made_them(run, tmp_path):
    run()
    table = recorded.read("T-one", tmp_path)
    assert set(table.settings) == {TINY["T-one"].hash} != {TINY["T-two"].hash}
    assert table.date.str.fullmatch(r"20\d\d-\d\d-\d\d").all()
    assert set(table.machine) == {1}
    assert '"keras"' in (tmp_path / "machines.json").read_text()


def test_equal_rows_make_equal_bytes(tmp_path):
    rows = tiny({"shift": 0}, [10_000, 10_001], None, lambda part: None)
    for name in ("T-one", "T-two"):
        results.add(dataclasses.replace(TINY["T-one"], name=name), rows, tmp_path)
    one, two = (recorded.path_of(name, tmp_path).read_bytes() for name in TINY)
    assert one == two


def test_a_stop_loses_the_batch_under_way_only(run, tmp_path, monkeypatch, capsys):
    def stopped(settings, seeds, rates, progress):
        if 10_004 in seeds:
            raise KeyboardInterrupt
        return tiny(settings, seeds, rates, progress)

    monkeypatch.setitem(kinds.KINDS, "tiny", stopped)
    assert run(["T-one"]) == 1
    assert "4 runs of this call are recorded" in capsys.readouterr().out
    assert seeds_in(tmp_path) == [10_000, 10_001, 10_002, 10_003]
    monkeypatch.setitem(kinds.KINDS, "tiny", tiny)
    assert run(["T-one"]) == 0
    assert len(seeds_in(tmp_path)) == 5


def test_a_second_process_is_told(run, tmp_path):
    with (
        filelock.FileLock(tmp_path / ".lock"),
        pytest.raises(results.StudyError, match="another process is running the study"),
    ):
        run()
    assert run() == 0  # the lock is free again


def test_other_settings_never_overwrite(run, tmp_path):
    run()
    before = recorded.path_of("T-one", tmp_path).read_bytes()
    changed = {
        "T-one": dataclasses.replace(TINY["T-one"], settings={"shift": 0.5, "rates": None}, runs=9)
    }
    with pytest.raises(results.StudyError, match="recorded with other settings"):
        run(experiments=changed)
    assert recorded.path_of("T-one", tmp_path).read_bytes() == before


def test_a_full_disk_leaves_what_was_recorded(run, tmp_path, monkeypatch):
    run(["T-one"], 2)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        results.StudyError, match=r"the disk is full. What was recorded before is as it was"
    ):
        run(["T-one"])
    assert seeds_in(tmp_path) == [10_000, 10_001]
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_damaged_file_is_told_and_left_alone(run, tmp_path):
    run(["T-one"], 2)
    path = recorded.path_of("T-one", tmp_path)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(results.StudyError, match=r"T-one.csv.gz is damaged"):
        run()
    assert path.stat().st_size == 50


def test_wrong_arguments_are_told(run, capsys):
    with pytest.raises(results.StudyError, match=r"begins with 'X': the names are T-one, T-two"):
        run(["X"])
    with pytest.raises(results.StudyError, match=r"--seeds is 0"):
        run(None, 0)
    assert study.__main__.main(["verify", "--runs", "0"]) == 1
    assert "--runs is 0" in capsys.readouterr().err


def test_verify_passes_and_a_tampered_file_fails(run, tmp_path, capsys):
    many = {"T-one": dataclasses.replace(TINY["T-one"], runs=30)}
    run(experiments=many)
    assert commands.verify(2, None, 0, many, tmp_path) == 0
    assert "6 numbers" not in capsys.readouterr().out
    table = recorded.read("T-one", tmp_path)
    table.loc[(table.seed == 10_007) & (table.epoch == 2), "test_accuracy"] += 0.2
    table.to_csv(recorded.path_of("T-one", tmp_path), index=False)
    assert commands.verify(30, None, 0, many, tmp_path) == 1
    text = capsys.readouterr().out
    assert "Not as recorded: T-one, seed 10007." in text
    assert "test_accuracy" in text


def test_compare_tells_missing_numbers_and_bears_infinite_ones():
    table = tiny({"shift": 0}, range(10), None, lambda part: None)
    again = tiny({"shift": 0}, [3], None, lambda part: None)
    table.loc[(table.seed == 3) & (table.epoch == 1), "training_loss"] = np.nan
    compared = commands.compare(table, again, 3).set_index(["number", "epoch"])
    assert compared.off["training_loss", 1] == np.inf
    assert compared.allowed["training_loss", 1] < np.inf
    table.loc[(table.seed == 3) & (table.epoch == 1), "training_loss"] = np.inf
    again.loc[again.epoch == 1, "training_loss"] = np.inf
    compared = commands.compare(table, again, 3).set_index(["number", "epoch"])
    assert compared.off["training_loss", 1] == 0


def test_compare_walks_what_is_on_either_side():
    table = tiny({"shift": 0}, range(10), None, lambda part: None)
    again = tiny({"shift": 0}, [3], None, lambda part: None)
    table["beside"] = 1.0
    compared = commands.compare(table, again[again.epoch < 2], 3)
    lost = compared[compared.off == np.inf].set_index(["number", "epoch"]).index
    assert set(lost) == {("beside", epoch) for epoch in range(3)} | {
        ("training_loss", 2),
        ("test_accuracy", 2),
    }
    twice = pd.concat([table, table[(table.seed == 3) & (table.epoch == 1)]])
    with pytest.raises(results.StudyError, match="of seed 3, rows are recorded twice"):
        commands.compare(twice, again, 3)


def test_seeds_that_were_exchanged_are_noticed():
    table = tiny({"shift": 0}, range(30), None, lambda part: None)
    again = tiny({"shift": 0}, [4], None, lambda part: None)
    assert (commands.compare(table, again, 4, (0, 1)).off.abs() < 1e-6).all()  # six digits
    table["seed"] = table.seed.replace({3: 4, 4: 3})
    compared = commands.compare(table, again, 4, (0, 1))
    assert (compared.off.abs() > compared.allowed).any()
    compared = commands.compare(table, again, 4, (0,))  # on another machine it may be so
    assert not (compared.off.abs() > compared.allowed).any()


def test_verify_says_what_stops_it(run, tmp_path, monkeypatch, capsys):
    run(["T-one"])
    with pytest.raises(results.StudyError, match="--random is -1"):
        commands.verify(1, None, -1, TINY, tmp_path)

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setitem(kinds.KINDS, "tiny", stopped)
    assert commands.verify(1, None, 0, TINY, tmp_path) == 1
    assert "Stopped by you. Nothing was changed." in capsys.readouterr().out


def test_a_damaged_record_of_machines_is_told_before_the_training(run, tmp_path, monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "tiny", lambda *_: pytest.fail("it was trained"))
    for text in ("{", "[1]", '{"one": {}}'):
        (tmp_path / "machines.json").write_text(text)
        with pytest.raises(results.StudyError, match=r"machines.json is damaged .*git checkout"):
            run()
        assert (tmp_path / "machines.json").read_text() == text


def test_another_machine_gets_the_next_number(run, tmp_path):
    (tmp_path / "machines.json").write_text('{"4": {"processor": "other"}}')
    run(["T-one"])
    assert set(recorded.read("T-one", tmp_path).machine) == {5}
    assert results.number_of_machine(tmp_path) == 5


def test_a_folder_that_cannot_be_written_to_is_told(run, tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(filelock.FileLock, "acquire", refused)
    with pytest.raises(results.StudyError, match=r"cannot be written to \(Permission denied\)"):
        run()


def test_runs_whose_grid_is_incomplete_are_left_out(run, tmp_path, capsys):
    rates = {"of": "T-one", "choice": "lowest", "column": "test_accuracy", "epoch": 2, "times": [1]}
    best = dataclasses.replace(TINY["T-two"], settings={"shift": 0.0, "rates": rates})
    experiments = {"T-one": TINY["T-one"], "T-two": best}
    assert run(None, 2, experiments) == 0
    assert seeds_in(tmp_path) == [10_000, 10_001]
    assert "T-two is left out: it takes its rate from T-one" in capsys.readouterr().out
    assert not recorded.path_of("T-two", tmp_path).exists()


def test_recorded_runs_trained_again_are_as_recorded(capsys):
    """A sample of the study's own results, about half a minute."""
    assert commands.verify(2, ["S4-sigmoid", "S4-relu-255"], 1) == 0
    assert capsys.readouterr().out.count("0 outside what the other seeds allow") == 2


def test_a_tampered_result_of_the_study_is_found(tmp_path):
    experiment = EXPERIMENTS["S4-sigmoid"]
    table = recorded.read("S4-sigmoid")
    seed = 10_042
    again = table[table.seed == seed].drop(columns=["settings", "machine", "date"])
    last = (table.seed == seed) & (table.epoch == experiment.settings["epochs"])
    compared = commands.compare(table, again, seed)
    assert (compared.off == 0).all()
    for column, change in (("test_accuracy", 0.02), ("training_loss", -0.05), ("on_1", 0.3)):
        tampered = table.copy()
        tampered.loc[last, column] += change
        compared = commands.compare(tampered, again, seed)
        assert compared[compared.off.abs() > compared.allowed].number.tolist() == [column]


def test_hashes_change_with_each_setting():
    assert len({one.hash for one in EXPERIMENTS.values()}) == len(EXPERIMENTS)
    experiment = EXPERIMENTS["S0-relu"]
    changed = dataclasses.replace(experiment, settings={**experiment.settings, "batch": 33})
    assert changed.hash != experiment.hash


def test_readme_tells_what_the_runs_took():
    text = (findings.STUDY / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| ([\d.]+) \|$", text, flags=re.M)
    told = [(block, int(runs.replace(",", "")), float(hours)) for block, runs, hours in rows]
    assert told == list(commands.cost().itertuples(name=None)), (
        "runs were added: take the last table of 'python -m study report' into study/README.md"
    )
