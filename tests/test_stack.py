"""Copies trained at once learn as each would alone: networks, optimizers, losses; refusals."""

from helpers import models, stack, training

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import (
    CROSS_ENTROPY,
    IMAGES,
    LABELS,
    OPTIONS,
    X,
    Y,
    assert_same_weights,
    cnn,
    convolutional,
    dense,
    differ,
    mlp,
    plain_loop,
    sequential,
)

REAL_XLA_WORKS = stack.xla_works


class SignDescent(keras.optimizers.SGD):
    """An optimizer of the learner's own."""

    def update_step(self, gradient, variable, learning_rate):
        rate = keras.ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, rate * keras.ops.sign(gradient))


class Powered(keras.optimizers.SGD):
    """One that cannot be copied: get_config says nothing of its power."""

    def __init__(self, learning_rate=0.1, power=1.0):
        super().__init__(learning_rate)
        self.power = power


class Applied(keras.optimizers.SGD):
    """One that does more than its update_step."""

    def apply(self, grads, trainable_variables=None):
        super().apply([2 * gradient for gradient in grads], trainable_variables)


class RMSprop2017(keras.optimizers.RMSprop):
    """Keras 2.0's formula: epsilon outside the root."""

    def update_step(self, gradient, variable, learning_rate):
        rate = keras.ops.cast(learning_rate, variable.dtype)
        velocity = self._velocities[self._get_variable_index(variable)]
        self.assign(velocity, self.rho * velocity + (1 - self.rho) * keras.ops.square(gradient))
        self.assign_sub(variable, rate * gradient / (keras.ops.sqrt(velocity) + 1e-8))


OPTIMIZERS = {
    "SGD": lambda rate=0.1: keras.optimizers.SGD(rate),
    "momentum": lambda rate=0.05: keras.optimizers.SGD(rate, momentum=0.9),
    "Nesterov": lambda rate=0.05: keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
    "clipped": lambda rate=0.1: keras.optimizers.SGD(rate, clipvalue=0.01),
    "RMSprop": lambda rate=0.01: keras.optimizers.RMSprop(rate),
    "Adam": lambda rate=0.01: keras.optimizers.Adam(rate),
    "AdamW": lambda rate=0.01: keras.optimizers.AdamW(rate, weight_decay=0.5),
    "Adagrad": lambda rate=0.05: keras.optimizers.Adagrad(rate),
    "Lion": lambda rate=0.01: keras.optimizers.Lion(rate),
    "a subclass": lambda rate=0.01: SignDescent(rate),
    "RMSprop of 2017": lambda rate=0.01: RMSprop2017(rate),
}


@tf.custom_gradient
def straight_through(values):
    """A step, with a gradient of its own: that of the identity."""
    return tf.cast(values > 0, values.dtype), lambda arriving: arriving


def log_relu(values):
    return keras.ops.log(1 + keras.ops.relu(values))


