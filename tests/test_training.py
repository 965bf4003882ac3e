"""The table of `fit_seeds`, what it refuses and prints, the stop button, the live bar."""

from helpers import stack, training

import gc
import signal

import IPython.core.interactiveshell
import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from networks import (
    CROSS_ENTROPY,
    OPTIONS,
    VALIDATION,
    X,
    Y,
    assert_same_weights,
    mlp,
    plain_loop,
    scores,
    shown,
)

pytestmark = pytest.mark.usefixtures("interrupts_arrive")
COLUMNS = ["copy", "seed", "learning_rate", "epoch", *training.METRICS, "seconds"]


def relu_mlp(seed):
    return mlp(seed, activation="relu")


@pytest.fixture(autouse=True)
def plain_graphs(monkeypatch):
    """Networks as small as these train faster than XLA compiles them."""
    monkeypatch.setattr(stack, "xla_works", lambda: False)


# The table


def test_after_epoch_sees_the_copies_as_they_are():
    seen = []

    def look(epoch, networks):
        seen.append((epoch, [network.get_weights() for network in networks]))
        networks[0].set_weights([0 * weights for weights in networks[0].get_weights()])

    options = {**OPTIONS, "seeds": (3, 5), "epochs": 2}
    runs = training.fit_seeds(mlp, X, Y, after_epoch=look, **options)
    assert [epoch for epoch, _ in seen] == [0, 1, 2]
    for epoch, weights in seen:
        alone = mlp(5)
        plain_loop(alone, "adam", epochs=epoch, seed=5) if epoch else None
        for found, expected in zip(weights[1], alone.get_weights(), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-5)
    undisturbed = training.fit_seeds(mlp, X, Y, **options)  # what the function does changes nothing
    for metric in ("loss", "accuracy"):
        np.testing.assert_allclose(runs.curves(metric), undisturbed.curves(metric), atol=1e-6)


def test_after_steps_tells_the_losses_within_an_epoch(monkeypatch):
    monkeypatch.setattr(stack, "STEPS_PER_EXECUTION", 2)
    seen = []
    options = {"seeds": (3, 5), "epochs": 2, "batch_size": 16}
    runs = training.fit_seeds(mlp, X, Y, after_steps=lambda *told: seen.append(told), **options)
    assert [(epoch, step) for epoch, step, _ in seen] == [(e, s) for e in (1, 2) for s in (2, 4, 5)]
    parts = np.array([losses for epoch, _, losses in seen if epoch == 1])
    mean = np.average(parts, axis=0, weights=[32, 32, 6])  # 70 examples
    np.testing.assert_allclose(mean, runs.curves("loss")[:, 0], rtol=1e-5)


def test_table_is_tidy_and_copies_are_seeds_times_rates():
    built = []

    def build(seed):
        built.append(seed)
        return mlp(seed)

    rates = (0.1, 0.01, 0.2)
    options = {"seeds": (4, 2), "learning_rate": rates, "optimizer": "sgd", "epochs": 2}
    runs = training.fit_seeds(build, X, Y, validation_data=VALIDATION, **options)
    assert list(runs.table.columns) == COLUMNS
    assert len(runs.table) == 12
    copies = runs.table.drop_duplicates("copy").sort_values("copy")
    assert copies["copy"].tolist() == list(range(6))
    assert copies.seed.tolist() == [4, 4, 4, 2, 2, 2] == built
    assert copies.learning_rate.tolist() == [*rates, *rates]
    assert runs.table.groupby("copy").epoch.apply(list).tolist() == [[1, 2]] * 6
    assert runs.table.notna().all(axis=None)
    assert (runs.table.seconds > 0).all()
    assert len(runs.models) == 6
    for number, model in enumerate(runs.models):
        loss, accuracy = scores(model, *VALIDATION)
        assert runs.final("val_loss")[number] == pytest.approx(loss, abs=1e-5)
        assert runs.final("val_accuracy")[number] == pytest.approx(accuracy, abs=1e-6)


