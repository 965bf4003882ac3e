"""What `python -m study` does."""

from helpers import evidence, findings
from helpers import results as recorded_results

import contextlib
import io
import sys

import numpy as np
import pandas as pd
import scipy.stats
import tqdm.std
from . import kinds, rates, results
from .experiments import EXPERIMENTS

FOLDER = recorded_results.FOLDER
CLOCKS = ("operations", "wall time")  # kinds whose numbers are seconds of one machine
A_UNIT_OR_TWO = 0.02  # may be dead in a rerun where no other seed has a dead one
NOT_COMPARED = (*results.FIRST_COLUMNS, "processor_seconds")


def run(only=None, seeds=None, experiments=EXPERIMENTS, folder=FOLDER):
    """Train what is missing, a batch of seeds at a time; returns 0.

    only: None, or beginnings of experiments' names; seeds: None, or at most so many of each.
    Raises StudyError for what the reader has to mend.
    """
    chosen = select(only, experiments)
    if seeds is not None and seeds < 1:
        raise results.StudyError(f"--seeds is {seeds}: give a whole number from 1 on.")
    with results.only_process(folder):
        done = 0
        try:
            for recorded in _batches(chosen, seeds, experiments, folder):
                done = recorded
        except KeyboardInterrupt:
            print(
                f"\nStopped by you. {done} runs of this call are recorded; those under way are not. The "
                "same command goes on from there."
            )
            return 1
    return 0


def select(only, experiments):
    """The experiments whose names begin with one of `only`, in the order of the study."""
    for start in only or []:
        if not any(name.startswith(start) for name in experiments):
            raise results.StudyError(
                f"no experiment's name begins with {start!r}: the names are {', '.join(experiments)}."
            )
    return [
        one
        for name, one in experiments.items()
        if only is None or any(name.startswith(start) for start in only)
    ]


def _batches(chosen, seeds, experiments, folder):
    """Train and record batch after batch; yields how many runs are recorded since the start."""
    missing = {one.name: _missing(one, seeds, folder) for one in chosen}
    total = sum(kinds.price(one) * len(missing[one.name]) for one in chosen)
    style = "{desc} |{bar}| {percentage:3.0f} %, {remaining} left"
    done = 0
    with tqdm.std.tqdm(total=total, bar_format=style, file=sys.stdout) as bar:
        for one in chosen:
            todo, price = missing[one.name], kinds.price(one)
            if not todo:
                continue
            found, reason = rates.resolve(one, experiments, folder), None
            if one.only_for:
                reason = _not_needed(one.only_for)
            elif found is None and isinstance(one.settings.get("rates"), dict):
                reason = "no rate of the grid is as asked"
            if reason:
                bar.write(f"{one.name} is left out: {reason}.", file=sys.stdout)
                bar.update(price * len(todo))
                continue
            for start in range(0, len(todo), one.together):
                batch = todo[start : start + one.together]
                bar.set_description_str(f"{one.name}, {one.runs - len(todo) + start} of {one.runs}")
                step = price * len(batch)
                with contextlib.redirect_stdout(io.StringIO()):
                    table = kinds.run(
                        one, batch, found, lambda part, step=step: bar.update(part * step)
                    )
                results.add(one, table, folder)
                done += len(batch)
                yield done


def _not_needed(claim):
    """Why runs that only serve a claim's reason are not made, or None if they are."""
    word = findings.find(claim)[0].word
    return (
        None
        if word.startswith("supported")
        else f"it is only for the reason of {claim}, which is {word}"
    )


def _missing(experiment, seeds, folder):
    table = results.recorded(experiment, folder)
    there = set() if table is None else set(table.seed)
    return [seed for seed in experiment.seeds[:seeds] if seed not in there]


