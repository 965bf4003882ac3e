from helpers import models, training

import gc
import itertools
import math
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

REAL_XLA_WORKS = training.xla_works
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(70, 4)).astype(
    "float32"
)  # in batches of 16 five steps an epoch, and the last batch holds 6
Y = np.argmax(X @ RANDOM.normal(size=(4, 3)), axis=1)
X_VALIDATION = RANDOM.normal(size=(1_300, 4)).astype("float32")
Y_VALIDATION = RANDOM.integers(0, 3, 1_300)
VALIDATION = (X_VALIDATION, Y_VALIDATION)
IMAGES = RANDOM.normal(size=(20, 6, 6)).astype("float32")
LABELS = np.arange(20) % 3
OPTIONS = {"batch_size": 16, "epochs": 4}
OPTIMIZERS = {
    "SGD": lambda rate=0.1: keras.optimizers.SGD(rate),
    "momentum": lambda rate=0.05: keras.optimizers.SGD(rate, momentum=0.9),
    "Nesterov": lambda rate=0.05: keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
    "RMSprop": lambda rate=0.01: keras.optimizers.RMSprop(rate),
    "Adam": lambda rate=0.01: keras.optimizers.Adam(rate),
    "AdamW": lambda rate=0.01: keras.optimizers.AdamW(rate, weight_decay=0.5),
}


@pytest.fixture(autouse=True, scope="module")
def quick_collection():
    """Every training collects garbage; this leaves out the modules that stay in any case."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def plain_graphs(monkeypatch):
    """Networks as small as these train faster than XLA compiles them; a test that needs XLA asks for `xla`."""
    monkeypatch.setattr(training, "xla_works", lambda: False)


@pytest.fixture
def xla(plain_graphs, monkeypatch):
    monkeypatch.setattr(training, "xla_works", REAL_XLA_WORKS)


def mlp(seed=0, hidden_units=(5,), activation="tanh", **options):
    return models.build_mlp(
        hidden_units, activation, input_shape=(4,), outputs=3, seed=seed, **options
    )


def cnn(seed=0, filters=(2,), input_shape=(6, 6), **options):
    return models.build_cnn(filters, input_shape=input_shape, outputs=3, seed=seed, **options)


def sequential(*layers, input_shape=(4,)):
    """A function of a seed, as fit_seeds wants it, that makes a network of `layers`, functions without parameters."""

    def build(seed):
        keras.utils.set_random_seed(seed)
        made = [layer() for layer in layers]
        return keras.Sequential([keras.Input(input_shape), *made, keras.layers.Dense(3)])

    return build


def convolutional(pool_size=2, **options):
    """A function of a seed that makes a network with a convolution; `options` are Keras'."""
    layers = [lambda: keras.layers.Reshape((6, 6, 1)), lambda: keras.layers.Conv2D(2, 3, **options)]
    layers += [lambda: keras.layers.MaxPooling2D(pool_size)] if pool_size else []
    return sequential(*layers, keras.layers.Flatten, input_shape=(6, 6))


padded_cnn = convolutional(
    padding="same"
)  # fit_seeds trains such networks one copy after the other


def dense(**options):
    return lambda: keras.layers.Dense(5, **{"activation": "tanh", **options})


