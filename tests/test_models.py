from helpers import models

import keras
import numpy as np
import pytest

POINTS = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def small_mlp(hidden_units=(5, 5), activation="tanh", **options):
    return models.build_mlp(hidden_units, activation, input_shape=(4,), outputs=3, **options)


def small_cnn(filters=(2, 2), activation="relu", **options):
    return models.build_cnn(filters, activation, input_shape=(10, 10), outputs=3, **options)


def kernels(model):
    return [weights for weights in model.get_weights() if weights.ndim > 1]


def same_weights(one, other):
    return all(
        np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True)
    )


@pytest.mark.parametrize(
    ("hidden_units", "parameters"),
    [
        ((), 7_850),
        ((128, 64), 109_386),
        ((512,), 407_050),
        ((512,) * 6, 1_720_330),
        ((256, 128), 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10),
        ((100,), 79_510),
        ([np.int64(100)], 79_510),
    ],
)
def test_mlp_has_the_parameters_of_the_sources(hidden_units, parameters):
    model = models.build_mlp(hidden_units)
    assert model.count_params() == parameters
    assert model.name == "-".join(map(str, [784, *hidden_units, 10]))
    assert model.input_shape == (None, 28, 28)
    assert model.output_shape == (None, 10)


def test_mlp_layers_are_flatten_then_one_dense_a_size():
    model = models.build_mlp((256, 128), "sigmoid")
    assert [layer.name for layer in model.layers[1:]] == ["hidden_1", "hidden_2", "logits"]
    assert isinstance(model.layers[0], keras.layers.Flatten)
    assert [layer.units for layer in model.layers[1:]] == [256, 128, 10]
    assert [layer.activation.__name__ for layer in model.layers[1:]] == [
        "sigmoid",
        "sigmoid",
        "linear",
    ]


def test_cnn_is_the_network_of_s1():
    model = models.build_cnn()
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Reshape", "Conv2D", "MaxPooling2D", "Flatten", "Dense"]
    assert model.layers[3].output.shape == (None, 5_408)
    assert model.count_params() == 32 * 9 + 32 + 5_408 * 10 + 10
    assert model.input_shape == (None, 28, 28)
    assert model.output_shape == (None, 10)


def test_cnn_with_two_convolutions():
    model = models.build_cnn((32, 64))
    assert model.name == "convolutions-32-64-10"
    assert [layer.name for layer in model.layers if "convolution" in layer.name] == [
        "convolution_1",
        "convolution_2",
    ]
    assert model.layers[-2].output.shape == (None, 5 * 5 * 64)


@pytest.mark.parametrize("build", [small_mlp, small_cnn])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", None, "softmax"])
def test_last_layer_gives_logits(build, activation):
    model = build(activation=activation)
    assert model.layers[-1].activation is keras.activations.linear
    images = np.random.default_rng(0).normal(size=(8, *model.input_shape[1:])).astype("float32")
    features = keras.Model(model.inputs[0], model.layers[-1].input)(images)
    kernel, bias = model.layers[-1].get_weights()
    np.testing.assert_allclose(model(images), features @ kernel + bias, atol=1e-5)


def test_mlp_computes_what_its_formula_says():
    model = small_mlp((5,), "tanh", bias_initializer=keras.initializers.RandomNormal())
    hidden_kernel, hidden_bias, kernel, bias = model.get_weights()
    expected = np.tanh(POINTS @ hidden_kernel + hidden_bias) @ kernel + bias
    np.testing.assert_allclose(model(POINTS), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("activation", "formula"),
    [
        ("relu", lambda z: np.maximum(z, 0)),
        (None, lambda z: z),
        (keras.ops.sin, np.sin),
        (lambda z: z * z, np.square),
        (keras.layers.LeakyReLU(0.25), lambda z: np.where(z > 0, z, 0.25 * z)),
        (keras.layers.PReLU("ones"), lambda z: z),
    ],
    ids=["name", "None", "function", "lambda", "layer", "layer that learns"],
)
def test_activation_may_be_a_name_none_a_callable_or_a_layer(activation, formula):
    model = small_mlp((5,), activation)
    hidden_kernel, _, *_, kernel, _ = model.get_weights()
    np.testing.assert_allclose(model(POINTS), formula(POINTS @ hidden_kernel) @ kernel, atol=1e-5)


@pytest.mark.parametrize("build", [small_mlp, small_cnn])
def test_prelu_gets_weights_of_its_own_in_every_layer(build):
    prelu = keras.layers.PReLU(name="slopes")
    model = build(activation=prelu)
    copies = [layer for layer in model.layers if isinstance(layer, keras.layers.PReLU)]
    assert len({id(layer.alpha) for layer in copies}) == 2
    assert prelu not in copies
    assert not prelu.built
    copies[0].alpha.assign(keras.ops.ones_like(copies[0].alpha))
    assert not np.asarray(copies[1].alpha).any()


