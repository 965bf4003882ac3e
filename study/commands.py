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
from .experiments import BLOCKS, EXPERIMENTS

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
        results.this_machine(folder)  # a damaged record is told before the training, not after it
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
            found, reason = None, _left_out(one, folder)
            if not reason:
                found, reason = _rates(one, experiments, folder)
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


def _left_out(experiment, folder):
    """Why runs that only serve the reason of some claims are not made (yet), or None if they are."""
    if not experiment.only_for or folder != FOLDER:  # elsewhere there is nothing to judge by
        return None
    words = {claim: findings.find(claim)[0].word for claim in experiment.only_for.split()}
    if any(word.startswith("supported") for word in words.values()):
        return None
    open_claims = [claim for claim, word in words.items() if word == findings.NOT_RUN]
    if open_claims:
        return f"it waits for {' and '.join(open_claims)}"
    found = " and ".join(f"{claim}, which is {word}" for claim, word in words.items())
    return f"it is only for the reason of {found}"


def _rates(experiment, experiments, folder):
    """(its rates, None), or (None, why it has none)."""
    try:
        found = rates.resolve(experiment, experiments, folder)
    except rates.GridError as error:
        return None, str(error)
    if found is None and isinstance(experiment.settings.get("rates"), dict):
        return None, "no rate of the grid is as asked"
    return found, None


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
    if random is not None and random < 0:
        raise results.StudyError(f"--random is {random}: give a whole number from 0 on.")
    generator = np.random.default_rng(random)
    try:
        return _verify(pool, runs, generator, experiments, folder)
    except KeyboardInterrupt:
        print("\nStopped by you. Nothing was changed.")
        return 1


def _verify(pool, runs, generator, experiments, folder):
    worst, this_machine = [], results.number_of_machine(folder)
    for place in generator.choice(len(pool), min(runs, len(pool)), replace=False):
        experiment, table, seed = pool[place]
        with contextlib.redirect_stdout(io.StringIO()):
            again = kinds.run(experiment, [seed], rates.resolve(experiment, experiments, folder))
        here = set(table.machine[table.seed == seed]) == {this_machine}
        compared = compare(table, again, seed, strict=(0, 1) if here else (0,))
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


def compare(table, again, seed, strict=(0,)):
    """How far the numbers of a run trained again are from those recorded: a row per number.

    strict: epochs whose numbers hardly depend on rounding; a tenth of the other seeds' standard
    deviation is allowed there. Later ones may drift apart as far as other seeds do: 1.5 times their range,
    or the range of the 99.98 % interval of the difference of two of them, whichever is larger.
    What rounding to six digits makes comes on top. A number that is on one side only is off by infinity.
    Raises StudyError if a row is recorded twice.
    """
    keys = ["learning_rate", "epoch"]
    names = [name for name in {**again, **table} if name not in NOT_COMPARED]
    tables = []
    for rows in (table, again):
        rates_ = rows.learning_rate.map(lambda rate: float(f"{rate:.6g}")).fillna(0.0)
        tables.append(
            rows.assign(learning_rate=rates_).set_index(keys).reindex(columns=["seed", *names])
        )
    recorded, again = tables
    old, others = recorded[recorded.seed == seed], recorded[recorded.seed != seed]
    if old.index.has_duplicates:
        raise results.StudyError(
            f"of seed {seed}, rows are recorded twice: {list(old.index[old.index.duplicated()])}."
        )
    places = old.index.union(again.index)
    again = again[names].reindex(places).map(lambda value: float(f"{value:.6g}"))
    old = old[names].reindex(places)
    with np.errstate(invalid="ignore"):
        off = (again - old).mask(again == old, 0.0)  # two infinite numbers are equal, too
    off = off.mask(again.isna() != old.isna(), np.inf)
    allowed = _allowed(others[names].groupby(level=keys), old, strict)
    columns = {"recorded": old, "again": again, "off": off, "allowed": allowed}
    compared = pd.concat({name: values.stack() for name, values in columns.items()}, axis=1)
    compared.index.names = [*keys, "number"]
    return compared[compared.off.notna()].reset_index()


def _allowed(others, recorded, strict):
    """How far a rerun may be off: as `compare` says, in the form of `recorded`."""
    places = recorded.index
    spread, most, least = (others.agg(how).reindex(places) for how in ("std", "max", "min"))
    count = others.size().reindex(places, fill_value=0).to_numpy()[:, None]
    finite = others.agg(lambda values: np.isfinite(values).all()).reindex(places) == 1
    quantile = scipy.stats.t.ppf(0.9999, np.maximum(count - 1, 1))
    apart = 1.5 * np.maximum(np.sqrt(2) * quantile * spread, most - least)
    exact = places.get_level_values("epoch").isin(strict)[:, None]
    allowed = np.where(exact, 0.1 * spread, apart)
    allowed = np.where(finite, allowed, np.inf)  # where other seeds diverge, this one may, too
    rounding = 1e-5 * recorded.abs().where(np.isfinite(recorded), 0.0)
    rounding += A_UNIT_OR_TWO * recorded.columns.str.startswith(("dead_", "on_"))
    return rounding + np.where(count < 2, 0.0, allowed)


def report(experiments=EXPERIMENTS, folder=FOLDER):
    """Print what is recorded, and the whole ledger; returns 0."""
    planned = sum(one.runs for one in experiments.values())
    lines, left_out, there = [], [], 0
    for one in experiments.values():
        table = results.recorded(one, folder)
        seeds = 0 if table is None else table.seed.nunique()
        there += seeds
        reason = None if seeds else _left_out(one, folder)
        if reason:
            planned -= one.runs
            left_out.append(f"{one.name} ({reason})")
        elif seeds < one.runs:
            lines.append(f"{one.name} {seeds} of {one.runs}")
    print(f"{there} of {planned} seeds are recorded.")
    if left_out:
        print("Left out: " + ", ".join(left_out) + ".")
    if lines:
        print("Missing still: " + ", ".join(lines) + ".")
    ledger = evidence.Ledger()
    for part in (repr(ledger), ledger.counts().T.to_string(), cost(folder).to_string()):
        print(f"\n\n{part}")
    return 0


def cost(folder=FOLDER):
    """What the recorded runs took: a DataFrame, one row per block, with their number and processor hours.

    A network at one rate is a run.
    """
    rows = {}
    for block, planned in BLOCKS.items():
        runs = seconds = 0
        for one in planned:
            table = results.recorded(one, folder)
            if table is not None:
                recorded = table.processor_seconds.dropna()
                runs, seconds = runs + len(recorded), seconds + recorded.sum()
        if runs:
            rows[block] = {"runs": runs, "processor hours": round(seconds / 3600, 1)}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.loc["together"] = table.sum()
    return table.astype({"runs": int})