def test_selections_name_the_copies():
    rows = []
    for copy, (seed, rate) in enumerate([(7, 0.1), (7, 0.3), (9, 0.1), (9, 0.3)]):
        for epoch in (1, 2):
            row = {"copy": copy, "seed": seed, "learning_rate": rate, "epoch": epoch}
            rows.append({**row, "loss": copy + epoch / 10})
    runs = training.Runs(pd.DataFrame(rows), ["a", "b", "c", "d"])
    np.testing.assert_allclose(runs.curves("loss"), np.arange(4)[:, None] + [[0.1, 0.2]])
    np.testing.assert_allclose(runs.final("loss"), [0.2, 1.2, 2.2, 3.2])
    low = runs.by_rate(np.float32(0.1))
    assert low.models == ["a", "c"]
    np.testing.assert_allclose(low.final("loss"), [0.2, 2.2])
    assert low.table["copy"].tolist() == [0, 0, 1, 1]
    assert runs.by_seed(9).models == ["c", "d"]
    near = runs.table.assign(seed=runs.table.seed + 10**7)
    assert training.Runs(near, runs.models).by_seed(10**7 + 9).models == ["c", "d"]
    assert runs.by_seed(9).by_rate(0.3).models == ["d"]
    assert training.Runs(runs.table, []).by_seed(9).models == []
    with pytest.raises(ValueError, match=r"no copy has learning_rate 0.2: choose one of 0.1, 0.3"):
        runs.by_rate(0.2)
    with pytest.raises(ValueError, match=r"no copy has seed 8: choose one of 7, 9"):
        runs.by_seed(8)


def test_unknown_metric_lists_the_columns():
    runs = training.fit_seeds(mlp, X, Y, seeds=(0,), epochs=1)
    with pytest.raises(
        ValueError, match=r"unknown metric 'accuracies': choose one of copy, seed, "
    ):
        runs.final("accuracies")


def test_table_without_validation_data_has_its_columns_nonetheless():
    runs = training.fit_seeds(mlp, X, Y, seeds=(0,), epochs=1)
    assert list(runs.table.columns) == COLUMNS
    assert runs.table[["val_loss", "val_accuracy"]].isna().all(axis=None)
    assert runs.table.learning_rate.tolist() == pytest.approx([0.001])
    assert np.isnan(runs.final("val_loss")).all()


def test_table_follows_a_schedule_of_the_learning_rate():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([6, 12], [0.5, 0.25, 0.125])
    optimizer = keras.optimizers.SGD(schedule)
    runs = training.fit_seeds(mlp, X, Y, seeds=(0, 1), optimizer=optimizer, **OPTIONS)
    # At steps 0, 5, 10 and 15.
    assert runs.curves("learning_rate")[1].tolist() == [0.5, 0.5, 0.25, 0.125]
    assert len(runs.by_rate(0.5).models) == 2
    alone = mlp(1)
    plain_loop(alone, keras.optimizers.SGD(schedule), seed=1)
    assert_same_weights(runs.models[1], alone)


@pytest.mark.parametrize("rate", [0.05, np.float32(0.05), [0.05], np.array([0.05]), (0.05,)])
def test_one_learning_rate_may_be_a_number_or_a_sequence(rate):
    options = {"optimizer": "sgd", "learning_rate": rate, "epochs": 1}
    runs = training.fit_seeds(mlp, X, Y, seeds=(5,), **options)
    assert runs.table.learning_rate.tolist() == pytest.approx([0.05])
    alone = mlp(5)
    plain_loop(alone, keras.optimizers.SGD(0.05), batch_size=32, seed=5, epochs=1)
    assert_same_weights(runs.models[0], alone)


@pytest.mark.parametrize("examples", [1, 999, 1_000, 1_001, 1_300])
def test_validation_data_of_any_size_is_scored_as_a_whole(examples):
    held_out = (VALIDATION[0][:examples], VALIDATION[1][:examples])
    runs = training.fit_seeds(mlp, X, Y, validation_data=held_out, seeds=(0, 1), epochs=1)
    expected = [scores(model, *held_out) for model in runs.models]
    np.testing.assert_allclose(runs.table[["val_loss", "val_accuracy"]], expected, atol=1e-5)