def test_activation_layer_keeps_its_settings_and_may_serve_two_models():
    activation = keras.layers.LeakyReLU(negative_slope=0.05)
    for _ in range(2):
        slopes = [
            layer.negative_slope
            for layer in small_mlp(activation=activation).layers
            if isinstance(layer, keras.layers.LeakyReLU)
        ]
        assert slopes == pytest.approx([0.05, 0.05])


@pytest.mark.parametrize("build", [small_mlp, small_cnn])
def test_same_seed_gives_the_same_weights_and_another_seed_others(build):
    assert same_weights(build(seed=3), build(seed=3))
    for one, other in zip(kernels(build(seed=3)), kernels(build(seed=4)), strict=True):
        assert not np.isclose(one, other).any()


def test_weights_depend_on_the_seed_alone():
    keras.utils.set_random_seed(1)
    one = small_mlp(seed=3)
    keras.utils.set_random_seed(2)
    small_mlp(seed=5)
    assert same_weights(one, small_mlp(seed=3))


def test_activation_does_not_change_the_initial_weights():
    assert same_weights(small_mlp(activation="relu", seed=3), small_mlp(activation="tanh", seed=3))


def test_layers_of_equal_shape_get_different_weights():
    model = models.build_mlp((4, 4), input_shape=(4,), outputs=4)
    first, second, third = kernels(model)
    assert not np.isclose(first, second).any()
    assert not np.isclose(second, third).any()
    convolutions = kernels(models.build_cnn((1, 1)))
    assert not np.isclose(convolutions[0], convolutions[1]).any()


def test_initializer_name_sets_the_spread_of_the_weights():
    for name, limit in (
        ("he_uniform", np.sqrt(6 / 784)),
        ("glorot_uniform", np.sqrt(6 / (784 + 300))),
    ):
        kernel = models.build_mlp((300,), kernel_initializer=name).get_weights()[0]
        assert np.abs(kernel).max() == pytest.approx(limit, rel=1e-3)


def test_initializer_instance_is_drawn_from_the_seed_of_the_model():
    initializer = keras.initializers.RandomNormal(stddev=7.0)
    one, other, again = (small_mlp(kernel_initializer=initializer, seed=seed) for seed in (0, 1, 0))
    assert same_weights(one, again)
    assert not same_weights(one, other)
    assert not np.isclose(
        kernels(small_mlp((4, 4), kernel_initializer=initializer))[0], kernels(one)[0][:, :4]
    ).all()
    assert np.std(np.concatenate([kernel.ravel() for kernel in kernels(one)])) > 3


@pytest.mark.parametrize("build", [small_mlp, small_cnn])
def test_initializer_with_a_seed_of_its_own_keeps_it(build):
    one, other = (
        build(kernel_initializer=keras.initializers.HeNormal(seed=9), seed=seed) for seed in (0, 1)
    )
    assert same_weights(one, other)


def test_bias_initializer_is_zeros_unless_another_is_named():
    assert not small_mlp().get_weights()[1].any()
    np.testing.assert_array_equal(small_mlp(bias_initializer="ones").get_weights()[1], np.ones(5))
    constant = keras.initializers.Constant(0.5)
    np.testing.assert_array_equal(
        small_mlp(bias_initializer=constant).get_weights()[3], np.full(5, 0.5)
    )


def test_random_bias_differs_between_layers_and_from_the_kernel():
    normal = keras.initializers.RandomNormal()
    model = models.build_mlp(
        (4, 4), bias_initializer=normal, kernel_initializer=normal, input_shape=(1,), seed=2
    )
    first_kernel, first, _, second, *_ = model.get_weights()
    assert not np.isclose(first, second).any()
    assert not np.isclose(first_kernel.ravel(), first).any()
    again = models.build_mlp(
        (4, 4), bias_initializer=normal, kernel_initializer=normal, input_shape=(1,), seed=2
    )
    assert same_weights(model, again)


@pytest.mark.parametrize("build", [small_mlp, small_cnn])
def test_callable_as_initializer_is_used_as_it_is(build):
    model = build(kernel_initializer=lambda shape, dtype=None: keras.ops.full(shape, 2.0, dtype))
    assert all((kernel == 2).all() for kernel in kernels(model))


@pytest.mark.parametrize("build", [small_mlp, small_cnn])
def test_unknown_activation_lists_the_nearest_names(build):
    with pytest.raises(
        ValueError,
        match=r"unknown activation 'sigmod'\. Did you mean 'sigmoid'.* Keras knows .*tanh",
    ):
        build(activation="sigmod")