def plain_loop(model, optimizer, x=X, y=Y, epochs=4, batch_size=16, seed=0):
    """Train as a textbook would, with nothing of `training` but the order; returns each epoch's loss and accuracy."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], run_eagerly=True)
    recorded = []
    for order in itertools.islice(training._orders(len(x), seed), epochs):
        sums = np.zeros(2)
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            sums += len(batch) * np.array(model.train_on_batch(x[batch], y[batch]), dtype=float)
        recorded.append(sums / len(x))
    return np.array(recorded)


def scores(model, x, y):
    """Mean loss and accuracy, in NumPy."""
    logits = np.asarray(model(x), dtype=np.float64)
    likelihood = logits[np.arange(len(y)), y] - np.log(np.exp(logits).sum(axis=1))
    return -likelihood.mean(), (logits.argmax(axis=1) == y).mean()


def assert_same_weights(one, other, tolerance=1e-5):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance, rtol=0)


def differ(one, other):
    return any(
        not np.allclose(a, b, atol=1e-4)
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True)
    )


def shown(text):
    """What a terminal shows of `text`: after a carriage return the line is written over from its start."""
    lines = []
    for line in text.split("\n"):
        cells = []
        for part in line.split("\r"):
            cells[: len(part)] = part
        lines.append("".join(cells).rstrip())
    return "\n".join(lines).strip()


def first_two_orders(seed):
    return list(itertools.islice(training._orders(70, seed), 2))


def interrupt_on_call(number, monkeypatch, owner, name):
    """Press the stop button when `owner.name` is called for the `number`-th time."""
    original, calls = getattr(owner, name), []

    def interrupted(*arguments, **keywords):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return original(*arguments, **keywords)

    monkeypatch.setattr(owner, name, interrupted)


# fit


@pytest.mark.parametrize("name", ["SGD", "Nesterov", "Adam"])
def test_fit_trains_as_a_plain_loop_does(name):
    model, plain = mlp(), mlp()
    history = training.fit(model, X, Y, optimizer=OPTIMIZERS[name](), seed=7, **OPTIONS)
    recorded = plain_loop(plain, OPTIMIZERS[name](), seed=7)
    assert_same_weights(model, plain)
    np.testing.assert_allclose(history.history["loss"], recorded[:, 0], atol=1e-5)
    np.testing.assert_allclose(history.history["accuracy"], recorded[:, 1], atol=1e-5)


def test_fit_under_xla_trains_as_a_plain_loop_does(xla):
    model, plain = mlp(), mlp()
    training.fit(model, X, Y, optimizer="adam", **OPTIONS)
    plain_loop(plain, keras.optimizers.Adam())
    assert_same_weights(model, plain)
    assert model.jit_compile == REAL_XLA_WORKS()


def test_fit_trains_a_convolutional_network_without_xla(xla):
    model, plain = cnn(), cnn()
    training.fit(model, IMAGES, LABELS, optimizer=OPTIMIZERS["momentum"](), batch_size=8, epochs=2)
    plain_loop(plain, OPTIMIZERS["momentum"](), IMAGES, LABELS, batch_size=8, epochs=2)
    assert_same_weights(model, plain)
    assert not model.jit_compile


def test_fit_goes_on_without_xla():
    model = mlp()
    training.fit(model, X, Y, optimizer="sgd", epochs=1)
    assert model.jit_compile is False


def test_xla_works_says_yes_or_no():
    assert REAL_XLA_WORKS() in (True, False)


def test_xla_is_given_up_where_tensorflow_has_none(monkeypatch):
    def refuse(function, jit_compile):
        raise training.tf.errors.InvalidArgumentError(None, None, "no XLA in this build")

    monkeypatch.setattr(training.tf, "function", refuse)
    assert REAL_XLA_WORKS.__wrapped__() is False


def test_history_records_every_epoch():
    history = training.fit(
        mlp(), X, Y, validation_data=VALIDATION, optimizer=keras.optimizers.SGD(0.25), **OPTIONS
    )
    assert isinstance(history, training.History)
    assert set(history.history) == {
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
        "learning_rate",
        "seconds",
    }
    assert all(len(column) == 4 for column in history.history.values())
    assert history.epoch == [0, 1, 2, 3]
    assert history.history["learning_rate"] == [0.25] * 4
    assert all(seconds > 0 for seconds in history.history["seconds"])
    assert history.diverged is False


def test_validation_scores_are_those_of_the_model_after_the_epoch():
    model = mlp()
    history = training.fit(model, X, Y, validation_data=VALIDATION, optimizer="sgd", epochs=2)
    loss, accuracy = scores(model, *VALIDATION)
    assert history.history["val_loss"][-1] == pytest.approx(loss, abs=1e-5)
    assert history.history["val_accuracy"][-1] == pytest.approx(accuracy, abs=1e-6)


def test_history_without_validation_data_has_no_best_epoch():
    history = training.fit(mlp(), X, Y, optimizer="sgd", epochs=1)
    assert set(history.history) == {"loss", "accuracy", "learning_rate", "seconds"}
    assert history.best_val_accuracy is None
    assert history.best_epoch is None


def test_best_epoch_is_the_first_with_the_best_validation_accuracy():
    history = training.History()
    history.history = {"val_accuracy": [0.5, 0.875, 0.25, 0.875, 0.5]}
    assert history.best_val_accuracy == 0.875
    assert history.best_epoch == 2


def test_history_follows_a_schedule_of_the_learning_rate():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([6, 12], [0.5, 0.25, 0.125])
    history = training.fit(mlp(), X, Y, optimizer=keras.optimizers.SGD(schedule), **OPTIONS)
    assert history.history["learning_rate"] == [0.5, 0.25, 0.125, 0.125]


@pytest.mark.parametrize(("batch_size", "steps"), [(16, 5), (500, 1), (69, 2)])
def test_every_example_is_used_once_an_epoch(batch_size, steps):
    model = mlp()
    training.fit(model, X, Y, optimizer="sgd", batch_size=batch_size, epochs=2)
    assert int(model.optimizer.iterations) == 2 * steps


def test_last_ragged_batch_is_used():
    """Two batches of 69 and of 1: without the second the first alone would be the epoch."""
    model, plain = mlp(), mlp()
    training.fit(model, X, Y, optimizer=OPTIMIZERS["SGD"](), batch_size=69, epochs=1)
    order = next(training._orders(70, 0))
    plain_loop(plain, OPTIMIZERS["SGD"](), batch_size=69, epochs=1)
    assert_same_weights(model, plain)
    short = mlp()
    short.compile(
        OPTIMIZERS["SGD"](),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    short.train_on_batch(X[order[:69]], Y[order[:69]])
    assert differ(model, short)


def test_more_steps_than_are_executed_at_once():
    model, plain = mlp(), mlp()
    training.fit(model, X, Y, optimizer=OPTIMIZERS["SGD"](0.01), batch_size=1, epochs=1)
    assert training.STEPS_PER_EXECUTION < 70
    plain_loop(plain, OPTIMIZERS["SGD"](0.01), batch_size=1, epochs=1)
    assert_same_weights(model, plain)


def test_order_of_the_examples_comes_from_the_seed_and_is_new_in_each_epoch():
    first, second = orders = first_two_orders(3)
    assert sorted(first) == sorted(second) == list(range(70))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(orders, first_two_orders(3))
    assert not np.array_equal(orders, first_two_orders(4))
    trained = [mlp() for _ in range(3)]
    for model, seed in zip(trained, (3, 3, 4), strict=True):
        training.fit(model, X, Y, optimizer="sgd", epochs=1, seed=seed)
    assert_same_weights(trained[0], trained[1], 0)
    assert differ(trained[0], trained[2])


def test_fit_works_with_whole_number_pixels_and_lists():
    pixels = (10 * np.abs(X)).astype(np.uint8)
    from_integers, from_floats = mlp(), mlp()
    training.fit(from_integers, pixels, list(map(int, Y)), optimizer="sgd", epochs=1)
    training.fit(
        from_floats, pixels.astype("float32"), Y.astype(np.uint8), optimizer="sgd", epochs=1
    )
    assert_same_weights(from_integers, from_floats, 0)


def test_divergence_ends_the_training_with_a_sentence(capsys):
    model = mlp(activation="relu")
    history = training.fit(model, X, Y, optimizer=OPTIMIZERS["SGD"](1e30), **OPTIONS)
    assert history.diverged
    assert len(history.epoch) < 4
    assert len(history.history["loss"]) == len(history.epoch)
    assert not math.isfinite(history.history["loss"][-1])
    said = shown(capsys.readouterr().out)
    assert said.startswith(
        f"Diverged in epoch {len(history.epoch)} of 4: the loss is no longer a finite number."
    )
    assert "\n" not in said
    assert model(X).shape == (70, 3)


def test_divergence_keeps_the_epochs_before_it():
    exploding = keras.optimizers.schedules.PiecewiseConstantDecay([9], [0.1, 1e30])
    history = training.fit(
        mlp(activation="relu"), X, Y, optimizer=keras.optimizers.SGD(exploding), **OPTIONS
    )
    finite = np.isfinite(history.history["loss"])
    assert len(finite) < 4
    assert finite[:2].all()
    assert not finite[-1]


def test_divergence_raises_when_asked(capsys):
    with pytest.raises(
        training.DivergenceError, match="Diverged in epoch 1 of 2: the loss is no longer a finite"
    ):
        training.fit(
            mlp(activation="relu"), 1e30 * X, Y, optimizer="sgd", epochs=2, raise_on_divergence=True
        )
    assert shown(capsys.readouterr().out) == ""


@pytest.mark.parametrize("whole_epochs", [0, 2])
def test_stop_button_leaves_model_and_history_usable(whole_epochs, monkeypatch, capsys):
    model = mlp()
    interrupt_on_call(2 * whole_epochs + 2, monkeypatch, training, "_run_epoch")  # whole, rest
    history = training.fit(model, X, Y, validation_data=VALIDATION, optimizer="sgd", **OPTIONS)
    sentence = (
        f"Stopped by you after {whole_epochs} whole epochs; model and history so far can be used."
    )
    assert shown(capsys.readouterr().out) == sentence
    assert len(history.history.get("val_accuracy", [])) == len(history.epoch) == whole_epochs
    assert (history.best_epoch is None) == (whole_epochs == 0)
    assert not history.diverged
    assert np.isfinite(scores(model, *VALIDATION)).all()
    again = training.fit(model, X, Y, optimizer=None, epochs=1)
    assert int(model.optimizer.iterations) == 5 * whole_epochs + 4 + 3
    assert again.epoch == [0]


def test_stop_button_before_the_first_epoch(monkeypatch, capsys):
    interrupt_on_call(1, monkeypatch, training, "_fit_alone")
    history = training.fit(mlp(), X, Y, optimizer="sgd", epochs=1)
    assert history.epoch == []
    assert "Stopped by you after 0 whole epochs" in capsys.readouterr().out


def test_without_an_optimizer_training_goes_on_where_it_stood():
    model, plain = mlp(), mlp()
    training.fit(model, X, Y, optimizer=OPTIMIZERS["momentum"](), batch_size=16, epochs=2)
    training.fit(model, X, Y, optimizer=None, batch_size=16, epochs=2, seed=1)
    optimizer = OPTIMIZERS["momentum"]()
    plain_loop(plain, optimizer, epochs=2)
    plain_loop(plain, optimizer, epochs=2, seed=1)
    assert int(model.optimizer.iterations) == 20
    assert_same_weights(model, plain)


def test_with_an_optimizer_training_starts_with_a_fresh_one():
    model, plain = mlp(), mlp()
    for _ in range(2):
        training.fit(model, X, Y, optimizer=OPTIMIZERS["momentum"](), batch_size=16, epochs=2)
        plain_loop(plain, OPTIMIZERS["momentum"](), epochs=2)
    assert int(model.optimizer.iterations) == 10
    assert_same_weights(model, plain)


def test_without_an_optimizer_a_model_never_compiled_is_refused():
    with pytest.raises(ValueError, match="the model has no optimizer to go on with: name one"):
        training.fit(mlp(), X, Y, optimizer=None)


def test_optimizer_of_the_caller_is_left_alone():
    optimizer = OPTIMIZERS["momentum"]()
    trained = [mlp(), mlp()]
    for model in trained:
        training.fit(model, X, Y, optimizer=optimizer, **OPTIONS)
        assert model.optimizer is not optimizer
    assert not optimizer.built
    assert int(optimizer.iterations) == 0
    assert_same_weights(*trained, 0)


BAD_DATA = [
    (
        (X, Y[:-1]),
        r"training data: x and y must have the same length, at least 1, and have \[70, 69\]",
    ),
    (
        (X[:0], Y[:0]),
        r"training data: x and y must have the same length, at least 1, and have \[0, 0\]",
    ),
    ((None, Y), r"training data: .* and have \['none', 70\]"),
    ((X, None), r"training data: .* and have \[70, 'none'\]"),
    (
        (X, Y.astype(float)),
        "training data: y must hold one whole-number class an example, not one-hot rows or floats",
    ),
    (
        (X, np.eye(3)[Y]),
        "training data: y must hold one whole-number class an example, not one-hot rows or floats",
    ),
    ((X, np.eye(3, dtype=int)[Y]), "training data: y must hold one whole-number class"),
    ((X, Y[:, None]), "training data: y must hold one whole-number class"),
    ((X, Y + 1), "y holds classes 1 to 3, and the model's 3 outputs start at class 0"),
    ((X, Y - 1), "y holds classes -1 to 1, and the model's 3 outputs start at class 0"),
]


@pytest.mark.parametrize(("arrays", "message"), BAD_DATA)
def test_arrays_that_do_not_fit_together_are_refused(arrays, message):
    with pytest.raises(ValueError, match=message):
        training.fit(mlp(), *arrays)
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, *arrays)


@pytest.mark.parametrize(
    ("validation_data", "message"),
    [
        (
            (X, Y[:-1]),
            r"validation data: x and y must have the same length, at least 1, and have \[70, 69\]",
        ),
        ((None, None), r"validation data: .* and have \['none', 'none'\]"),
        ((X, np.eye(3)[Y]), "validation data: y must hold one whole-number class"),
        ((X, Y + 1), "y holds classes 1 to 3"),
    ],
)
def test_validation_arrays_that_do_not_fit_together_are_refused(validation_data, message):
    with pytest.raises(ValueError, match=message):
        training.fit(mlp(), X, Y, validation_data=validation_data)
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, X, Y, validation_data=validation_data)


@pytest.mark.parametrize("parameter", ["epochs", "batch_size"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "3", None])
def test_epochs_and_batch_size_are_whole_numbers_from_one_on(parameter, value):
    message = rf"{parameter} is {value!r}: give a whole number from 1 on"
    with pytest.raises(ValueError, match=message):
        training.fit(mlp(), X, Y, **{parameter: value})
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, X, Y, **{parameter: value})


def test_unknown_optimizer_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        training.fit(mlp(), X, Y, optimizer="adm")
    with pytest.raises(ValueError, match="Momentum is an argument"):
        training.fit_seeds(mlp, X, Y, optimizer="momentum")


def test_bar_leaves_nothing_but_a_line_with_the_result(capsys):
    model = mlp()
    history = training.fit(
        model, X, Y, validation_data=VALIDATION, optimizer="sgd", epochs=2
    ).history
    printed = capsys.readouterr()
    assert "step/s" in printed.out
    assert "step/s" not in printed.err
    last = ", ".join(f"{metric} {history[metric][-1]:.3f}" for metric in training.METRICS)
    assert shown(printed.out) == f"{model.name}, epoch 2: {last}"


def test_bar_of_all_copies_leaves_nothing_but_a_line_with_the_ranges(capsys):
    options = {"seeds": (0, 1, 2), "validation_data": VALIDATION, "epochs": 2}
    history = training.fit_seeds(mlp, X, Y, optimizer=OPTIMIZERS["SGD"](), **options)
    printed = capsys.readouterr()
    assert "step/s" in printed.out
    assert "step/s" not in printed.err
    finals = {metric: history.final(metric) for metric in training.METRICS}
    last = ", ".join(
        f"{metric} {values.min():.3f} to {values.max():.3f}" for metric, values in finals.items()
    )
    assert shown(printed.out) == f"3 x {history.models[0].name}, epoch 2: {last}"


# fit_seeds


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_each_copy_learns_as_a_plain_model_does(optimizer, xla):
    """20 steps from the same initial weights, on the same batches, each epoch's last one ragged."""
    history = training.fit_seeds(mlp, X, Y, seeds=(3, 8), optimizer=optimizer(), **OPTIONS)
    for number, seed in enumerate((3, 8)):
        plain = mlp(seed)
        recorded = plain_loop(plain, optimizer(), seed=seed)
        assert_same_weights(history.models[number], plain)
        rows = history.table[history.table["copy"] == number]
        np.testing.assert_allclose(rows[["loss", "accuracy"]], recorded, atol=1e-5)
        assert differ(plain, mlp(seed))


