"""What the study records of each kind of experiment, on tiny stand-ins, held against plain loops."""

from helpers import data, diagnostics, stack, training

import dataclasses
import types

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from networks import CROSS_ENTROPY, plain_loop, scores

from study import clock, images, kinds, looks, networks, small
from study.experiments import BLOCKS, DEAD, EXPERIMENTS, REGRESSION, SPARSE, VALLEY, B

RANDOM = np.random.default_rng(0)
TINY = data.Dataset(
    "tiny",
    data.DIGIT_NAMES,
    RANDOM.normal(size=(120, 28, 28)).astype("float32"),
    RANDOM.integers(0, 10, 120).astype("int32"),
    None,
    None,
    RANDOM.normal(size=(30, 28, 28)).astype("float32"),
    RANDOM.integers(0, 10, 30).astype("int32"),
)
X, Y = TINY.x_train, TINY.y_train
# Batches of 2: a pass has 60 steps, as in the study.
STEPS = {**B, "images": 120, "hidden": [3], "batch": 2, "steps": 120}
WHOLE = {**STEPS, "batch": 120, "steps": 70}
ALL_NOISE = {"gradient_noise": 1, "gradient_outliers": 0.1, "random_labels": 0.4}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(images, "dataset", lambda settings: TINY)
    # Networks as small as these train faster than XLA compiles them.
    monkeypatch.setattr(stack, "xla_works", lambda: False)


def run(function, settings, seeds, rates=None):
    """The table of a kind; its progress has to end at 1."""
    parts = []
    table = function(settings, list(seeds), rates, parts.append)
    assert sum(parts) == pytest.approx(1)
    return table


def test_every_kind_is_there():
    for block in BLOCKS.values():
        for experiment in block:
            assert experiment.kind in kinds.KINDS
            assert kinds.price(experiment) > 0


def test_the_seconds_of_a_run_stand_in_its_last_row():
    table = kinds.run(EXPERIMENTS["C-valley-gd-0.1"], [30_000, 30_001], [0.1])
    assert table.seed.tolist() == [30_000, 30_001]
    assert table.processor_seconds.notna().all()


# Steps


@pytest.mark.parametrize("optimizer", [{"name": "sgd", "momentum": 0.9}, {"name": "adam"}])
def test_steps_learn_as_fit_seeds(optimizer):
    settings, seeds, rates = {**STEPS, "optimizer": optimizer}, [3, 8], [0.001, 0.01]
    table = run(small.steps, settings, seeds, rates)
    trained = []

    def look(epoch, copies):
        for number, model in enumerate(copies):
            trained.append(
                (epoch, number, *scores(model, X, Y), *scores(model, TINY.x_test, TINY.y_test))
            )

    training.fit_seeds(
        lambda seed: networks.build(settings, seed),
        X,
        Y,
        seeds=seeds,
        optimizer=networks.optimizer(settings),
        learning_rate=rates,
        epochs=2,
        batch_size=2,
        after_epoch=look,
    )
    assert table.epoch.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert table.seed.tolist() == [3, 3, 8, 8] * 3
    assert table.learning_rate.tolist() == rates * 6
    columns = ["training_loss", "training_accuracy", "test_loss", "test_accuracy"]
    np.testing.assert_allclose(table[columns], [row[2:] for row in trained], atol=1e-5)