NETWORKS = {
    "no hidden layer": lambda seed: mlp(seed, hidden_units=()),
    "several hidden layers": lambda seed: mlp(seed, hidden_units=(5, 4, 3)),
    "no activation": lambda seed: mlp(seed, activation=None),
    "relu layer": lambda seed: mlp(seed, activation=keras.layers.ReLU()),
    "leaky relu layer": lambda seed: mlp(seed, (5, 5), keras.layers.LeakyReLU(0.2)),
    "activation that learns": lambda seed: mlp(seed, (5, 4), activation=keras.layers.PReLU()),
    "activation layer": sequential(
        dense(activation=None), lambda: keras.layers.Activation("sigmoid")
    ),
    "function": lambda seed: mlp(seed, activation=lambda z: z * keras.ops.sigmoid(2 * z)),
    "function with a gradient of its own": lambda seed: mlp(seed, activation=straight_through),
    "softmax inside": lambda seed: mlp(seed, activation="softmax"),
    "random bias": lambda seed: mlp(seed, bias_initializer=keras.initializers.RandomNormal()),
    "no bias": sequential(dense(use_bias=False), dense()),
    "images": lambda seed: models.build_mlp((5,), input_shape=(2, 2), outputs=3, seed=seed),
    "convolution": lambda seed: cnn(seed),
    "convolution, tanh": lambda seed: cnn(seed, activation="tanh"),
    "convolution, leaky relu layer": lambda seed: cnn(seed, activation=keras.layers.LeakyReLU(0.2)),
    "convolution, falls and rises": convolutional(activation="silu"),
    "convolution, layer of a falling ELU": lambda seed: cnn(
        seed, activation=keras.layers.ELU(-1.0)
    ),
    "convolution, layer that falls and rises": lambda seed: cnn(
        seed, activation=keras.layers.Activation("silu")
    ),
    "convolution, function": convolutional(activation=log_relu),
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
REFUSED_NETWORKS = {
    "is a BatchNormalization": sequential(dense(), keras.layers.BatchNormalization),
    "is a Dropout": sequential(dense(), lambda: keras.layers.Dropout(0.5)),
    "has kernel_regularizer=": sequential(dense(kernel_regularizer="l2")),
    "has activity_regularizer=": sequential(dense(activity_regularizer="l2")),
    "has kernel_constraint=": sequential(dense(kernel_constraint="non_neg")),
    "has compute_dtype='float16'": sequential(dense(dtype="mixed_float16")),
    "some of its weights are frozen": sequential(dense(trainable=False)),
    "activation of .* is a PReLU": sequential(dense(activation=keras.layers.PReLU())),
    "activation of .* is a Dropout": sequential(dense(activation=keras.layers.Dropout(0.5))),
    "put a Flatten before it": sequential(
        lambda: keras.layers.Reshape((2, 2)), dense(), keras.layers.Flatten
    ),
    "has padding='same'": convolutional(padding="same"),
    "has strides=": convolutional(strides=2, pool_size=1),
    "no MaxPooling2D follows": convolutional(pool_size=None),
    "has strides=.1, 1": sequential(
        lambda: keras.layers.Conv2D(2, 3),
        lambda: keras.layers.MaxPooling2D(2, strides=1),
        keras.layers.Flatten,
        input_shape=(6, 6, 1),
    ),
    "no Conv2D comes right before": sequential(
        lambda: keras.layers.MaxPooling2D(2), keras.layers.Flatten, input_shape=(6, 6, 1)
    ),
    "not a built keras.Sequential": lambda seed: keras.Sequential([keras.layers.Dense(3)]),
}
OTHER_OUTPUTS = {
    "over the batch": lambda seed: mlp(seed, activation=lambda z: keras.ops.softmax(z, axis=0)),
    "other layers": lambda seed: mlp(seed, activation="relu" if seed % 2 else "tanh"),
}


@pytest.fixture(autouse=True)
def plain_graphs(monkeypatch):
    """Networks as small as these train faster than XLA compiles them; a test may ask for `xla`."""
    monkeypatch.setattr(stack, "xla_works", lambda: False)


@pytest.fixture
def xla(plain_graphs, monkeypatch):
    monkeypatch.setattr(stack, "xla_works", REAL_XLA_WORKS)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_each_copy_learns_as_a_plain_model_does(optimizer, xla):
    """20 steps from the same weights, on the same batches, each epoch's last one ragged."""
    runs = training.fit_seeds(mlp, X, Y, seeds=(3, 8), optimizer=optimizer(), **OPTIONS)
    for seed, model in zip((3, 8), runs.models, strict=True):
        plain = mlp(seed)
        recorded = plain_loop(plain, optimizer(), seed=seed)
        assert_same_weights(model, plain)
        table = runs.by_seed(seed).table
        np.testing.assert_allclose(table[["loss", "accuracy"]], recorded, atol=1e-5)
        assert differ(plain, mlp(seed))


@pytest.mark.parametrize("name", ["Nesterov", "RMSprop", "Adam", "AdamW", "RMSprop of 2017"])
def test_each_learning_rate_gives_what_a_single_training_gives(name):
    optimizer, rates = OPTIMIZERS[name], (0.001, 0.1)
    options = {"optimizer": optimizer(0.5), "learning_rate": rates, **OPTIONS}
    runs = training.fit_seeds(mlp, X, Y, seeds=(5,), **options)
    for rate in rates:
        alone = mlp(5)
        plain_loop(alone, optimizer(rate), seed=5)
        assert_same_weights(runs.by_rate(rate).models[0], alone)


@pytest.mark.parametrize("count", [1, 2])
def test_each_learning_rate_of_a_convolutional_network(count):
    """With one seed and three rates there are as many copies as a kernel has rows."""
    rates = (0.01, 0.03, 0.1)
    options = {"optimizer": OPTIMIZERS["momentum"](), "batch_size": 8, "epochs": 2}
    runs = training.fit_seeds(
        cnn, IMAGES, LABELS, seeds=range(count), learning_rate=rates, **options
    )
    for seed in range(count):
        for rate in rates:
            alone = cnn(seed)
            optimizer = OPTIMIZERS["momentum"](rate)
            plain_loop(alone, optimizer, IMAGES, LABELS, batch_size=8, epochs=2, seed=seed)
            assert_same_weights(runs.by_seed(seed).by_rate(rate).models[0], alone)


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_networks_learn_as_alone(build):
    shape = build(0).input_shape[1:]
    x = np.random.default_rng(1).normal(size=(len(Y), *shape)).astype("float32")
    options = {"optimizer": OPTIMIZERS["momentum"](), "batch_size": 16, "epochs": 2}
    runs = training.fit_seeds(build, x, Y, seeds=(1, 2), **options)
    for seed, model in zip((1, 2), runs.models, strict=True):
        plain = build(seed)
        plain_loop(plain, OPTIMIZERS["momentum"](), x=x, seed=seed, epochs=2)
        assert_same_weights(model, plain)


def test_a_convolution_under_xla_learns_as_alone(xla):
    runs = training.fit_seeds(cnn, IMAGES, LABELS, seeds=(1, 2), batch_size=8, epochs=2)
    plain = cnn(2)
    optimizer = keras.optimizers.Adam()
    plain_loop(plain, optimizer, IMAGES, LABELS, seed=2, batch_size=8, epochs=2)
    assert_same_weights(runs.models[1], plain)


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
        scale = factor if seed == 1 else 1
        model.set_weights([weights * scale for weights in model.get_weights()])
        return model

    one = training.fit_seeds(
        lambda seed: mlp(seed, activation="relu"), X, Y, seeds=range(3), **OPTIONS
    )
    other = training.fit_seeds(spoil_copy_1, X, Y, seeds=range(3), **OPTIONS)
    for number in (0, 2):
        assert_same_weights(one.models[number], other.models[number], 1e-7)
    assert differ(one.models[1], other.models[1])


def test_a_loss_of_targets_trains_a_regression():
    targets = (X @ np.array([[1.0], [0.5], [-1.0], [2.0]])).astype("float32")

    def build(seed):
        return models.build_mlp((5,), "tanh", input_shape=(4,), outputs=1, seed=seed)

    options = {"loss": "mean_squared_error", "optimizer": "sgd", **OPTIONS}
    held_out = (X, targets)
    runs = training.fit_seeds(build, X, targets, validation_data=held_out, seeds=(0, 1), **options)
    plain = build(1)
    recorded = plain_loop(plain, keras.optimizers.SGD(), y=targets, seed=1, loss="mse")
    assert_same_weights(runs.models[1], plain)
    np.testing.assert_allclose(runs.curves("loss")[1], recorded[:, 0], atol=1e-5)
    errors = (plain(X).numpy() - targets) ** 2
    assert runs.final("val_loss")[1] == pytest.approx(errors.mean(), abs=1e-5)
    assert np.isnan(runs.final("accuracy")).all()


def test_a_loss_from_clipped_probabilities():
    """As Keras 2.0 computed cross-entropy: an image that is very wrong teaches nothing."""

    def clipped(y_true, y_pred):
        probabilities = keras.ops.clip(keras.ops.softmax(y_pred), 1e-7, 1 - 1e-7)
        return keras.losses.sparse_categorical_crossentropy(y_true, probabilities)

    def build(seed):
        return mlp(seed, hidden_units=())

    options = {"seeds": (2,), "optimizer": "sgd", "loss": clipped, **OPTIONS}
    runs = training.fit_seeds(build, 10 * X, Y, **options)
    plain, unclipped = build(2), build(2)
    plain_loop(plain, keras.optimizers.SGD(), x=10 * X, seed=2, loss=clipped)
    plain_loop(unclipped, keras.optimizers.SGD(), x=10 * X, seed=2)
    assert_same_weights(runs.models[0], plain)
    assert differ(plain, unclipped)


def test_a_model_that_ends_in_softmax_gets_a_second_one():
    """Keras' own loss would see to it, and notebook 07 shows what happens if nobody does."""

    def build(seed):
        model = mlp(seed)
        model.layers[-1].activation = keras.activations.softmax
        return model

    runs = training.fit_seeds(build, X, Y, seeds=(2,), optimizer="sgd", **OPTIONS)
    plain = build(2)
    twice = lambda y, p: tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(y, "int32"), p)  # noqa: E731
    plain_loop(plain, keras.optimizers.SGD(), seed=2, loss=twice)
    assert_same_weights(runs.models[0], plain)


