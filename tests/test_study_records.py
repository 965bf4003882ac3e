"""What the study records of networks, against Keras one copy at a time; its losses and optimizers by hand."""

from helpers import diagnostics, models, training

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import X, Y

from study import kinds, networks, records
from study.experiments import EXPERIMENTS

SEEDS = (30_000, 30_001)
LOGITS = networks.LOSSES["logits"]
IMAGES = 600


def looks_at(name):
    settings = EXPERIMENTS[name].settings
    part = kinds.dataset(settings)
    built = [networks.build(settings, seed) for seed in SEEDS]
    dense = settings["hidden"] != "convolution"
    looks = (records.Dense if dense else records.Convolution)(built, LOGITS)
    looks.take(built)
    x, y = part.x_test[:IMAGES], part.y_test[:IMAGES]
    return looks, built, x, x.reshape(len(x), -1) if dense else x, y


@pytest.mark.parametrize("name", ["S0-sigmoid", "S2-lin-6", "S3-best-relu-sgd", "A-leaky-adam"])
def test_scores_and_confusion_as_keras_has_them(name):
    looks, built, images, x, y = looks_at(name)
    losses, accuracies = looks.scores(x, y)
    confusion = looks.confusion(x, y)
    for copy, network in enumerate(built):
        logits = network(images).numpy()
        expected = keras.losses.sparse_categorical_crossentropy(y, logits, from_logits=True)
        np.testing.assert_allclose(losses[copy], expected.numpy().mean(), rtol=1e-5)
        assert accuracies[copy] == pytest.approx(models.accuracy(network, images, y))
        taken = np.sum((y == 4) & (logits.argmax(axis=1) == 9))
        assert confusion["confusion_49"][copy] == taken


@pytest.mark.parametrize("name", ["S0-tanh", "S0-relu"])
def test_units_and_gradients_as_diagnostics_has_them(name):
    looks, built, images, x, y = looks_at(name)
    units, gradients = looks.units(x), looks.gradients(x, y)
    for copy, network in enumerate(built):
        by_keras = diagnostics.kernel_gradients(network, images, y)
        dead, values = (
            diagnostics.dead_units(network, images),
            diagnostics.layer_values(network, images),
        )
        for layer in (1, 2):
            hidden = f"hidden_{layer}"
            found = gradients[f"gradient_{layer}"][copy]
            assert found == pytest.approx(np.sqrt(np.mean(by_keras[hidden] ** 2)), rel=1e-4)
            outputs = values[hidden][1]
            assert units[f"dead_{layer}"][copy] == pytest.approx(dead[hidden].mean())
            assert units[f"mean_{layer}"][copy] == pytest.approx(outputs.mean(), abs=1e-5)
            assert units[f"zeros_{layer}"][copy] == pytest.approx(np.mean(outputs == 0), abs=1e-5)
            distance = np.abs(outputs.mean(axis=0)).mean()
            assert units[f"distance_{layer}"][copy] == pytest.approx(distance, abs=1e-5)
        saturated = diagnostics.saturated_shares(network, images)["hidden_1"]
        if name == "S0-tanh":
            assert units["saturated_1"][copy] == pytest.approx(saturated, abs=1e-4)
        else:
            assert "saturated_1" not in units


def test_error_signal_is_the_gradient_for_the_sums():
    looks, built, _, x, y = looks_at("S0-sigmoid")
    first = built[1].layers[1]
    z = tf.constant(x) @ first.kernel.value + first.bias.value
    with tf.GradientTape() as tape:
        tape.watch(z)
        values = tf.sigmoid(z)
        for layer in built[1].layers[2:]:
            values = layer(values)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, values))
    expected = np.sqrt(np.mean(tape.gradient(loss, z).numpy() ** 2))
    assert looks.gradients(x, y)["signal_1"][1] == pytest.approx(expected, rel=1e-4)


def test_filters_of_a_convolution_are_seen_before_pooling():
    looks, built, images, x, _ = looks_at("A-relu-adam")
    values = keras.Model(built[0].inputs[0], built[0].layers[1].output)(images).numpy()
    units = looks.units(x)
    assert values.shape == (IMAGES, 26, 26, 32)
    assert units["zeros_1"][0] == pytest.approx(np.mean(values == 0), abs=1e-6)
    assert units["mean_1"][0] == pytest.approx(values.mean(), rel=1e-4)
    assert units["dead_1"][0] == pytest.approx(np.mean(values.max(axis=(0, 1, 2)) == 0))


