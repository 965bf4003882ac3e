"""The networks of the five sources in plain Keras. Every one ends in logits: the loss applies softmax, once."""

import difflib
import math
import numbers

import keras
import numpy as np

IMAGE_SHAPE = (28, 28)
CLASSES = 10


def build_mlp(
    hidden_units,
    activation="relu",
    *,
    kernel_initializer="glorot_uniform",
    bias_initializer="zeros",
    input_shape=IMAGE_SHAPE,
    outputs=CLASSES,
    seed=0,
):
    """A multilayer perceptron, a keras.Sequential: Flatten, a Dense layer for each of `hidden_units`, Dense logits.

    Its name tells its sizes, such as "784-512-10".

    hidden_units: units of each hidden layer, such as (512,) or (256, 128); () is softmax regression.
    activation: of the hidden layers: a Keras name, a Keras layer, a callable on tensors, or None for none.
    kernel_initializer, bias_initializer: Keras names or initializers; each layer's weights are drawn from `seed`.
    Input (batch, *input_shape) -> logits (batch, outputs). Raises ValueError for an unknown name or a bad size.
    """
    check_sizes("hidden_units", hidden_units)
    sizes = (*map(int, hidden_units), outputs)
    names = [f"hidden_{number}" for number in range(1, len(sizes))] + ["logits"]
    layers = [keras.Input(input_shape), keras.layers.Flatten()]
    for units, name, layer_seed in zip(sizes, names, _layer_seeds(seed, len(sizes)), strict=True):
        initializers = {
            "kernel_initializer": get_initializer(kernel_initializer, layer_seed),
            "bias_initializer": get_initializer(bias_initializer, layer_seed + 1),
        }
        dense = keras.layers.Dense(units, name=name, **initializers)
        layers += _with_activation(dense, None if name == "logits" else activation)
    return keras.Sequential(layers, name="-".join(map(str, (math.prod(input_shape), *sizes))))


def build_cnn(
    filters=(32,),
    activation="relu",
    *,
    kernel_initializer="glorot_uniform",
    input_shape=IMAGE_SHAPE,
    outputs=CLASSES,
    seed=0,
):
    """A convolutional network, a keras.Sequential: for each entry of `filters` Conv2D 3x3 (padding "valid") and
    max-pooling 2x2, then Flatten and Dense logits. As it stands it is S1's network: 5,408 values reach the last layer.

    Input (batch, height, width), grey -> logits (batch, outputs). Other parameters and errors: as in `build_mlp`.
    """
    check_sizes("filters", filters)
    initializers = [
        get_initializer(kernel_initializer, layer_seed)
        for layer_seed in _layer_seeds(seed, len(filters) + 1)
    ]
    layers = [keras.Input(input_shape), keras.layers.Reshape((*input_shape, 1))]
    for number, channels in enumerate(filters, start=1):
        name = f"convolution_{number}"
        convolution = keras.layers.Conv2D(
            channels, 3, kernel_initializer=initializers[number - 1], name=name
        )
        layers += [*_with_activation(convolution, activation), keras.layers.MaxPooling2D(2)]
    logits = keras.layers.Dense(outputs, kernel_initializer=initializers[-1], name="logits")
    name = "-".join(["convolutions", *map(str, filters), str(outputs)])
    return keras.Sequential([*layers, keras.layers.Flatten(), logits], name=name)


def accuracy(model, x, y):
    """The share of right answers, 0 to 1: how often the largest output is that of the true class.

    x: (examples, ...), as the model takes it; y: whole-number classes (examples,).
    """
    if not 0 < len(x) == len(y) or np.ndim(y) != 1:
        raise ValueError(f"y has shape {np.shape(y)} for {len(x)} examples: give one class each.")
    right = 0
    for start in range(0, len(x), 1000):  # Keras' predict compiles first, which takes longer
        batch = slice(start, start + 1000)
        outputs = keras.ops.convert_to_numpy(model(x[batch]))
        right += np.sum(outputs.argmax(axis=-1) == y[batch])
    return float(right / len(x))


def get_activation(identifier):
    """keras.activations.get, with an error that lists the nearest names."""
    if isinstance(identifier, type):
        raise ValueError(
            f"activation is the class {identifier.__name__}: give a layer, {identifier.__name__}()."
        )
    return _get("activation", identifier, keras.activations)


def get_optimizer(identifier):
    """keras.optimizers.get, with an error that lists the nearest names."""
    if identifier is None:
        raise ValueError("optimizer is None: give a Keras optimizer or its name, such as 'adam'.")
    hint = " Momentum is an argument: keras.optimizers.SGD(learning_rate, momentum=0.9, nesterov=False)."
    wants_momentum = str(identifier).lower() in ("momentum", "nesterov")
    return _get("optimizer", identifier, keras.optimizers, hint if wants_momentum else "")


def get_initializer(identifier, seed):
    """keras.initializers.get, drawing from `seed` unless the initializer brings a seed of its own."""
    initializer = _get("initializer", identifier, keras.initializers)
    config = (
        initializer.get_config() if isinstance(initializer, keras.initializers.Initializer) else {}
    )
    if "seed" in config and config["seed"] is None:
        initializer = type(initializer).from_config({**config, "seed": seed})
    return initializer


def check_sizes(name, sizes):
    """Raise ValueError unless `sizes` is a tuple or list of positive whole numbers."""
    if isinstance(sizes, (tuple, list)) and all(
        isinstance(size, numbers.Integral) and size > 0 for size in sizes
    ):
        return
    raise ValueError(
        f"{name} is {sizes!r}: give a tuple with a positive whole number for each layer, such as (512,)."
    )


def _with_activation(layer, activation):
    """[layer] with the activation in it, or [layer, activation layer], a copy for each layer, since PReLU learns."""
    if isinstance(activation, keras.layers.Layer):
        config = {key: value for key, value in activation.get_config().items() if key != "name"}
        return [layer, type(activation).from_config(config)]
    layer.activation = get_activation(activation)
    return [layer]


def _layer_seeds(seed, count):
    return [int(number) for number in np.random.SeedSequence(seed).generate_state(count)]


def _get(kind, identifier, module, hint=""):
    """module.get(identifier), with an error that lists the nearest names."""
    if not isinstance(identifier, str) or _is_known(identifier, module):
        return module.get(identifier)
    names = {name.lower() for name in dir(module) if name[0] != "_"} - {
        "get",
        "serialize",
        "deserialize",
    }
    known = sorted(name for name in names if _is_known(name, module))
    nearest = difflib.get_close_matches(identifier.lower(), known, n=3, cutoff=0.5)
    guess = f" Did you mean {' or '.join(map(repr, nearest))}?" if nearest and not hint else ""
    raise ValueError(f"unknown {kind} {identifier!r}.{guess}{hint} Keras knows {', '.join(known)}.")


def _is_known(name, module):
    """Whether Keras makes something of the name alone; `schedules` is a public name too, but no optimizer."""
    try:
        return module.get(name) is not None
    except (ValueError, TypeError, KeyError):
        return False
