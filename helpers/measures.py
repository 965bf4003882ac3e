"""The study's measures: one number per seed from what was recorded; study/measures.csv defines each.

A function takes the tables of a side, see `results.load`, one for each experiment that is joined to
it, and returns a pandas.Series with the seeds as its index. Accuracies and shares are in per cent.
"""

import itertools

import numpy as np
import pandas as pd
from . import results

FAILED_LOSS = 2.303
GOOD_LOSS = 0.3
SMALLEST = 1e-38  # what a gradient of exactly 0 counts as: about the smallest float32


def curve(table, column, rank=None):
    """A column of the trained epochs, a DataFrame (seeds, epochs), at one learning rate.

    rank: which of the rates, from the smallest; None is the middle one, the best of its grid.
    """
    chosen = table[at_rate(table, rank) & (table.epoch > 0)]
    values = chosen.pivot(index="seed", columns="epoch", values=column)
    return 100 * values if column.endswith("accuracy") else values


def at_rate(table, rank=None):
    rates = np.sort(table.learning_rate.unique())
    if len(rates) == 1:
        return np.ones(len(table), bool)
    return np.isclose(table.learning_rate, rates[len(rates) // 2 if rank is None else rank])


def final(table, column, rank=None):
    return curve(table, column, rank).iloc[:, -1]


def at_end(table):
    """The last rows of all runs, at every rate."""
    return table[table.epoch == table.epoch.max()]


def ended(table, column):
    return at_end(table).set_index("seed")[column]


def untrained(table, column):
    return table[table.epoch == 0].set_index("seed")[column]


def numbered(table, start):
    """The names start_1, start_2, ... that the table has."""
    names = (f"{start}_{number}" for number in itertools.count(1))
    return list(itertools.takewhile(lambda name: name in table, names))


def layers(table, start, function=lambda values: values):
    """Mean over the hidden layers of a function of their final values of a column."""
    by_layer = [function(final(table, name)) for name in numbered(table, start)]
    return pd.concat(by_layer, axis=1).mean(axis=1)


def falls(values):
    return (-values.diff(axis=1)).clip(lower=0).sum(axis=1)


def first_at(values, mark):
    """The first column in which a value reaches the mark, counted from 1; one more than all if none."""
    reached = (values >= mark).to_numpy()
    first = np.where(reached.any(axis=1), reached.argmax(axis=1), reached.shape[1])
    return pd.Series(first + 1, values.index)


def lost(table, start):
    """log10 of the last hidden layer's value over the first one's, before training."""
    names = numbered(table, start)
    first, last = (untrained(table, name).clip(lower=SMALLEST) for name in (names[0], names[-1]))
    return np.log10(last / first)


def each_lost(tables, start):
    """`lost` of several experiments side by side, a DataFrame (seeds, experiments)."""
    return pd.concat([lost(table, start) for table in tables], axis=1)


def steps_to_2(table):
    early = table[table.epoch == 1].set_index("seed")
    blocks = early[[f"early_{step}" for step in range(100, 1801, 100)]]
    return 100 * first_at(-blocks, -2.0 + 1e-12)  # below 2.0, not equal


def accuracy_lost(clean, *spoilt):
    ends = pd.concat([final(table, "test_accuracy") for table in spoilt], axis=1).mean(axis=1)
    return final(clean, "test_accuracy") - ends


def noisy_accuracy(table):
    return (final(table, "noise_accuracy") + final(table, "outliers_accuracy")) / 2


def mistakes(table):
    """How often each pair of digits was confused in both directions, a DataFrame (seeds, pairs)."""
    ends = at_end(table).set_index("seed")
    pairs = itertools.combinations(range(10), 2)
    columns = {(a, b): ends[f"confusion_{a}{b}"] + ends[f"confusion_{b}{a}"] for a, b in pairs}
    return pd.DataFrame(columns)


def four_and_nine(tables, place):
    """In per cent: runs in which fewer than `place` other pairs have more mistakes than 4 with 9."""
    shares = []
    for table in tables:
        pairs = mistakes(table)
        ahead = pairs.gt(pairs[(4, 9)], axis=0).sum(axis=1)
        shares.append(100.0 * (ahead < place))
    return pd.concat(shares, axis=1).mean(axis=1)


def neighbours(table):
    """The ranks of the rates next to the best one, which is in the middle."""
    middle = table.learning_rate.nunique() // 2
    return middle - 1, middle + 1


def lost_at_neighbours(table):
    best = final(table, "training_accuracy")
    beside = [final(table, "training_accuracy", rank) for rank in neighbours(table)]
    return best - (beside[0] + beside[1]) / 2


def means_by_rate(grid, column):
    """The mean final accuracy of a grid's runs at each rate, in per cent."""
    return 100 * at_end(grid).groupby("learning_rate")[column].mean()


def span_of_good(means):
    """Powers of ten that the rates span whose mean is within 5 points of the best."""
    good = means.index[means >= means.max() - 5]
    return np.log10(good.max() / good.min())


def full_losses(table):
    """The training loss before and after each recorded step, a DataFrame (seeds, steps + 1)."""
    chosen = table[at_rate(table)]
    # With all images a step, an epoch is a step, and only each sixtieth row holds sixty losses.
    sixtieth = chosen.epoch % 60 == 0 if (chosen.epoch == 60).any() else chosen.epoch > 0
    rows = chosen[sixtieth & (chosen.epoch > 0)]
    steps = by_step(rows, "full_loss")
    steps.insert(0, "start", untrained(chosen, "full_loss_60"))
    return steps


def by_step(rows, start):
    """Columns start_1 to start_60 of each epoch, one epoch after the other, (seeds, steps)."""
    columns = [f"{start}_{step}" for step in range(1, 61)]
    steps = rows.set_index(["seed", "epoch"])[columns].unstack("epoch")
    steps = steps.sort_index(axis=1, level="epoch", sort_remaining=False)
    steps.columns = range(1, steps.shape[1] + 1)
    return steps


def rises(table):
    """Which steps end with a higher training loss; one to no finite number is a rise, and all after it."""
    steps = full_losses(table)
    losses = steps.to_numpy()
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        risen = ~(np.diff(losses, axis=1) <= 0)
    return pd.DataFrame(risen | _lost_for_good(losses)[:, 1:], steps.index)


def _lost_for_good(losses):
    """Where a run's loss is no finite number, or was none before, (seeds, steps)."""
    return np.maximum.accumulate(~np.isfinite(losses), axis=1)


def size_of_rises(table):
    losses = full_losses(table)
    return falls(-losses.mask(_lost_for_good(losses.to_numpy()), results.GUESSING["loss"]))


def seconds_to_loss(table, clock):
    losses = full_losses(table).iloc[:, 1:]
    steps = first_at(-losses, -GOOD_LOSS + 1e-12)
    all_images = table.epoch.max() > 10  # a step: then an epoch is a step
    return steps * clock["step_gd" if all_images else "step_sgd"].median()


def gradient_growth(table):
    norms = by_step(table[at_rate(table) & (table.epoch > 0)], "gradient_norm")
    norms = norms.where(np.isfinite(norms), np.inf)
    first = norms.iloc[:, 0]
    growth = np.log10(norms.max(axis=1) / first.where(np.isfinite(first)))
    return growth.fillna(38).clip(upper=38)


def fails(table, rank):
    """100 for runs that diverge or end above guessing, else 0, at a rate counted from the largest (-1)."""
    ends = at_end(table[at_rate(table, rank)]).set_index("seed")
    return 100.0 * (ends.diverged | (ends.training_loss > FAILED_LOSS))


def loss_added(table, rank):
    return final(table, "training_loss", rank) - final(table, "training_loss")


def worst_rate(shown):
    """Of a Series (seed, rate) of 0 and 100: the values at the rate with the largest mean."""
    by_rate = shown.unstack("learning_rate")
    return by_rate[by_rate.mean().idxmax()]


def diverges_alone(table, other):
    ended = [one.groupby(["seed", "learning_rate"]).diverged.max() for one in (table, other)]
    return worst_rate(100.0 * (ended[0] & ~ended[1]))


def loss_above_100(table):
    above = (table.training_loss > 100) | table.diverged
    return worst_rate(100.0 * above.groupby([table.seed, table.learning_rate]).max())


def share(table, part, whole):
    return (100 * ended(table, part) / ended(table, whole)).dropna()


def log_norm(table):
    return np.log10(untrained(table, "gradient_norm"))


def compared(table, a, b):
    return 100 * (ended(table, a) / ended(table, b) - 1)


def improvement(table, column, sign):
    values = curve(table, column)
    return sign * (values.iloc[:, 0] - values.iloc[:, -1])


def spread(table, a, b):
    """Column a minus column b, both final, in the units of `curve`."""
    return final(table, a) - final(table, b)


# In the order of study/measures.csv. Each is called with the tables of a side.
MEASURES = {
    "mean_training_loss": lambda t: curve(t, "training_loss").mean(axis=1),
    "early_training_loss": lambda t: curve(t, "training_loss").loc[:, 1:3].mean(axis=1),
    "training_loss": lambda t: final(t, "training_loss"),
    "training_loss_1": lambda t: curve(t, "training_loss")[1],
    "training_accuracy": lambda t: final(t, "training_accuracy"),
    "training_accuracy_3": lambda t: curve(t, "training_accuracy")[3],
    "test_accuracy": lambda t: final(t, "test_accuracy"),
    "mean_test_accuracy": lambda t: curve(t, "test_accuracy").mean(axis=1),
    "late_test_accuracy": lambda t: curve(t, "test_accuracy").loc[:, 6:10].mean(axis=1),
    "test_loss": lambda t: final(t, "test_loss"),
    "mean_test_loss": lambda t: curve(t, "test_loss").mean(axis=1),
    "gap": lambda t: spread(t, "training_accuracy", "test_accuracy"),
    "finished_gap": lambda t: spread(t, "finished_accuracy", "test_accuracy"),
    "loss_gap": lambda t: spread(t, "test_loss", "training_loss"),
    "falls": lambda t: falls(curve(t, "test_accuracy")),
    "rises_of_loss": lambda t: falls(-curve(t, "test_loss")),
    "first_97": lambda t: first_at(curve(t, "test_accuracy"), 97 - 1e-9),
    "steps_to_2": steps_to_2,
    "powers_lost": lambda *tables: each_lost(tables, "gradient").max(axis=1),
    "powers_lost_better": lambda *tables: each_lost(tables, "gradient").min(axis=1),
    "signal_powers_lost": lambda *tables: each_lost(tables, "signal").max(axis=1),
    "log_gradient_norm": log_norm,
    "mean_output": lambda t: layers(t, "mean", np.abs),
    "mean_output_by_unit": lambda t: layers(t, "distance"),
    "zeros": lambda t: 100 * layers(t, "zeros"),
    "always_on": lambda t: 100 * final(t, "on_1"),
    "never_switches": lambda t: 100 * (final(t, "on_1") + final(t, "dead_1")),
    "dead_filters": lambda t: 100 * final(t, "dead_1"),
    "dead_and_still": lambda t: ended(t, "first_still") / 1.28,  # of 128 units
    "units_back": lambda t: share(t, "back", "first_dead"),
    "improvement_of_loss": lambda t: improvement(t, "test_loss", 1),
    "improvement_of_accuracy": lambda t: improvement(t, "test_accuracy", -1),
    "late_improvement": lambda t: (
        curve(t, "test_loss")[5] - curve(t, "test_loss").loc[:, 96:100].mean(axis=1)
    ),
    "largest_late_improvement": lambda t: (
        curve(t, "test_loss")[5] - curve(t, "test_loss").loc[:, 6:100].min(axis=1)
    ),
    "accuracy_lost": accuracy_lost,
    "accuracy_lost_to_noise": lambda t: final(t, "test_accuracy") - noisy_accuracy(t),
    "accuracy_left": noisy_accuracy,
    "accuracy_lost_to_outliers": lambda t: spread(t, "test_accuracy", "outliers_accuracy"),
    "shift_by_extremes": lambda t: spread(t, "extremes_mean_1", "mean_1").abs(),
    "four_and_nine_confused": lambda *tables: four_and_nine(tables, 2),
    "four_and_nine_first": lambda *tables: four_and_nine(tables, 1),
    "folds_minus_truth": lambda t: spread(t, "folds_accuracy", "truth_accuracy"),
    "folds_against_hold_out": lambda t: (
        spread(t, "folds_accuracy", "truth_accuracy").abs()
        - spread(t, "fold_1_accuracy", "truth_accuracy").abs()
    ),
    "lost_at_neighbours": lost_at_neighbours,
    "good_rates": lambda t: pd.Series([span_of_good(means_by_rate(t, "training_accuracy"))]),
    "seconds_to_loss": seconds_to_loss,
    "rising_steps": lambda t: 100 * rises(t).mean(axis=1),
    "size_of_rises": size_of_rises,
    "rises": lambda t: rises(t).iloc[:, :60].sum(axis=1).astype(float),
    "leaves_shallow_valley": lambda t: 100 * ended(t, "leaves"),
    "ends_in_deep_valley": lambda t: 100 * ended(t, "ends"),
    "gradient_growth": gradient_growth,
    "fails_at_100_times": lambda t: fails(t, -1),
    "fails_at_3_times": lambda t: fails(t, -2),
    "loss_added_at_hundredth": lambda t: loss_added(t, 0),
    "loss_added_at_third": lambda t: loss_added(t, 1),
    "regression_error": lambda t: ended(t, "test_error"),
    "diverges_where_other_does_not": diverges_alone,
    "loss_above_100": loss_above_100,
    "seconds_saved_by_zeros": lambda t: compared(t, "next_layer_dense", "next_layer_zeros"),
    "sigmoid_over_relu": lambda t: compared(t, "sigmoid", "relu"),
    "tanh_over_relu": lambda t: compared(t, "tanh", "relu"),
}