def test_corruptions_hang_on_the_seed_and_are_what_they_say():
    x = np.full((200, 28, 28), 0.25, np.float32)
    one, again, other = (records.corruptions(x, seed) for seed in (3, 3, 4))
    for name, images in one.items():
        np.testing.assert_array_equal(images, again[name])
        assert not np.array_equal(images, other[name])
    assert np.std(one["noise"] - x) == pytest.approx(0.3, rel=0.02)
    assert np.mean(one["outliers"] != 0.25) == pytest.approx(0.1, rel=0.05)
    assert set(np.unique(one["outliers"])) == {0, 0.25, 1}
    assert np.mean(one["extremes"] == 10) == pytest.approx(0.01, rel=0.1)


def probabilities(logits):
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("keras 2", 1e-7, 1 - 1e-7), ("clipped", 1e-10, 0.999999)]
)
def test_losses_from_clipped_probabilities(name, low, high):
    logits = np.random.default_rng(0).normal(0, 20, (2, 50, 10)).astype("float32")
    y = np.random.default_rng(1).integers(0, 10, (2, 50))
    chosen = np.take_along_axis(probabilities(logits), y[..., None], axis=-1)[..., 0]
    expected = -np.log(np.clip(chosen, low, high))
    np.testing.assert_allclose(networks.LOSSES[name](y, logits), expected, rtol=1e-4, atol=1e-6)


def test_a_very_wrong_image_teaches_nothing_under_keras_2():
    logits = tf.constant([[[40.0, 0.0, 0.0]]])
    for name, teaches in (("keras 2", False), ("logits", True)):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = networks.LOSSES[name](tf.constant([[1]]), logits)
        assert bool(np.any(np.abs(tape.gradient(loss, logits)) > 1e-3)) == teaches


def test_activations():
    x = np.linspace(-6, 6, 49).astype("float32")
    sigmoid = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(networks.shift(x), sigmoid - 0.5, atol=1e-6)
    np.testing.assert_allclose(networks.log(x), np.log(1 + np.maximum(x, 0)), atol=1e-6)
    straight = networks.straight(x).numpy()
    inside = np.abs(x) <= 2
    np.testing.assert_allclose(straight[inside], sigmoid[inside], atol=1e-6)
    np.testing.assert_allclose(np.diff(straight[x > 2]) / np.diff(x[x > 2]), 0.1, atol=1e-4)
    variable = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        values = networks.boost(variable)
    np.testing.assert_allclose(values, sigmoid, atol=1e-6)
    np.testing.assert_allclose(
        tape.gradient(values, variable), 4 * sigmoid * (1 - sigmoid), atol=1e-6
    )


def gradients_of(network, x, y):
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, network(x))
        loss = tf.reduce_mean(losses)
    return [g.numpy() for g in tape.gradient(loss, [weight.value for weight in network.weights])]


def build(seed):
    return models.build_mlp((5,), "tanh", input_shape=(4,), outputs=3, seed=seed)


@pytest.mark.parametrize("one_v", [False, True])
def test_optimizers_by_hand(one_v):
    optimizer = networks.AdamOneV() if one_v else networks.RMSprop2017(epsilon=1e-8)
    options = {"seeds": [3, 4], "learning_rate": [0.01], "epochs": 3, "batch_size": len(X)}
    trained = training.fit_seeds(build, X, Y, optimizer=optimizer, **options).models[1]
    network = build(4)
    moments, velocities = [0] * 4, [0] * 4
    for step in range(1, 4):
        gradients, weights = gradients_of(network, X, Y), network.get_weights()
        for k, gradient in enumerate(gradients):
            if one_v:
                moments[k] = 0.9 * moments[k] + 0.1 * gradient
                velocities[k] = 0.999 * velocities[k] + 0.001 * np.mean(gradient**2)
                rate = 0.01 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                weights[k] = weights[k] - rate * moments[k] / (np.sqrt(velocities[k]) + 1e-7)
            else:
                velocities[k] = 0.9 * velocities[k] + 0.1 * gradient**2
                weights[k] = weights[k] - 0.01 * gradient / (np.sqrt(velocities[k]) + 1e-8)
        network.set_weights(weights)
    for found, expected in zip(trained.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_pytorch_weights_are_uniform_in_one_over_the_root_of_the_inputs():
    network = networks.build(EXPERIMENTS["S3-best-relu-sgd"].settings, 30_000)
    for kernel, bias in zip(network.get_weights()[::2], network.get_weights()[1::2], strict=True):
        limit = len(kernel) ** -0.5
        for values in (kernel, bias):
            assert np.abs(values).max() <= limit
        assert np.std(kernel) == pytest.approx(limit / np.sqrt(3), rel=0.03)
        assert np.any(bias)