def test_a_loss_that_gives_no_number_per_example_is_refused():
    def mean_of_the_batch(y_true, y_pred):
        return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y_true, y_pred))

    for loss in (mean_of_the_batch, CROSS_ENTROPY):
        with pytest.raises(ValueError, match=r"one number per example, of shape \(2, 16\)"):
            training.fit_seeds(mlp, X, Y, seeds=(0, 1), loss=loss, **OPTIONS)


def test_a_subset_trains_each_copy_on_its_own_examples():
    chosen = {3: np.arange(0, 40), 4: np.arange(30, 70)}
    runs = training.fit_seeds(
        mlp, X, Y, seeds=(3, 4), optimizer="sgd", subset=chosen.get, **OPTIONS
    )
    for seed in (3, 4):
        plain = mlp(seed)
        recorded = plain_loop(plain, keras.optimizers.SGD(), seed=seed, chosen=chosen[seed])
        assert_same_weights(runs.by_seed(seed).models[0], plain)
        np.testing.assert_allclose(runs.by_seed(seed).curves("loss")[0], recorded[:, 0], atol=1e-5)


def test_examples_outside_a_subset_do_not_matter():
    spoiled = X.copy()
    spoiled[0] = np.nan
    options = {"seeds": (3,), "subset": lambda seed: np.arange(1, 70), **OPTIONS}
    one, other = (training.fit_seeds(mlp, x, Y, **options) for x in (X, spoiled))
    assert_same_weights(one.models[0], other.models[0], 0)