def test_copies_are_trained_all_at_once(monkeypatch):
    monkeypatch.setattr(
        training, "fit", lambda *arguments, **options: pytest.fail("a copy was trained alone")
    )
    training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=1)


def test_plain_graphs_give_what_xla_gives(monkeypatch):
    plain = training.fit_seeds(mlp, X, Y, validation_data=VALIDATION, seeds=(0, 1), epochs=2)
    monkeypatch.setattr(training, "xla_works", REAL_XLA_WORKS)
    compiled = training.fit_seeds(mlp, X, Y, validation_data=VALIDATION, seeds=(0, 1), epochs=2)
    for one, other in zip(plain.models, compiled.models, strict=True):
        assert_same_weights(one, other)
    metrics = list(training.METRICS)
    np.testing.assert_allclose(plain.table[metrics], compiled.table[metrics], atol=1e-5)


def test_another_seed_in_one_place_leaves_the_other_copies_alone():
    one = training.fit_seeds(mlp, X, Y, seeds=(0, 1, 2), **OPTIONS)
    other = training.fit_seeds(mlp, X, Y, seeds=(0, 9, 2), **OPTIONS)
    for number in (0, 2):
        assert_same_weights(one.models[number], other.models[number], 1e-7)
    assert differ(one.models[1], other.models[1])