@pytest.mark.parametrize("name", ["ReLU", "Tanh", "leakyrelu", "LeakyReLU"])
def test_activation_in_other_spelling_is_corrected(name):
    nearest = {"r": "relu", "t": "tanh", "l": "leaky_relu"}[name[0].lower()]
    with pytest.raises(ValueError, match=f"unknown activation '{name}'. Did you mean '{nearest}'"):
        models.get_activation(name)


def test_name_unlike_any_other_gets_no_guess_but_the_list():
    with pytest.raises(
        ValueError, match=r"unknown activation 'xyzzy'\. Keras knows celu, elu, .*tanh"
    ) as caught:
        models.get_activation("xyzzy")
    assert "Did you mean" not in str(caught.value)


def test_activation_class_in_place_of_a_layer_is_refused():
    with pytest.raises(ValueError, match=r"give a layer, LeakyReLU\(\)"):
        small_mlp(activation=keras.layers.LeakyReLU)


@pytest.mark.parametrize("get", [models.get_activation, models.get_optimizer])
def test_no_name_at_all_is_refused(get):
    with pytest.raises(ValueError, match="3"):
        get(3)


def test_unknown_initializer_lists_the_nearest_names():
    with pytest.raises(
        ValueError, match=r"unknown initializer 'he_norml'\. Did you mean 'he_normal'"
    ):
        small_mlp(kernel_initializer="he_norml")
    with pytest.raises(ValueError, match=r"unknown initializer 'zeroes'\. Did you mean 'zeros'"):
        small_mlp(bias_initializer="zeroes")
    with pytest.raises(
        ValueError, match=r"unknown initializer 'glorotuniform'\. Did you mean 'glorot_uniform'"
    ):
        small_cnn(kernel_initializer="glorotuniform")


def test_optimizer_may_be_a_name_or_an_optimizer():
    assert isinstance(models.get_optimizer("adam"), keras.optimizers.Adam)
    assert isinstance(models.get_optimizer("RMSprop"), keras.optimizers.RMSprop)
    optimizer = keras.optimizers.SGD(0.5)
    assert models.get_optimizer(optimizer) is optimizer


def test_unknown_optimizer_lists_the_nearest_names():
    with pytest.raises(
        ValueError, match=r"unknown optimizer 'adm'\. Did you mean 'adam'.* Keras knows .*sgd"
    ):
        models.get_optimizer("adm")
    with pytest.raises(ValueError, match="unknown optimizer 'schedules'"):
        models.get_optimizer("schedules")


@pytest.mark.parametrize("name", ["momentum", "Momentum", "nesterov"])
def test_momentum_as_optimizer_name_is_told_to_be_an_argument(name):
    with pytest.raises(
        ValueError, match=rf"unknown optimizer '{name}'\. Momentum is an argument: "
    ) as caught:
        models.get_optimizer(name)
    assert "keras.optimizers.SGD(learning_rate, momentum=0.9, nesterov=False)" in str(caught.value)


@pytest.mark.parametrize(
    ("get", "public"),
    [
        (models.get_activation, keras.activations),
        (models.get_optimizer, keras.optimizers),
        (lambda name: models.get_initializer(name, 0), keras.initializers),
    ],
    ids=["activations", "optimizers", "initializers"],
)
def test_every_name_that_an_error_lists_can_be_used(get, public):
    with pytest.raises(ValueError, match="Keras knows") as caught:
        get("xyzzy")
    names = str(caught.value).split("Keras knows ")[1].rstrip(".").split(", ")
    assert len(names) > 10
    for name in names:
        assert get(name) is not None
        assert public.get(name) is not None


@pytest.mark.parametrize("sizes", [512, "512", None, (0,), (-3,), (1.5,), (64, None), {64}])
def test_bad_sizes_are_refused(sizes):
    with pytest.raises(
        ValueError, match=r"hidden_units is .*: give a tuple with a positive whole number"
    ):
        models.build_mlp(sizes)
    with pytest.raises(
        ValueError, match=r"filters is .*: give a tuple with a positive whole number"
    ):
        models.build_cnn(sizes)


def test_check_sizes_accepts_tuples_and_lists():
    for sizes in ((), (1,), [64, np.int64(32)]):
        models.check_sizes("sizes", sizes)


def test_accuracy_is_the_share_of_right_answers():
    model = models.build_mlp((), input_shape=(2,), outputs=2, seed=0)
    model.set_weights([np.eye(2), np.zeros(2)])  # the larger input names the class
    x = np.tile([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]], (700, 1)).astype("float32")
    assert models.accuracy(model, x, np.tile([0, 1, 1], 700)) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match=r"y has shape \(3,\) for 2100 examples: give one class"):
        models.accuracy(model, x, np.array([0, 1, 1]))
    with pytest.raises(ValueError, match=r"y has shape \(2100, 2\)"):
        models.accuracy(model, x, x)