def test_a_batch_may_be_larger_than_the_data():
    options = {"seeds": (3,), "optimizer": "sgd", "batch_size": 300_000, "epochs": 2}
    plain = mlp(3)
    plain_loop(plain, keras.optimizers.SGD(), batch_size=70, epochs=2, seed=3)
    assert_same_weights(training.fit_seeds(mlp, X, Y, **options).models[0], plain)


@pytest.mark.parametrize(
    ("subset", "message"),
    [
        (lambda seed: np.arange(seed + 1), r"arrays of shapes \[\(1,\), \(2,\)\]"),
        (lambda seed: [[0, 1]], r"give one shape \(n,\)"),
        (lambda seed: [0.5, 1.0], "must give the numbers of examples"),
        (lambda seed: [0, 70], "names examples 0 to 70: there are 0 to 69"),
        (lambda seed: [-1, 0], "names examples -1 to 0"),
    ],
)
def test_bad_subsets_are_refused(subset, message):
    with pytest.raises(ValueError, match=message):
        training.fit_seeds(mlp, X, Y, seeds=(0, 1), subset=subset)


@pytest.mark.parametrize(("message", "build"), REFUSED_NETWORKS.items(), ids=REFUSED_NETWORKS)
def test_networks_that_would_not_learn_as_alone_are_refused(message, build):
    with pytest.raises(ValueError, match=message) as refusal:
        training.fit_seeds(build, X, Y)
    assert str(refusal.value).startswith("fit_seeds cannot train this network: ")
    assert str(refusal.value).endswith("Keras' own compile and fit instead.")


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [
        (keras.optimizers.SGD(clipnorm=0.1), "SGD with clipnorm"),
        (keras.optimizers.SGD(global_clipnorm=0.1), "SGD with global_clipnorm"),
        (keras.optimizers.Adam(use_ema=True), "Adam with use_ema"),
        (keras.optimizers.SGD(loss_scale_factor=4.0), "SGD with loss_scale_factor"),
        (
            keras.optimizers.SGD(gradient_accumulation_steps=2),
            "SGD with gradient_accumulation_steps",
        ),
        (Powered(0.1, power=2.0), "Powered, whose get_config lacks 'power'"),
        (Applied(0.1), "Applied"),
        (keras.optimizers.Muon(), "Muon"),
        (keras.optimizers.Lamb(), "Lamb"),
        (keras.optimizers.Nadam(), "Nadam"),
    ],
)
def test_optimizers_that_look_beyond_one_weight_are_refused(optimizer, name):
    with pytest.raises(ValueError, match=f"fit_seeds cannot train with {name}: it needs an elem"):
        training.fit_seeds(mlp, X, Y, optimizer=optimizer)