def verify(runs=5, only=None, random=None, experiments=EXPERIMENTS, folder=FOLDER):
    """Train a random sample of recorded runs again and compare every number; returns 0 or 1.

    random: None, or a whole number that makes the same sample again.
    """
    if runs < 1:
        raise results.StudyError(f"--runs is {runs}: give a whole number from 1 on.")
    pool = []
    for one in select(only, experiments):
        table = None if one.kind in CLOCKS else results.recorded(one, folder)
        if table is not None:
            pool += [(one, table, seed) for seed in sorted(set(table.seed))]
    if not pool:
        raise results.StudyError("no run is recorded of which one could be trained again.")
    generator = np.random.default_rng(random)
    worst = []
    for place in generator.choice(len(pool), min(runs, len(pool)), replace=False):
        experiment, table, seed = pool[place]
        with contextlib.redirect_stdout(io.StringIO()):
            again = kinds.run(experiment, [seed], rates.resolve(experiment, experiments, folder))
        compared = compare(table, again, seed)
        outside = compared[compared.off.abs() > compared.allowed]
        same = int((compared.off == 0).sum())
        print(
            f"\n{experiment.name}, seed {seed}: {len(compared)} numbers, {same} the same to the last digit "
            f"recorded, {len(outside)} outside what the other seeds allow"
        )
        last = compared[compared.epoch == compared.epoch.max()]
        print((last if outside.empty else outside).to_string(index=False, max_rows=60))
        worst += [f"{experiment.name}, seed {seed}"] * (len(outside) > 0)
    if worst:
        print(f"\nNot as recorded: {'; '.join(worst)}.")
        return 1
    print("\nAll numbers are as recorded, or as near as the other seeds allow.")
    return 0


def compare(table, again, seed):
    """How far the numbers of a run trained again are from those recorded: a row per number.

    allowed: 1.5 times the range of the other seeds' numbers, or of the 99.98 % interval of the
    difference of two of them, whichever is larger; and what rounding to six digits makes.
    """
    rows = []
    columns = [column for column in again if column not in NOT_COMPARED]
    for _, new in again.iterrows():
        place = table[table.epoch == new.epoch]
        if pd.notna(new.learning_rate):
            place = place[np.isclose(place.learning_rate, new.learning_rate, rtol=1e-5)]
        old, others = place[place.seed == seed], place[place.seed != seed]
        for column in columns:
            value = new[column]
            before = old[column].iloc[0] if column in old and len(old) else np.nan
            if pd.isna(value) and pd.isna(before):
                continue
            rows.append(
                {
                    "learning_rate": new.learning_rate,
                    "epoch": int(new.epoch),
                    "number": column,
                    "recorded": before,
                    "again": float(f"{value:.6g}"),
                    "allowed": _allowed(column, others.get(column, []), before),
                }
            )
    compared = pd.DataFrame(rows)
    with np.errstate(invalid="ignore"):
        off = compared.again - compared.recorded
    same = compared.again == compared.recorded  # two infinite numbers, too
    lost = compared.again.isna() | compared.recorded.isna()
    compared.insert(5, "off", off.where(~same, 0.0).where(~lost, np.inf))
    return compared


def _allowed(column, others, recorded):
    others = np.asarray(others, float)
    if not np.isfinite(others).all():  # where other seeds diverge, this one may, too
        return np.inf
    rounding = 1e-5 * abs(recorded) if np.isfinite(recorded) else 0.0
    rounding += A_UNIT_OR_TWO * column.startswith(("dead_", "on_"))
    if len(others) < 2:
        return rounding
    spread = np.std(others, ddof=1) * np.sqrt(2) * scipy.stats.t.ppf(0.9999, len(others) - 1)
    return 1.5 * max(spread, np.ptp(others)) + rounding


def report(experiments=EXPERIMENTS, folder=FOLDER):
    """Print what is recorded, and the whole ledger; returns 0."""
    planned = sum(one.runs for one in experiments.values())
    lines, there = [], 0
    for one in experiments.values():
        table = results.recorded(one, folder)
        seeds = 0 if table is None else table.seed.nunique()
        there += seeds
        if seeds < one.runs:
            lines.append(f"{one.name} {seeds} of {one.runs}")
    print(f"{there} of {planned} seeds are recorded.")
    if lines:
        print("Missing still: " + ", ".join(lines) + ".")
    sources = (
        dict.fromkeys(findings.register().claim.str[:2], "claims added here") | evidence.SOURCES
    )
    for source, title in sources.items():
        ledger = evidence.Ledger(source)
        print(f"\n\n{source}  {title}\n\n{ledger!r}")
    print(f"\n\n{evidence.Ledger().counts().T.to_string()}")
    return 0