def test_whole_number_pixels_and_lists_do_as_well():
    pixels = (10 * np.abs(X)).astype(np.uint8)
    options = {"optimizer": "sgd", "epochs": 1, "seeds": (0,)}
    one = training.fit_seeds(mlp, pixels, list(map(int, Y)), **options)
    other = training.fit_seeds(mlp, pixels.astype("float32"), Y.astype(np.uint8), **options)
    assert_same_weights(one.models[0], other.models[0], 0)


def test_optimizer_of_the_caller_is_left_alone():
    optimizer = keras.optimizers.Adam(0.01)
    options = {"seeds": (0, 1), "optimizer": optimizer, "epochs": 1}
    one, other = (training.fit_seeds(mlp, X, Y, **options) for _ in range(2))
    assert not optimizer.built
    assert_same_weights(one.models[1], other.models[1], 0)


def test_trained_copies_are_plain_keras_models_that_fit_can_train_on():
    model = training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=1).models[1]
    model.compile("sgd", CROSS_ENTROPY)
    assert len(model.fit(X, Y, epochs=1, verbose=0).history["loss"]) == 1


# What it prints


def test_bar_leaves_nothing_but_a_line_with_the_ranges(capsys):
    options = {"seeds": (0, 1, 2), "validation_data": VALIDATION, "epochs": 2, "optimizer": "sgd"}
    runs = training.fit_seeds(mlp, X, Y, **options)
    printed = capsys.readouterr()
    assert "step/s" in printed.out
    assert printed.err == ""
    parts = []
    for metric in training.METRICS:
        values = runs.final(metric)
        parts.append(f"{metric} {values.min():.3f} to {values.max():.3f}")
    assert shown(printed.out) == f"3 x {runs.models[0].name}, epoch 2: {', '.join(parts)}"


def test_diverging_copy_is_named_and_leaves_the_others_finite(capsys):
    options = {"seeds": (3, 4), "learning_rate": (0.1, 1e30), "optimizer": "sgd", **OPTIONS}
    runs = training.fit_seeds(relu_mlp, X, Y, **options)
    said, result = shown(capsys.readouterr().out).split("\n")
    assert said == (
        "Diverged (loss no longer a finite number): 2 of 4 copies: seed 3 at 1e+30, seed 4 at 1e+30."
    )
    assert "nan" not in result
    assert np.isfinite(runs.final("loss")).tolist() == [True, False, True, False]
    for seed, model in zip((3, 4), runs.by_rate(0.1).models, strict=True):
        alone = relu_mlp(seed)
        plain_loop(alone, keras.optimizers.SGD(0.1), seed=seed)
        assert_same_weights(model, alone)


def test_diverging_copy_without_a_learning_rate_is_named_by_its_seed(capsys):
    def build(seed):
        model = relu_mlp(seed)
        scale = 1e30 if seed == 1 else 1
        model.set_weights([weights * scale for weights in model.get_weights()])
        return model

    training.fit_seeds(build, X, Y, seeds=(0, 1), epochs=1)
    assert "): 1 of 2 copies: seed 1.\n" in shown(capsys.readouterr().out)


def test_final_reports_nan_rather_than_the_last_number_before_it():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([9], [0.1, 1e30])
    options = {"seeds": (0, 1), "optimizer": keras.optimizers.SGD(schedule), **OPTIONS}
    runs = training.fit_seeds(relu_mlp, X, Y, **options)
    assert np.isfinite(runs.curves("loss")[:, 0]).all()
    assert np.isnan(runs.final("loss")).all()


def test_a_huge_loss_is_shown_with_one_digit(capsys):
    options = {"seeds": (3, 4), "optimizer": keras.optimizers.SGD(1e-30), **OPTIONS}
    runs = training.fit_seeds(relu_mlp, 1e6 * X, Y, **options)
    low, high = sorted(runs.final("loss"))
    assert 1000 < low < high < np.inf
    assert f"loss {low:.0e} to {high:.0e}, accuracy" in shown(capsys.readouterr().out)