@pytest.mark.parametrize("factor", [10.0, 1e30, np.nan])
def test_other_initial_weights_in_one_copy_leave_the_others_alone(factor):
    def spoil_copy_1(seed):
        model = mlp(seed, activation="relu")
        model.set_weights(
            [weights * (factor if seed == 1 else 1) for weights in model.get_weights()]
        )
        return model

    one = training.fit_seeds(
        lambda seed: mlp(seed, activation="relu"), X, Y, seeds=(0, 1, 2), **OPTIONS
    )
    other = training.fit_seeds(spoil_copy_1, X, Y, seeds=(0, 1, 2), **OPTIONS)
    for number in (0, 2):
        assert_same_weights(one.models[number], other.models[number], 1e-7)
    assert differ(one.models[1], other.models[1])


@pytest.mark.parametrize("name", ["Nesterov", "RMSprop", "Adam", "AdamW"])
def test_each_learning_rate_gives_what_a_single_training_gives(name):
    optimizer, rates = OPTIMIZERS[name], (0.001, 0.1)
    history = training.fit_seeds(
        mlp, X, Y, seeds=(5,), optimizer=optimizer(0.5), learning_rate=rates, **OPTIONS
    )
    assert history.table.learning_rate.unique().tolist() == list(rates)
    for model, rate in zip(history.models, rates, strict=True):
        alone = mlp(5)
        plain_loop(alone, optimizer(rate), seed=5)
        assert_same_weights(model, alone)