def test_variables_without_weight_decay_are_refused():
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    with pytest.raises(ValueError, match="AdamW with exclude_from_weight_decay"):
        training.fit_seeds(mlp, X, Y, optimizer=optimizer)


@pytest.mark.parametrize("build", OTHER_OUTPUTS.values(), ids=OTHER_OUTPUTS)
def test_copies_that_give_other_outputs_together_than_alone_are_refused(build):
    with pytest.raises(ValueError, match="together, the copies give other outputs than alone"):
        training.fit_seeds(build, X, Y, seeds=(0, 1))


def test_more_steps_than_are_executed_at_once():
    assert stack.STEPS_PER_EXECUTION < 70
    runs = training.fit_seeds(mlp, X, Y, seeds=(1,), optimizer="sgd", batch_size=1, epochs=1)
    plain = mlp(1)
    plain_loop(plain, keras.optimizers.SGD(), batch_size=1, epochs=1, seed=1)
    assert_same_weights(runs.models[0], plain)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_kept_programs_start_anew(optimizer):
    """A second training with the programs of a first one is as if it were the first."""
    programs, options = {}, {"seeds": (3, 8), "validation_data": (X, Y), **OPTIONS}
    training.fit_seeds(mlp, X[::-1], Y[::-1], optimizer=optimizer(), programs=programs, **options)
    again = training.fit_seeds(mlp, X, Y, optimizer=optimizer(), programs=programs, **options)
    first = training.fit_seeds(mlp, X, Y, optimizer=optimizer(), **options)
    columns = ["loss", "accuracy", "val_loss", "val_accuracy"]
    np.testing.assert_array_equal(again.table[columns], first.table[columns])
    ((_, train, evaluate),) = programs.values()
    assert train.experimental_get_tracing_count() == 1
    assert evaluate.experimental_get_tracing_count() == 1


def test_kept_programs_serve_other_rates_and_no_other_optimizer():
    programs, options = {}, {"seeds": (5,), **OPTIONS}
    for rate in (0.1, 0.5):
        runs = training.fit_seeds(mlp, X, Y, learning_rate=rate, programs=programs, **options)
        alone = mlp(5)
        plain_loop(alone, keras.optimizers.Adam(rate), seed=5)
        assert_same_weights(runs.models[0], alone)
    assert len(programs) == 1
    for optimizer in ("sgd", keras.optimizers.Adam(0.5)):
        training.fit_seeds(mlp, X, Y, optimizer=optimizer, programs=programs, **options)
    assert len(programs) == 3


def test_plain_graphs_give_what_xla_gives(monkeypatch):
    plain = training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=2)
    monkeypatch.setattr(stack, "xla_works", REAL_XLA_WORKS)
    compiled = training.fit_seeds(mlp, X, Y, seeds=(0, 1), epochs=2)
    assert_same_weights(plain.models[1], compiled.models[1])
    np.testing.assert_allclose(plain.curves("loss"), compiled.curves("loss"), atol=1e-5)


def test_xla_is_given_up_where_tensorflow_has_none(xla, monkeypatch):
    def refuse(function, jit_compile):
        raise tf.errors.InvalidArgumentError(None, None, "no XLA in this build")

    stack.xla_works.cache_clear()
    monkeypatch.setattr(stack.tf, "function", refuse)
    assert stack.xla_works() is False
    stack.xla_works.cache_clear()