# What it refuses


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((X, Y[:-1]), r"x and y must have the same length, at least 1, and have \[70, 69\]"),
        ((X[:0], Y[:0]), r"and have \[0, 0\]"),
        ((None, Y), r"and have \['none', 70\]"),
        ((X, None), r"and have \[70, 'none'\]"),
        (
            (X, Y.astype(float)),
            r"y has shape \(70,\) and type float64: give one whole-number class",
        ),
        ((X, np.eye(3, dtype=int)[Y]), r"y has shape \(70, 3\) and type int64"),
        ((X, Y[:, None]), r"y has shape \(70, 1\)"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(arrays, message):
    with pytest.raises(ValueError, match=f"training data: .*{message}"):
        training.fit_seeds(mlp, *arrays)
    with pytest.raises(ValueError, match=f"validation data: .*{message}"):
        training.fit_seeds(mlp, X, Y, validation_data=arrays)


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        (Y + 1, {}, "y holds classes 1 to 3, and the model's 3 outputs start at class 0"),
        (Y - 1, {}, "y holds classes -1 to 1, and the model's 3 outputs start at class 0"),
        (np.eye(3)[Y], {}, "and a loss such as loss=keras.losses.mean_squared_error"),
        (
            np.eye(2)[Y % 2],
            {"loss": keras.losses.mean_squared_error},
            r"y holds floats of shape \(70, 2\) and the model has 3 outputs",
        ),
    ],
)
def test_targets_that_do_not_fit_to_the_model_are_refused(targets, options, message):
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, X, targets, **options)
    if not options:
        with pytest.raises(ValueError, match=message):
            training.fit_seeds(mlp, X, Y, validation_data=(X, targets))


@pytest.mark.parametrize("x", [X[:, :3], X.reshape(70, 2, 2)])
def test_examples_of_another_shape_are_refused(x):
    message = r"x has shape \(70, .*\), and the model takes examples of shape \(4,\)"
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, x, Y)
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, X, Y, validation_data=(x, Y))


def test_validation_data_that_is_no_pair_is_refused():
    with pytest.raises(ValueError, match="validation_data must be a pair"):
        training.fit_seeds(mlp, X, Y, validation_data=X)


@pytest.mark.parametrize("parameter", ["epochs", "batch_size"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "3", None, True])
def test_epochs_and_batch_size_are_whole_numbers_from_one_on(parameter, value):
    message = rf"{parameter} is {value!r}: give a whole number from 1 on"
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, X, Y, **{parameter: value})


def test_unknown_optimizer_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        training.fit_seeds(mlp, X, Y, optimizer="adm")
    with pytest.raises(ValueError, match="Momentum is an argument"):
        training.fit_seeds(mlp, X, Y, optimizer="momentum")
    with pytest.raises(ValueError, match="optimizer is None: give a Keras optimizer or its name"):
        training.fit_seeds(mlp, X, Y, optimizer=None)


@pytest.mark.parametrize(
    "seeds", [(), 3, "abc", (1, 1), (-1, 0), (0.5, 1), (None,), ([1],), np.arange(3.0), None]
)
def test_bad_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match="of different whole numbers from 0 on"):
        training.fit_seeds(mlp, X, Y, seeds=seeds)


@pytest.mark.parametrize(
    "rate", [0, -0.1, np.nan, (), (0.1, 0), (0.1, None), "0.1", True, np.inf, [[0.1]], np.array([])]
)
def test_bad_learning_rates_are_refused(rate):
    with pytest.raises(ValueError, match="give a positive number or a sequence of them"):
        training.fit_seeds(mlp, X, Y, learning_rate=rate)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (mlp(0), "build_model is a Sequential: give a function of a seed"),
        ("mlp", "build_model is a str: give a function of a seed"),
        (lambda seed: mlp(seed, hidden_units=(seed + 1,)), "networks of different sizes"),
        (lambda seed, model=mlp(0): model, "returns the same model again"),  # noqa: B008
    ],
)
def test_what_does_not_build_fresh_models_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(build, X, Y, seeds=(0, 1))