@pytest.mark.parametrize("count", [1, 2])
def test_each_learning_rate_of_a_convolutional_network_gives_what_a_single_training_gives(count):
    """With one seed and three rates there are as many copies as a kernel has rows: they must not be mixed up."""
    rates, seeds = (0.01, 0.03, 0.1), range(count)
    options = {"optimizer": OPTIMIZERS["momentum"](), "batch_size": 8, "epochs": 2}
    history = training.fit_seeds(cnn, IMAGES, LABELS, seeds=seeds, learning_rate=rates, **options)
    for network, (seed, rate) in zip(history.models, itertools.product(seeds, rates), strict=True):
        alone = cnn(seed)
        plain_loop(
            alone, OPTIMIZERS["momentum"](rate), IMAGES, LABELS, batch_size=8, epochs=2, seed=seed
        )
        assert_same_weights(network, alone)


@pytest.mark.parametrize("rate", [0.05, np.float32(0.05), [0.05], np.array([0.05]), (0.05,)])
def test_one_learning_rate_may_be_a_number_or_a_sequence(rate):
    history = training.fit_seeds(
        mlp, X, Y, seeds=(5,), optimizer="sgd", learning_rate=rate, epochs=1
    )
    assert history.table.learning_rate.tolist() == pytest.approx([0.05])
    alone = mlp(5)
    plain_loop(alone, keras.optimizers.SGD(0.05), batch_size=32, seed=5, epochs=1)
    assert_same_weights(history.models[0], alone)


def test_table_is_tidy_and_copies_are_seeds_times_rates():
    built = []

    def build(seed):
        built.append(seed)
        return mlp(seed)

    options = {"seeds": (4, 2), "learning_rate": (0.1, 0.01, 0.2), "optimizer": "sgd", "epochs": 2}
    history = training.fit_seeds(build, X, Y, validation_data=VALIDATION, **options)
    table = history.table
    assert list(table.columns) == [
        "copy",
        "seed",
        "learning_rate",
        "epoch",
        *training.METRICS,
        "seconds",
    ]
    assert len(table) == 12
    copies = table.drop_duplicates("copy").sort_values("copy")
    assert copies["copy"].tolist() == list(range(6))
    assert copies.seed.tolist() == [4, 4, 4, 2, 2, 2] == built
    assert copies.learning_rate.tolist() == [0.1, 0.01, 0.2] * 2
    assert table.groupby("copy").epoch.apply(list).tolist() == [[1, 2]] * 6
    assert table.notna().all(axis=None)
    assert (table.seconds > 0).all()
    assert len(history.models) == 6
    for number, model in enumerate(history.models):
        loss, accuracy = scores(model, *VALIDATION)
        assert history.final("val_loss")[number] == pytest.approx(loss, abs=1e-5)
        assert history.final("val_accuracy")[number] == pytest.approx(accuracy, abs=1e-6)
    assert history.final("seed").tolist() == [4, 4, 4, 2, 2, 2]


def test_table_without_validation_data_has_its_columns_nonetheless():
    table = training.fit_seeds(mlp, X, Y, seeds=(0,), epochs=1).table
    assert list(table.columns) == [
        "copy",
        "seed",
        "learning_rate",
        "epoch",
        *training.METRICS,
        "seconds",
    ]
    assert table[["val_loss", "val_accuracy"]].isna().all(axis=None)
    assert table.learning_rate.tolist() == pytest.approx([0.001])


def test_table_follows_a_schedule_of_the_learning_rate():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([6, 12], [0.5, 0.25, 0.125])
    history = training.fit_seeds(
        mlp, X, Y, seeds=(0, 1), optimizer=keras.optimizers.SGD(schedule), **OPTIONS
    )
    assert history.table[history.table["copy"] == 1].learning_rate.tolist() == [
        0.5,
        0.25,
        0.125,
        0.125,
    ]
    alone = mlp(1)
    plain_loop(alone, keras.optimizers.SGD(schedule), seed=1)
    assert_same_weights(history.models[1], alone)