def watched_loop(settings, seed, rate):
    """Losses on all images before and after each step, and norms of its batch gradient, in plain Keras."""
    model = networks.build(settings, seed)
    optimizer = keras.optimizers.SGD(rate)
    generator, losses, norms = np.random.default_rng(seed), [scores(model, X, Y)[0]], []
    while len(norms) < settings["steps"]:
        order = generator.permutation(len(X))
        for batch in np.split(order, len(X) // settings["batch"]):
            with tf.GradientTape() as tape:
                loss = CROSS_ENTROPY(Y[batch], model(X[batch]))
            gradients = tape.gradient(loss, [one.value for one in model.trainable_variables])
            optimizer.apply(gradients, model.trainable_variables)
            norms.append(np.sqrt(sum(np.sum(gradient.numpy() ** 2) for gradient in gradients)))
            losses.append(scores(model, X, Y)[0])
    return np.array(losses), np.array(norms)


def columns_of(table, name):
    return table[[f"{name}_{step}" for step in range(1, 61)]].to_numpy()


def test_each_step_is_recorded_as_a_plain_loop_sees_it():
    settings = {**STEPS, "also": ["full loss", "gradient norm"]}
    table = run(small.steps, settings, [3, 5], [0.1])
    losses, norms = watched_loop(settings, 5, 0.1)
    table = table[table.seed == 5]
    assert table.full_loss_60.iloc[0] == pytest.approx(losses[0])
    assert table.iloc[0].drop("full_loss_60").filter(like="full_loss").isna().all()
    recorded = columns_of(table[table.epoch > 0], "full_loss")
    np.testing.assert_allclose(recorded.ravel(), losses[1:], rtol=1e-5)
    recorded = columns_of(table[table.epoch > 0], "gradient_norm")
    np.testing.assert_allclose(recorded.ravel(), norms, rtol=1e-4)


def test_with_all_images_in_a_batch_an_epoch_is_a_step():
    settings = {**WHOLE, "also": ["full loss"]}
    table = run(small.steps, settings, [5], [0.3]).set_index("epoch")
    losses, _ = watched_loop(settings, 5, 0.3)
    assert table.index.tolist() == [0, 10, 60, 70]
    np.testing.assert_allclose(table.training_loss, losses[table.index], rtol=1e-5)
    np.testing.assert_allclose(columns_of(table.loc[[60]], "full_loss")[0], losses[1:61], rtol=1e-5)
    assert np.isnan(columns_of(table.loc[[10, 70]], "full_loss")).all()
    assert run(small.steps, {**WHOLE, "steps": 10}, [5], [0.3]).epoch.tolist() == [0, 10]


@pytest.mark.parametrize("settings", [STEPS, {**STEPS, **ALL_NOISE}, {**WHOLE, **ALL_NOISE}])
def test_a_seed_gives_the_same_alone_and_beside_others(settings):
    alone = run(small.steps, settings, [5], [0.01])
    beside = run(small.steps, settings, [4, 5, 9], [0.001, 0.01])
    beside = beside[(beside.seed == 5) & (beside.learning_rate == 0.01)]
    pd.testing.assert_frame_equal(beside.reset_index(drop=True), alone, rtol=1e-4)


@pytest.mark.parametrize("noise", ALL_NOISE)
def test_each_kind_of_noise_changes_the_run(noise):
    clean, noisy = (
        run(small.steps, settings, [5], [0.01]).training_loss.iloc[-1]
        for settings in (STEPS, {**STEPS, noise: ALL_NOISE[noise]})
    )
    assert abs(clean - noisy) > 1e-3


def test_noise_has_the_size_of_each_gradient_and_outliers_turn_it():
    copies = pd.DataFrame({"seed": [3, 4], "learning_rate": [0.5, 0.1]})
    rates, y = copies.learning_rate.to_numpy()[:, None, None], np.stack([Y, Y])
    noise = RANDOM.normal(size=(2, 784 * 3 + 3 + 3 * 10 + 10)).astype("float32")
    factors = np.array([1, -100], "float32")
    moves, norms = {}, {}
    for name, given in {
        "clean": (None, None),
        "noisy": (noise, None),
        "out": (None, factors),
    }.items():
        network = small.Steps(WHOLE, copies, X, y)
        before = [one.numpy() for one in network.stack.variables]
        norms[name] = network.step(None, *given)
        after = [one.numpy() for one in network.stack.variables]
        moves[name] = [(a - b) / rates for a, b in zip(before, after, strict=True)]
    start = 0
    for clean, noisy, out in zip(*moves.values(), strict=True):
        part = noise[:, start : start + clean[0].size].reshape(clean.shape)
        start += clean[0].size
        for copy in range(2):
            rms = np.sqrt(np.mean(clean[copy] ** 2))
            np.testing.assert_allclose(noisy[copy] - clean[copy], rms * part[copy], atol=1e-5)
        np.testing.assert_allclose(out, factors[:, None, None] * clean, rtol=1e-2, atol=1e-5)
    expected = np.sqrt(sum(np.sum(move**2, axis=(1, 2)) for move in moves["clean"]))
    for one in norms.values():
        np.testing.assert_allclose(one, expected, rtol=1e-3)


def test_disturbances_have_the_stated_size_and_share():
    settings = {"gradient_noise": 3, "gradient_outliers": 0.2}
    disturbance = small.Disturbance(settings, [3, 4], 500)
    noise, factors = (
        np.array(part) for part in zip(*(disturbance.draw() for _ in range(200)), strict=True)
    )
    assert noise.shape == (200, 2, 500)
    assert noise.std() == pytest.approx(3, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.05)
    assert abs(np.corrcoef(noise[:, 0].ravel(), noise[:, 1].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.2
    assert set(factors.ravel()) == {1, -100}
    assert np.mean(factors == -100) == pytest.approx(0.2, abs=0.06)
    clean = {"gradient_noise": 0, "gradient_outliers": 0}
    assert small.Disturbance(clean, [3], 500).draw() == (None, None)


def test_random_labels_are_drawn_from_all_ten():
    y = np.full(1_920, -1)
    drawn = small.labels(y, 3, 0.4)
    assert (drawn >= 0).sum() == 768
    assert np.bincount(drawn[drawn >= 0]).min() > 40
    assert len(np.bincount(drawn[drawn >= 0])) == 10
    assert not np.array_equal(drawn, small.labels(y, 4, 0.4))
    assert (y == -1).all()
    assert (small.labels(y, 3, 0) == y).all()


# Valley


def descend(x, tilt, slopes, examples, rate, momentum):
    velocity = 0.0
    for example in examples:
        velocity = momentum * velocity - rate * (4 * x * (x * x - 1) + tilt + slopes[example])
        x += velocity
    return x


@pytest.mark.parametrize(("noisy", "momentum"), [(False, 0), (False, 0.9), (True, 0)])
def test_valley_against_a_plain_loop(noisy, momentum):
    settings = {**VALLEY, "starts": [-2, 2, 9], "steps": 60, "noisy": noisy, "momentum": momentum}
    found = run(small.valley, settings, [3, 4], [0.05]).set_index("seed").loc[3]
    generator = np.random.default_rng(3)
    tilt, slopes, examples = generator.uniform(0.1, 0.5), [0.0], np.zeros((60, 9), int)
    if noisy:
        slopes = generator.normal(0, 2, 32)
        slopes = slopes - slopes.mean()
        examples = np.array([generator.integers(0, 32, 9) for _ in range(60)])
    summit = min(np.roots([4, 0, -4, tilt]), key=abs)
    starts = np.linspace(-2, 2, 9)
    deep = [
        descend(x, tilt, slopes, examples[:, place], 0.05, momentum) < summit
        for place, x in enumerate(starts)
    ]
    right = starts > summit
    assert found.ends == np.mean(deep)
    assert found.leaves == np.mean(np.array(deep)[right])
    assert found.starts == right.sum()


def test_small_plain_steps_stay_in_their_valley():
    settings = {**VALLEY, "noisy": False, "momentum": 0}
    found = run(small.valley, settings, [3], [0.01]).iloc[0]
    assert found.leaves == 0
    assert found.ends == pytest.approx((401 - found.starts) / 401)
    assert 150 < found.starts < 200  # right of a summit that lies right of 0


def test_starts_that_diverge_end_in_neither_valley():
    settings = {**VALLEY, "starts": [-9, 9, 3], "noisy": False, "momentum": 0}
    found = run(small.valley, settings, [3], [0.1]).iloc[0]
    assert found[["leaves", "starts"]].tolist() == [0, 1]
    assert found.ends == pytest.approx(1 / 3)  # the start at 0


# Sparse and regression


def test_sparse_features_have_the_stated_probabilities():
    y = np.repeat(np.arange(10), 20_000)
    x = small.sparse_examples(SPARSE, 3, y)
    shares = np.array([x[y == one].mean(axis=0) for one in range(10)]).reshape(10, 10, 3)
    own = np.eye(10, dtype=bool)  # class, class that a feature belongs to
    np.testing.assert_allclose(shares[own], [[0.5, 0.05, 0.005]] * 10, rtol=0.4)
    np.testing.assert_allclose(shares[own].mean(axis=0), [0.5, 0.05, 0.005], rtol=0.1)
    np.testing.assert_allclose(shares[~own].mean(axis=0), [0.05, 0.005, 0.0005], rtol=0.1)
    np.testing.assert_allclose(shares[~own][:, 0], 0.05, rtol=0.2)
    assert set(np.unique(x)) == {0, 1}


def test_sparse_learns_as_a_plain_model():
    settings = {**SPARSE, "examples_of_a_class": 20, "epochs": 2, "optimizer": {"name": "adam"}}
    table = run(small.sparse, settings, [3, 5], [0.01, 0.1])
    assert table.epoch.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    before = table[table.epoch == 0]
    np.testing.assert_allclose(before[["training_loss", "test_loss"]], np.log(10), rtol=1e-6)
    y = np.repeat(np.arange(10), 20)
    x, model = small.sparse_examples(settings, 5, y), small.softmax_regression(30, 10)
    plain_loop(model, keras.optimizers.Adam(0.1), x, y, epochs=2, batch_size=32, seed=5)
    alone = np.zeros((10, 30), "float32")
    alone[np.arange(10), 3 * np.arange(10) + 2] = 1
    found = table[(table.seed == 5) & (table.learning_rate == 0.1)].iloc[-1]
    expected = [*scores(model, x, y), *scores(model, alone, np.arange(10))]
    columns = ["training_loss", "training_accuracy", "test_loss", "test_accuracy"]
    np.testing.assert_allclose(found[columns].astype(float), expected, atol=1e-5)


@pytest.mark.parametrize("output", ["none", "tanh"])
def test_regression_learns_as_a_plain_model(output):
    settings = {
        **REGRESSION,
        "examples": [70, 30],
        "epochs": 3,
        "output": output,
        "targets": "range",
    }
    table = run(small.regression, settings, [3, 5])
    x, y = small.friedman(settings, 5)
    model = small.regressor(settings, 5)
    optimizer = keras.optimizers.Adam()
    plain_loop(model, optimizer, x[:70], y[:70], 3, 32, seed=5, loss="mse")
    error = np.sqrt(np.mean((model(x[70:]).numpy() - y[70:]) ** 2))
    assert table.seed.tolist() == [3, 5]
    assert table.epoch.tolist() == [3, 3]
    assert table.test_error.iloc[1] == pytest.approx(error, rel=1e-4)
    largest = np.abs(model(100 * x).numpy()).max()
    assert largest <= 1 if output == "tanh" else largest > 1


def test_targets_are_scaled_by_those_to_train():
    for name in ("range", "standard"):
        x, y = small.friedman({**REGRESSION, "targets": name}, 3)
        assert x.shape == (2_500, 10)
        assert y.shape == (2_500, 1)
        known = y[:500]
        if name == "range":
            assert (known.min(), known.max()) == (pytest.approx(-1), pytest.approx(1))
        else:
            assert (known.mean(), known.std()) == (pytest.approx(0, abs=1e-6), pytest.approx(1))
        assert y[500:].max() > known.max() or y[500:].min() < known.min()


# Folds, untrained networks, dead units


def test_folds_are_scored_on_what_their_network_has_not_seen(monkeypatch):
    """A model is what it was trained on, and its accuracy the mean number of what it is tested on."""
    x = np.arange(120)
    part = types.SimpleNamespace(x_train=x, y_train=x)
    monkeypatch.setattr(images, "dataset", lambda settings: part)
    sizes = []

    def fit(build, x, y, *, seeds, subset, epochs, after_epoch, **options):
        for epoch in range(epochs + 1):
            after_epoch(epoch, [])
        trained_on = [x[subset(seed)] for seed in seeds]
        sizes.append(len(trained_on[0]))
        rows = {"copy": range(len(seeds)), "seed": seeds, "learning_rate": 0.001, "epoch": epochs}
        return training.Runs(pd.DataFrame(rows), trained_on)

    def accuracy(model, x, y):
        assert not set(model) & set(x)
        assert len(set(model)) == len(model)
        assert np.array_equal(x, y)
        return x.mean()

    monkeypatch.setattr(looks.training, "fit_seeds", fit)
    monkeypatch.setattr(looks.models, "accuracy", accuracy)
    settings = {**EXPERIMENTS["A-cv"].settings, "images_drawn": 50, "images": 100}
    table = run(looks.folds, settings, [3, 5])
    assert sizes == [40] * 5 + [50]
    assert table.epoch.tolist() == [10, 10]
    for seed, row in table.set_index("seed").iterrows():
        drawn = np.random.default_rng([seed, 4]).permutation(100)[:50]
        assert row.folds_accuracy == pytest.approx(drawn.mean())
        assert row.fold_1_accuracy == pytest.approx(drawn[:10].mean())
        assert row.truth_accuracy == pytest.approx(np.setdiff1d(np.arange(100), drawn).mean())


def test_gradients_of_untrained_dense_networks():
    settings = {**EXPERIMENTS["grad-torch-tanh"].settings, "images": 50, "hidden": [6, 5, 4]}
    table = run(looks.untrained, settings, [3, 5])
    assert table.epoch.tolist() == [0, 0]
    assert table.learning_rate.isna().all()
    model = networks.build(settings, 5)
    for layer, gradient in list(diagnostics.kernel_gradients(model, X[:50], Y[:50]).items())[:-1]:
        found = table[f"gradient_{layer[-1]}"].iloc[1]
        assert found == pytest.approx(np.sqrt(np.mean(gradient**2)), rel=1e-4)
        assert table[f"signal_{layer[-1]}"].iloc[1] > 0


def test_gradient_of_the_untrained_convolution(monkeypatch):
    monkeypatch.setattr(looks, "CHUNK", 8)
    settings = {**EXPERIMENTS["grad-A-tanh"].settings, "images": 20}
    table = run(looks.untrained, settings, [3, 5])
    model = networks.build(settings, 5)
    with tf.GradientTape() as tape:
        loss = CROSS_ENTROPY(Y[:20], model(X[:20]))
    gradient = tape.gradient(loss, model.trainable_variables[0].value).numpy()
    assert gradient.shape == (3, 3, 1, 32)
    assert table.gradient_norm.iloc[1] == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
    assert table.gradient_1.iloc[1] == pytest.approx(np.sqrt(np.mean(gradient**2)), rel=1e-4)


@pytest.mark.parametrize("slope", [0, 0.2])
def test_dead_units_against_plain_training(slope, monkeypatch):
    x, y = np.abs(X[:64]), Y[:64]  # of pixels that are all positive units die soon
    part = dataclasses.replace(TINY, x_train=x, y_train=y)
    monkeypatch.setattr(images, "dataset", lambda settings: part)
    settings = {**DEAD, "images": 64, "hidden": [12, 4], "slope": slope}
    settings["then"] = {"rate": 0.02, "epochs": 5}
    table = run(looks.dead_units, settings, [3, 5])
    assert table.epoch.tolist() == [3, 3, 8, 8]
    assert table.learning_rate.isna().all()
    plain = networks.build({**settings, "activation": "relu"}, 5)
    first = plain_loop(plain, keras.optimizers.SGD(0.5), x, y, 3, 32, seed=5)[-1]
    dead = (sums(plain, x) <= 0).all(axis=0)
    again = networks.build({**settings, "activation": slope or "relu"}, 5)
    again.set_weights(plain.get_weights())
    then = plain_loop(again, keras.optimizers.SGD(0.02), x, y, 5, 32, seed=5)[-1]
    rows = table[table.seed == 5]
    columns = ["training_loss", "training_accuracy"]
    np.testing.assert_allclose(rows[columns], [first, then], rtol=1e-3)
    last = rows.iloc[-1]
    assert last.test_loss == pytest.approx(scores(again, TINY.x_test, TINY.y_test)[0], rel=1e-3)
    assert last.first_dead == last.first_still == dead.sum() > 0
    back = (dead & (sums(again, x) > 0).any(axis=0)).sum()
    assert last.back == back
    assert slope or not back  # ReLU brings none back: nothing that they see changes
    assert rows.iloc[0][["first_dead", "first_still", "back"]].isna().all()


def sums(model, x):
    """The first layer's sums (images, units), in NumPy."""
    kernel, bias = model.get_weights()[:2]
    return x.reshape(len(x), -1) @ kernel + bias


def test_dead_units_are_counted():
    """Of 4 units: always off; off, and back later; on for one image; on."""
    settings = {**DEAD, "hidden": [4, 3]}
    before, after = (networks.build({**settings, "activation": "relu"}, 3) for _ in range(2))
    x, y = np.zeros((3, 28, 28), "float32"), np.arange(3)
    x[1, 0, 0] = 1
    for model, biases in ((before, [-1, -1, -0.5, 1]), (after, [-1, 0.5, -1, -1])):
        weights = model.get_weights()
        weights[0][:] = 0
        weights[0][0] = [0, 0, 1, 0]  # the pixel that is 1 in one image
        weights[1][:] = biases
        model.set_weights(weights)
    counts = looks.dead_and_back(before, after, x, y)
    assert counts == {"first_dead": 2, "first_still": 2, "back": 1}


# Seconds


def test_operations_are_timed_in_an_order_of_the_round():
    names = {
        *("relu", "sigmoid", "tanh", "next_layer_zeros", "next_layer_dense"),
        *("softmax_forward", "conv_forward", "step_sgd", "step_gd", "step_mom", "step_adam"),
    }
    table = run(clock.operations, {"repeats": 1}, [3, 4])
    assert set(table.columns) == {"seed", "learning_rate", "epoch", *names}
    assert (table[sorted(names)] > 0).all(axis=None)
    assert table.learning_rate.isna().all()


def test_calls_give_what_they_are_timed_for():
    calls = clock.values()
    zeros, dense = (calls[f"next_layer_{name}"]().numpy() for name in ("zeros", "dense"))
    assert zeros.shape == dense.shape == (32, 10)
    assert not np.allclose(zeros, dense)
    for name, slope in {"relu": 1, "sigmoid": 0.25, "tanh": 1}.items():
        outputs, gradient = calls[name]()
        assert outputs.shape == gradient.shape == (32, 26, 26, 32)
        assert 0 < np.abs(gradient).max() < 6 * slope
    steps = clock.steps()
    losses = [steps["step_mom"]().numpy() for _ in range(5)]
    assert losses[-1] < losses[0]


def test_wall_time_leaves_the_first_epoch_out(monkeypatch):
    settings = EXPERIMENTS["S3-time"].settings
    seconds = clock.epoch_seconds({**settings, "hidden": [3]}, "relu", "adam", 3, X, Y)
    assert len(seconds) == 3
    assert min(seconds) > 0
    calls = []

    def fake(settings, activation, optimizer, seed, x, y):
        calls.append((seed, activation, optimizer))
        return [9.0, 1.0, 2.0 + (activation == "relu")]

    monkeypatch.setattr(clock, "epoch_seconds", fake)
    table = run(clock.wall_time, settings, [3, 4])
    assert table.seconds_relu_sgd.tolist() == [2.0, 2.0]
    assert table.seconds_tanh_adam.tolist() == [1.5, 1.5]
    assert len(set(calls)) == 12
    assert [one[1:] for one in calls[:6]] != [one[1:] for one in calls[6:]]