# The stop button and the live bar


@keras.saving.register_keras_serializable()
class PressedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that presses the stop button when it is looked up between two epochs, at step `at`."""

    def __init__(self, at):
        self.at = at

    def __call__(self, step):
        if tf.executing_eagerly() and int(step) == self.at:
            signal.raise_signal(signal.SIGINT)
        return tf.constant(0.1)

    def get_config(self):
        return {"at": self.at}


@pytest.mark.parametrize("whole_epochs", [0, 2])
def test_stop_button_ends_the_cell_with_a_sentence(whole_epochs, capsys):
    optimizer = keras.optimizers.SGD(PressedSchedule(5 * whole_epochs))
    with pytest.raises(training.Stopped, match=f"after {whole_epochs} of 4 epochs"):
        training.fit_seeds(mlp, X, Y, seeds=(0, 1), optimizer=optimizer, **OPTIONS)
    assert shown(capsys.readouterr().out) == ""


def test_a_stopped_cell_shows_one_sentence_and_does_not_go_on(capsys):
    shell = IPython.core.interactiveshell.InteractiveShell()
    shell.user_ns["training"] = training
    shell.run_cell("raise training.Stopped('Stopped by you.')\nprint('went on')")
    printed = capsys.readouterr()
    assert (printed.out + printed.err).strip() == "Stopped by you."


class PressStop(keras.callbacks.Callback):
    """Press the stop button after so many steps."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if self.steps == 0:
            signal.raise_signal(signal.SIGINT)


def fit_with(*callbacks, initial_epoch=0, **options):
    model = mlp()
    model.compile("sgd", CROSS_ENTROPY, **options)
    fit = {"batch_size": 16, "epochs": 4, "initial_epoch": initial_epoch, "verbose": 0}
    model.fit(X, Y, callbacks=[training.LiveBar(), *callbacks], **fit)


@pytest.mark.parametrize("options", [{}, {"steps_per_execution": 2}])
def test_live_bar_counts_all_steps_and_leaves_a_clean_cell(options, capsys):
    before = signal.getsignal(signal.SIGINT)
    fit_with(**options)
    printed = capsys.readouterr()
    assert "20/20" in printed.out
    assert "loss=" in printed.out
    assert shown(printed.out) == printed.err == ""
    assert signal.getsignal(signal.SIGINT) is before


def test_stop_button_during_keras_own_fit(capsys):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(training.Stopped, match="Stopped by you after 1 of 4 epochs"):
        fit_with(PressStop(steps=7))
    with pytest.raises(training.Stopped, match="Stopped by you after 3 of 4 epochs"):
        fit_with(PressStop(steps=7), initial_epoch=2)
    assert shown(capsys.readouterr().out) == ""
    assert signal.getsignal(signal.SIGINT) is before


def test_live_bar_goes_with_terminate_on_nan(capsys):
    model = relu_mlp(0)
    model.compile(keras.optimizers.SGD(1e30), CROSS_ENTROPY)
    callbacks = [training.LiveBar(), keras.callbacks.TerminateOnNaN()]
    history = model.fit(X, Y, batch_size=16, epochs=4, verbose=0, callbacks=callbacks)
    assert len(history.epoch) < 4
    assert "Invalid loss, terminating training" in shown(capsys.readouterr().out)


def test_a_training_leaves_no_variables_behind():
    """Keras' `apply` would make TensorFlow keep the weights of every network ever trained."""

    def resources():
        gc.collect()
        found = [item for item in gc.get_objects() if isinstance(item, tf.Tensor)]
        return sum(item.dtype == tf.resource for item in found)

    def train():
        training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=1, learning_rate=(0.1, 0.2))

    train()
    before = resources()
    train()
    assert resources() == before