@pytest.mark.parametrize("examples", [1, 999, 1_000, 1_001, 1_300])
def test_validation_data_of_any_size_is_scored_as_a_whole(examples):
    validation_data = (X_VALIDATION[:examples], Y_VALIDATION[:examples])
    history = training.fit_seeds(mlp, X, Y, validation_data=validation_data, seeds=(0, 1), epochs=1)
    expected = [scores(model, *validation_data) for model in history.models]
    np.testing.assert_allclose(history.table[["val_loss", "val_accuracy"]], expected, atol=1e-5)


def test_diverging_copy_is_named_and_leaves_the_others_finite(capsys):
    options = {"seeds": (3, 4), "learning_rate": (0.1, 1e30), "optimizer": "sgd"}
    history = training.fit_seeds(
        lambda seed: mlp(seed, activation="relu"), X, Y, **options, **OPTIONS
    )
    said, result = shown(capsys.readouterr().out).split("\n")
    assert (
        said
        == "Diverged (loss no longer a finite number): 2 of 4 copies: seed 3 at 1e+30, seed 4 at 1e+30."
    )
    assert "nan" not in result
    assert np.isfinite(history.final("loss")).tolist() == [True, False, True, False]
    for number, seed in ((0, 3), (2, 4)):
        alone = mlp(seed, activation="relu")
        plain_loop(alone, OPTIMIZERS["SGD"](0.1), seed=seed)
        assert_same_weights(history.models[number], alone)


def test_a_huge_loss_is_shown_with_one_digit(capsys):
    options = {"seeds": (3, 4), "optimizer": keras.optimizers.SGD(1e-30), **OPTIONS}
    history = training.fit_seeds(lambda seed: mlp(seed, activation="relu"), 1e6 * X, Y, **options)
    low, high = sorted(history.final("loss"))
    assert 1000 < low < high < np.inf
    assert f"loss {low:.0e} to {high:.0e}, accuracy" in shown(capsys.readouterr().out)


def test_diverging_copy_without_a_learning_rate_is_named_by_its_seed(capsys):
    def build(seed):
        model = mlp(seed, activation="relu")
        model.set_weights([weights * (1e30 if seed == 1 else 1) for weights in model.get_weights()])
        return model

    training.fit_seeds(build, X, Y, seeds=(0, 1), epochs=1)
    assert "): 1 of 2 copies: seed 1.\n" in shown(capsys.readouterr().out)


def test_final_reports_nan_rather_than_the_last_number_before_it():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([9], [0.1, 1e30])
    options = {"seeds": (0, 1), "optimizer": keras.optimizers.SGD(schedule)}
    history = training.fit_seeds(
        lambda seed: mlp(seed, activation="relu"), X, Y, **options, **OPTIONS
    )
    assert np.isfinite(history.table[history.table.epoch == 1].loss).all()
    assert np.isnan(history.final("loss")).all()


def test_unknown_metric_lists_the_columns():
    history = training.fit_seeds(mlp, X, Y, seeds=(0,), epochs=1)
    with pytest.raises(
        ValueError, match=r"unknown metric 'accuracies': choose one of copy, seed, .*val_accuracy"
    ):
        history.final("accuracies")


NETWORKS = {
    "no hidden layer": lambda seed: mlp(seed, hidden_units=()),
    "several hidden layers": lambda seed: mlp(seed, hidden_units=(5, 4, 3)),
    "no activation": lambda seed: mlp(seed, activation=None),
    "relu layer": lambda seed: mlp(seed, activation=keras.layers.ReLU()),
    "leaky relu layer": lambda seed: mlp(
        seed, hidden_units=(5, 5), activation=keras.layers.LeakyReLU(0.2)
    ),
    "elu layer": lambda seed: mlp(seed, activation=keras.layers.ELU()),
    "activation layer": sequential(
        dense(activation=None), lambda: keras.layers.Activation("sigmoid")
    ),
    "callable": lambda seed: mlp(seed, activation=lambda z: z * keras.ops.sigmoid(2 * z)),
    "softmax inside": lambda seed: mlp(seed, activation="softmax"),
    "random bias": lambda seed: mlp(seed, bias_initializer=keras.initializers.RandomNormal()),
    "no bias": sequential(dense(use_bias=False), dense()),
    "images": lambda seed: models.build_mlp((5,), input_shape=(2, 2), outputs=3, seed=seed),
    "convolution": lambda seed: cnn(seed),
    "convolution, tanh": lambda seed: cnn(seed, activation="tanh"),
    "convolution, sigmoid": lambda seed: cnn(seed, activation="sigmoid"),
    "convolution, leaky relu layer": lambda seed: cnn(seed, activation=keras.layers.LeakyReLU(0.2)),
    "convolution, a row and a column left over": lambda seed: cnn(seed, input_shape=(7, 9)),
    "two convolutions": lambda seed: cnn(seed, filters=(2, 3), input_shape=(10, 10)),
    "convolution without bias": convolutional(use_bias=False),
    "kernel and windows that are not square": sequential(
        lambda: keras.layers.Conv2D(3, (2, 3)),
        lambda: keras.layers.Activation("tanh"),
        lambda: keras.layers.MaxPooling2D((3, 2)),
        keras.layers.Flatten,
        input_shape=(6, 7, 2),
    ),
}
OTHER_NETWORKS = {
    "batch normalization": sequential(dense(), keras.layers.BatchNormalization),
    "activation that learns": lambda seed: mlp(seed, activation=keras.layers.PReLU()),
    "dropout": sequential(dense(), lambda: keras.layers.Dropout(0.5)),
    "regularizer": sequential(dense(kernel_regularizer=keras.regularizers.L2(0.1))),
    "activity regularizer": sequential(dense(activity_regularizer="l2")),
    "constraint": sequential(dense(kernel_constraint="non_neg")),
    "frozen layer": sequential(dense(trainable=False)),
    "dense layers on rows": sequential(
        lambda: keras.layers.Reshape((2, 2)), dense(), keras.layers.Flatten
    ),
    "convolution, padded": padded_cnn,
    "convolution with strides": convolutional(strides=2, pool_size=1),
    "convolution with dilation": convolutional(dilation_rate=2),
    "convolution without pooling": convolutional(pool_size=None),
    "convolution, activation that falls and rises": convolutional(activation="silu"),
    "convolution, layer that falls and rises": lambda seed: cnn(
        seed, activation=keras.layers.Activation("silu")
    ),
    "frozen convolution": convolutional(trainable=False),
    "regularized convolution": convolutional(kernel_regularizer="l2"),
    "overlapping windows": sequential(
        lambda: keras.layers.Conv2D(2, 3),
        lambda: keras.layers.MaxPooling2D(2, strides=1),
        keras.layers.Flatten,
        input_shape=(6, 6, 1),
    ),
    "pooling alone": sequential(
        lambda: keras.layers.MaxPooling2D(2), keras.layers.Flatten, input_shape=(6, 6, 1)
    ),
    "not built": lambda seed: keras.Sequential([keras.layers.Dense(3)]),
}


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_stacked_networks_learn_as_alone(build, monkeypatch):
    x = np.random.default_rng(1).normal(size=(len(Y), *build(0).input_shape[1:])).astype("float32")
    plain = [build(seed) for seed in (1, 2)]
    for seed, model in zip((1, 2), plain, strict=True):
        plain_loop(model, OPTIMIZERS["momentum"](), x=x, seed=seed, epochs=2)
    monkeypatch.setattr(
        training, "fit", lambda *arguments, **options: pytest.fail("a copy was trained alone")
    )
    options = {
        "seeds": (1, 2),
        "optimizer": OPTIMIZERS["momentum"](),
        "batch_size": 16,
        "epochs": 2,
    }
    history = training.fit_seeds(build, x, Y, **options)
    for one, other in zip(history.models, plain, strict=True):
        assert_same_weights(one, other)


