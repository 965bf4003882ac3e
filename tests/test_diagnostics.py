"""The diagnostics against NumPy by hand, on a network small enough to follow."""

from helpers import diagnostics, models

import keras
import numpy as np
import pytest

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(2_300, 4)).astype("float32")  # three batches, the last one smaller
Y = GENERATOR.integers(0, 3, 2_300).astype(np.uint8)  # the type that `data` returns
FUNCTIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1.0),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2, 0.25),
}


def network(activation, seed=1, scale=3.0):
    model = models.build_mlp(
        (6, 5), activation, input_shape=(4,), outputs=3, bias_initializer="normal", seed=seed
    )
    model.set_weights([scale * weight for weight in model.get_weights()])
    return model


def by_hand(model, name):
    """[(inputs, z, a)] of the hidden layers and the logits, in double precision."""
    function, *_ = FUNCTIONS[name]
    weights, values, found = (
        [weight.astype(float) for weight in model.get_weights()],
        X.astype(float),
        [],
    )
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        z = values @ kernel + bias
        found.append((values, z, function(z)))
        values = function(z)
    return found, values @ weights[-2] + weights[-1]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_layer_values_are_those_computed_by_hand(name):
    model = network(name)
    values = diagnostics.layer_values(model, X)
    expected, _ = by_hand(model, name)
    assert list(values) == ["hidden_1", "hidden_2"]
    for (z, a), (_, z_by_hand, a_by_hand) in zip(values.values(), expected, strict=True):
        np.testing.assert_allclose(z, z_by_hand, atol=1e-4)
        np.testing.assert_allclose(a, a_by_hand, atol=1e-4)


def test_activation_layers_count_as_the_activation_of_the_layer_before():
    inside, behind = network("relu"), network(keras.layers.ReLU())
    for one, other in zip(
        diagnostics.layer_values(inside, X).values(),
        diagnostics.layer_values(behind, X).values(),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_images_are_flattened():
    model = models.build_mlp((5,), "relu", input_shape=(2, 2), outputs=3)
    ((z, _),) = diagnostics.layer_values(model, X.reshape(-1, 2, 2)).values()
    kernel, bias = model.get_weights()[:2]
    np.testing.assert_allclose(z, X @ kernel + bias, atol=1e-5)


def test_highest_pre_activations_and_dead_units_look_at_every_example():
    model = network("relu")
    kernel, bias, *others = model.get_weights()
    kernel[:, 0], bias[0] = 0, -1  # dead
    kernel[:, 1], bias[1] = 0, 0  # its pre-activation is 0 for all: no slope, dead as well
    kernel[:, 2], bias[2] = (
        (1, 0, 0, 0),
        -X[:, 0].max() + 1e-3,
    )  # alive for the one example with the largest input
    model.set_weights([kernel, bias, *others])
    highest, dead = diagnostics.highest_pre_activations(model, X), diagnostics.dead_units(model, X)
    expected, _ = by_hand(model, "relu")
    for name, (_, z, _) in zip(highest, expected, strict=True):
        np.testing.assert_allclose(highest[name], z.max(axis=0), atol=1e-4)
    assert dead["hidden_1"].tolist() == [True, True, False, False, False, False]
    assert set(dead) == {"hidden_1", "hidden_2"}


@pytest.mark.parametrize("fraction", [0.1, 0.5])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_saturated_shares_are_those_counted_by_hand(name, fraction):
    model = network(name)
    shares = diagnostics.saturated_shares(model, X, fraction)
    _, slope, largest = FUNCTIONS[name]
    expected, _ = by_hand(model, name)
    for layer, (_, z, _) in zip(shares, expected, strict=True):
        assert shares[layer] == pytest.approx(np.mean(slope(z) < fraction * largest), abs=2e-3)
        assert 0 < shares[layer] < 1


def test_nothing_is_saturated_without_an_activation():
    assert set(diagnostics.saturated_shares(network(None), X).values()) == {0.0}


def test_limits_of_saturation_in_the_docstring():
    for name, limit in {"sigmoid": 3.6, "tanh": 1.8}.items():
        _, slope, largest = FUNCTIONS[name]
        assert slope(limit - 0.05) > 0.1 * largest > slope(limit + 0.05)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_those_of_backpropagation_by_hand(name):
    model = network(name, scale=1.0)
    hidden, logits = by_hand(model, name)
    _, slope, _ = FUNCTIONS[name]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    error = (probabilities - np.eye(3)[Y]) / len(X)
    expected = {"logits": hidden[-1][2].T @ error}
    kernels = [weight.astype(float) for weight in model.get_weights()[::2]]
    for number in (2, 1):
        inputs, z, _ = hidden[number - 1]
        error = error @ kernels[number].T * slope(z)
        expected[f"hidden_{number}"] = inputs.T @ error
    gradients, norms = (
        diagnostics.kernel_gradients(model, X, Y),
        diagnostics.gradient_norms(model, X, Y),
    )
    assert list(gradients) == list(norms) == ["hidden_1", "hidden_2", "logits"]
    for layer, gradient in gradients.items():
        np.testing.assert_allclose(gradient, expected[layer], atol=1e-5)
        assert norms[layer] == pytest.approx(np.sqrt((expected[layer] ** 2).sum()), rel=1e-3)


def test_model_is_left_as_it_was():
    model = network("relu")
    before = model.get_weights()
    diagnostics.gradient_norms(model, X, Y)
    diagnostics.saturated_shares(model, X)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "function", ["layer_values", "highest_pre_activations", "dead_units", "saturated_shares"]
)
@pytest.mark.parametrize(
    ("model", "x", "message"),
    [
        (models.build_cnn(), np.zeros((2, 28, 28)), "Flatten, Dense and activation layers"),
        (
            keras.Sequential([keras.layers.Dense(2), keras.layers.Dense(2)]),
            X,
            "a built keras.Sequential",
        ),
        (models.build_mlp(()), np.zeros((2, 28, 28)), "no hidden layer"),
        (
            models.build_mlp((3,)),
            X,
            r"x has shape \(2300, 4\): give at least one example, each of shape \(28, 28\)",
        ),
        (models.build_mlp((3,)), np.zeros((0, 28, 28)), "at least one example"),
    ],
)
def test_models_and_examples_that_do_not_suit_are_refused(function, model, x, message):
    with pytest.raises(ValueError, match=message):
        getattr(diagnostics, function)(model, x)


@pytest.mark.parametrize("function", ["kernel_gradients", "gradient_norms"])
def test_gradients_want_one_class_an_example(function):
    with pytest.raises(ValueError, match="x has 2300 examples and y 3"):
        getattr(diagnostics, function)(network("relu"), X, Y[:3])
    with pytest.raises(ValueError, match="at least one example"):
        getattr(diagnostics, function)(network("relu"), X[:0], Y[:0])


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 2])
def test_fraction_lies_between_0_and_1(fraction):
    with pytest.raises(ValueError, match="give a number between 0 and 1"):
        diagnostics.saturated_shares(network("tanh"), X, fraction)