@pytest.mark.parametrize(
    "build", [*NETWORKS.values(), *OTHER_NETWORKS.values()], ids=[*NETWORKS, *OTHER_NETWORKS]
)
def test_only_networks_that_a_stack_trains_alike_are_stacked(build):
    assert training._can_stack(build(0)) == (build in NETWORKS.values())


def test_network_that_is_no_sequential_is_not_stacked():
    inputs = keras.Input((4,))
    assert not training._can_stack(keras.Model(inputs, keras.layers.Dense(3)(inputs)))


@pytest.mark.parametrize(
    "settings",
    [{"clipnorm": 0.1}, {"global_clipnorm": 0.1}, {"use_ema": True}, {"loss_scale_factor": 4.0}],
)
def test_optimizers_that_look_beyond_one_number_are_not_stacked(settings):
    assert training._is_elementwise(keras.optimizers.SGD(0.1))
    assert not training._is_elementwise(keras.optimizers.SGD(0.1, **settings))
    assert not training._is_elementwise(keras.optimizers.Lion())


@pytest.mark.parametrize(
    ("build", "optimizer"),
    [
        (OTHER_NETWORKS["batch normalization"], keras.optimizers.SGD(0.1)),
        (mlp, keras.optimizers.SGD(0.1, clipnorm=0.05)),
    ],
    ids=["unsupported layer", "clipnorm"],
)
def test_what_cannot_be_stacked_is_trained_one_by_one(build, optimizer, monkeypatch):
    monkeypatch.setattr(
        training, "_Stack", lambda *arguments: pytest.fail("the networks were stacked")
    )
    history = training.fit_seeds(
        build, X, Y, seeds=(1, 2), optimizer=optimizer, batch_size=16, epochs=2
    )
    for seed, model in zip((1, 2), history.models, strict=True):
        plain = build(seed)
        plain_loop(plain, type(optimizer).from_config(optimizer.get_config()), seed=seed, epochs=2)
        assert_same_weights(model, plain)


def test_networks_trained_one_by_one_give_the_same_table():
    validation_data = (IMAGES[:7], LABELS[:7])
    options = {
        "seeds": (1, 2),
        "learning_rate": (0.1, 0.01),
        "optimizer": OPTIMIZERS["momentum"](),
        "epochs": 2,
    }
    history = training.fit_seeds(
        padded_cnn, IMAGES, LABELS, validation_data=validation_data, batch_size=8, **options
    )
    table = history.table
    assert list(table.columns) == [
        "copy",
        "seed",
        "learning_rate",
        "epoch",
        *training.METRICS,
        "seconds",
    ]
    assert table["copy"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert table.seed.tolist() == [1] * 4 + [2] * 4
    assert table.learning_rate.tolist() == [0.1, 0.1, 0.01, 0.01] * 2
    assert table.epoch.tolist() == [1, 2] * 4
    assert table.notna().all(axis=None)
    alone = padded_cnn(2)
    recorded = plain_loop(
        alone, OPTIMIZERS["momentum"](0.01), IMAGES, LABELS, batch_size=8, epochs=2, seed=2
    )
    assert_same_weights(history.models[3], alone)
    np.testing.assert_allclose(table[table["copy"] == 3][["loss", "accuracy"]], recorded, atol=1e-5)
    for number, model in enumerate(history.models):
        assert history.final("val_loss")[number] == pytest.approx(
            scores(model, *validation_data)[0], abs=1e-5
        )


def test_diverging_copy_trained_alone_is_named_too(capsys):
    options = {
        "seeds": (1,),
        "learning_rate": (1e30, 0.01),
        "optimizer": "sgd",
        "epochs": 3,
        "batch_size": 8,
    }
    history = training.fit_seeds(padded_cnn, IMAGES, LABELS, **options)
    said = shown(capsys.readouterr().out)
    assert "1 of 2 copies: seed 1 at 1e+30." in said
    assert said.split("\n")[-1].startswith(f"1 x {history.models[0].name}, epoch 3: loss")
    assert np.isfinite(history.final("loss")).tolist() == [False, True]
    assert history.table[history.table["copy"] == 1].epoch.tolist() == [1, 2, 3]


@pytest.mark.parametrize("whole_epochs", [0, 2])
def test_stop_button_leaves_all_copies_usable(whole_epochs, monkeypatch, capsys):
    interrupt_on_call(whole_epochs + 1, monkeypatch, training, "_run_epoch")
    history = training.fit_seeds(mlp, X, Y, seeds=(0, 1), **OPTIONS)
    sentence = (
        f"Stopped by you after {whole_epochs} whole epochs; model and history so far can be used."
    )
    assert shown(capsys.readouterr().out) == sentence
    assert list(history.table.columns) == [
        "copy",
        "seed",
        "learning_rate",
        "epoch",
        *training.METRICS,
        "seconds",
    ]
    assert len(history.table) == 2 * whole_epochs
    assert np.isfinite(history.final("loss").astype(float)).tolist() == [whole_epochs > 0] * 2
    for seed, model in enumerate(history.models):
        plain = mlp(seed)
        plain_loop(plain, keras.optimizers.Adam(), seed=seed, epochs=whole_epochs or 1)
        assert_same_weights(model, plain if whole_epochs else mlp(seed))


def test_stop_button_within_an_epoch_keeps_what_was_learnt(monkeypatch):
    class Bar(types.SimpleNamespace):
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

        def update(self, steps):
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "_bar", lambda steps: Bar())
    history = training.fit_seeds(mlp, X, Y, seeds=(0, 1), **OPTIONS)
    assert history.table.empty
    assert differ(history.models[1], mlp(1))


@pytest.mark.parametrize(("call", "stopped", "finished"), [(1, 0, 0), (4, 1, 1)])
def test_stop_button_ends_the_copies_trained_one_by_one(
    call, stopped, finished, monkeypatch, capsys
):
    interrupt_on_call(call, monkeypatch, training, "_run_epoch")
    history = training.fit_seeds(
        padded_cnn, IMAGES, LABELS, seeds=(0, 1, 2), optimizer="sgd", epochs=2
    )
    said = shown(capsys.readouterr().out)
    assert f"Stopped by you after {stopped} whole epochs" in said
    assert f"\n{finished} of 3 copies were trained to the end." in said
    assert "\n3 x " not in said
    assert len(history.models) == len(history.final("loss")) == 3
    assert np.isnan(history.final("loss").astype(float)).tolist()[-1]
    assert not differ(history.models[2], padded_cnn(2))


@pytest.mark.parametrize(
    "seeds", [(), 3, "abc", (1, 1), (-1, 0), (0.5, 1), (None,), ([1],), np.arange(3.0), None]
)
def test_bad_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match="give different whole numbers from 0 on"):
        training.fit_seeds(mlp, X, Y, seeds=seeds)


@pytest.mark.parametrize(
    "rate", [0, -0.1, np.nan, (), (0.1, 0), (0.1, None), "0.1", True, [[0.1]], np.array([])]
)
def test_bad_learning_rates_are_refused(rate):
    with pytest.raises(ValueError, match="give a positive number or a sequence of them"):
        training.fit_seeds(mlp, X, Y, learning_rate=rate)


def test_fit_seeds_wants_an_optimizer():
    with pytest.raises(ValueError, match="fit_seeds trains fresh models: name an optimizer"):
        training.fit_seeds(mlp, X, Y, optimizer=None)


def test_optimizer_given_to_fit_seeds_is_left_alone():
    optimizer = OPTIMIZERS["Adam"]()
    one, other = (
        training.fit_seeds(mlp, X, Y, seeds=(0, 1), optimizer=optimizer, epochs=1) for _ in range(2)
    )
    assert not optimizer.built
    assert_same_weights(one.models[1], other.models[1], 0)


def test_trained_copies_are_plain_keras_models_that_fit_can_train_on():
    history = training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=1)
    assert all(isinstance(model, keras.Sequential) for model in history.models)
    assert training.fit(history.models[1], X, Y, optimizer="sgd", epochs=1).epoch == [0]


def test_a_training_leaves_no_variables_behind():
    """TensorFlow would keep the weights of every network ever trained; see `_forgetting`."""

    def resources():
        gc.collect()
        found = [item for item in gc.get_objects() if isinstance(item, tf.Tensor)]
        return sum(item.dtype == tf.resource for item in found)

    training.fit(mlp(), X, Y, epochs=1)
    training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=1)
    before = resources()
    training.fit(mlp(), X, Y, epochs=1)
    training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=1)
    training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=1, learning_rate=(0.1, 0.2))
    assert resources() == before
