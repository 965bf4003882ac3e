"""The one trick behind `training.fit_seeds`: many copies of a network as one with one more axis.

A kernel becomes (copies, inputs, outputs), so that one matrix product serves all copies. The loss is
the sum of the copies' mean losses: no copy's gradient holds anything of another's. Keras' own
optimizer steps through `update_step`, with a learning rate of shape (copies, 1, 1).
"""

import functools
import inspect

import keras
import numpy as np
import tensorflow as tf
from . import convolution

# This many steps run as one program: one program per step takes 2 (S0) to 4 times (S1) as long.
STEPS_PER_EXECUTION = 50
ACTIVATION_LAYERS = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
    keras.layers.PReLU,  # the one that learns
)
LAYERS = (
    keras.layers.Dense,
    keras.layers.Conv2D,
    *ACTIVATION_LAYERS,
    keras.layers.MaxPooling2D,
    keras.layers.Flatten,
    keras.layers.Reshape,
)
# Their step of one weight depends on others, or on more than `update_step`.
NOT_ELEMENTWISE = (
    keras.optimizers.Adafactor,
    keras.optimizers.Lamb,
    keras.optimizers.Muon,
    keras.optimizers.Nadam,
    keras.optimizers.ScheduleFreeAdamW,
)
OPTIMIZER_SETTINGS = (
    *("clipnorm", "global_clipnorm", "use_ema", "loss_scale_factor"),
    "gradient_accumulation_steps",
    # What `exclude_from_weight_decay` sets; Keras has no public name for it.
    *("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"),
)
# `Stack` ignores these settings: a layer with another value is refused.
PLAIN_SETTINGS = {
    **{f"{part}_regularizer": None for part in ("kernel", "bias", "activity", "alpha")},
    **{f"{part}_constraint": None for part in ("kernel", "bias", "alpha")},
    **{"padding": "valid", "dilation_rate": (1, 1), "groups": 1},
    **{"data_format": "channels_last", "compute_dtype": "float32"},
}


class Stack:
    """The copies of a network as one network whose weights have one more axis in front.

    networks: built Keras models that differ in their weights only, see `check_network` and
        `check_outputs`.
    optimizer: an element-wise Keras optimizer, see `check_optimizer`; a fresh copy of it is used.
    rates: None for the optimizer's own learning rate, or one number per copy.
    loss: a function (y_true, y_pred) -> one number per example, as in keras.losses.
    """

    def __init__(self, networks, optimizer, rates, loss):
        self.layers, self.loss = networks[0].layers, loss
        # A bias (outputs,) becomes (1, outputs), so that it is added to every example of its copy,
        # and a convolution's kernel (rows * columns * channels, outputs).
        self.variables = [keras.Variable(values) for values in _stacked(networks)]
        self.optimizer = type(optimizer).from_config(optimizer.get_config())
        self.optimizer.build(self.variables)
        self.rates = rates and tf.Variable(_column(rates))
        self.sums = tf.Variable(tf.zeros((2, len(networks))))  # of losses, of right answers

    def load(self, networks, optimizer, rates):
        """Start anew from other networks, optimizer and rates of the same kind: programs stay as they are."""
        fresh = type(optimizer).from_config(optimizer.get_config())
        fresh.build(self.variables)
        for variable, start in zip(self.optimizer.variables, fresh.variables, strict=True):
            variable.assign(start)
        for variable, values in zip(self.variables, _stacked(networks), strict=True):
            variable.assign(values)
        if rates:
            self.rates.assign(_column(rates))
        self.sums.assign(tf.zeros_like(self.sums))

    def outputs(self, values):
        """(copies or 1, batch, ...) -> (copies, batch, outputs)."""
        weights = iter([variable.value for variable in self.variables])
        for number, layer in enumerate(self.layers):
            if isinstance(layer, keras.layers.Dense):
                values = layer.activation(_with_bias(values @ next(weights), layer, weights))
            elif isinstance(layer, keras.layers.Conv2D):
                pool_size = convolution.pooling_after(self.layers, number).pool_size
                values = convolution.convolve(values, next(weights), layer.kernel_size, pool_size)
                pooled = convolution.is_increasing(self.layers, number)
                if pooled:  # the activation then sees a quarter of the values
                    values = convolution.largest(values)
                values = layer.activation(_with_bias(values, layer, weights))
            elif isinstance(layer, keras.layers.MaxPooling2D):
                values = values if pooled else convolution.largest(values)
            elif isinstance(layer, (keras.layers.Flatten, keras.layers.Reshape)):
                values = tf.reshape(values, (*values.shape[:2], *layer.output.shape[1:]))
            elif isinstance(layer, keras.layers.PReLU):
                values = tf.nn.relu(values) - next(weights) * tf.nn.relu(-values)
            else:
                values = layer(values)
        return values

    def test_step(self, x, y, present):
        """Add to the sums and return each copy's mean loss, (copies,).

        x: (copies or 1, batch, ...); y: (copies or 1, batch) classes or (copies or 1, batch,
        outputs) targets; present: (copies or 1, batch), False for padding.
        """
        outputs = self.outputs(x)
        y = tf.broadcast_to(y, (outputs.shape[0], *y.shape[1:]))
        losses = self.loss(y, outputs)
        if losses.shape != outputs.shape[:2]:
            raise ValueError(
                f"loss gives shape {tuple(losses.shape)} for {outputs.shape[1]} examples of "
                f"{outputs.shape[0]} copies: it must give one number per example, of shape "
                f"{tuple(outputs.shape[:2])}. A loss object averages: give its function, such as "
                "keras.losses.mean_squared_error, or set its reduction=None."
            )
        weights = tf.cast(present, tf.float32)
        if y.dtype.is_integer:
            answers = tf.argmax(outputs, axis=-1, output_type=y.dtype)
            right = tf.cast(answers == y, tf.float32)
        else:
            right = tf.fill(tf.shape(losses), np.nan)  # targets of a regression have no accuracy
        sums = [tf.reduce_sum(values * weights, axis=1) for values in (losses, right)]
        self.sums.assign_add(sums)
        return sums[0] / tf.reduce_sum(weights, axis=1)

    def train_step(self, x, y, present):
        """One step of the optimizer for every copy; parameters as in `test_step`."""
        self.apply(self.gradients(x, y, present))

    def gradients(self, x, y, present):
        """The gradient of each copy's mean loss, (copies, ...) for each of the variables."""
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(self.test_step(x, y, present))
        return tape.gradient(loss, [variable.value for variable in self.variables])

    def apply(self, gradients):
        """One step of the optimizer for every copy with these gradients."""
        optimizer = self.optimizer
        rate = optimizer.learning_rate if self.rates is None else self.rates
        for gradient, variable in zip(gradients, self.variables, strict=True):
            if optimizer.clipvalue:
                gradient = tf.clip_by_value(gradient, -optimizer.clipvalue, optimizer.clipvalue)
            if optimizer.weight_decay:  # Keras' `apply` does both of these before `update_step`
                variable.assign(variable * (1 - optimizer.weight_decay * rate))
            optimizer.update_step(gradient, variable, rate)
        optimizer.iterations.assign_add(1)

    def take_means(self, examples):
        """Mean loss and accuracy of each copy since the last call, (copies,) each."""
        means = self.sums.numpy() / examples
        self.sums.assign(tf.zeros_like(self.sums))
        return means

    def write_back(self, networks):
        """Give each network the weights of its copy."""
        values = [variable.numpy() for variable in self.variables]
        for number, network in enumerate(networks):
            weights = []
            for stacked, old in zip(values, network.weights, strict=True):
                weights.append(stacked[number].reshape(old.shape))
            network.set_weights(weights)


def _stacked(networks):
    """The copies' weights: of each variable of a `Stack` its values, (copies, inputs, outputs)."""
    for copies in zip(*(network.get_weights() for network in networks), strict=True):
        yield np.stack([weights.reshape(-1, weights.shape[-1]) for weights in copies])


def _column(rates):
    return tf.reshape(tf.constant(rates, tf.float32), (-1, 1, 1))


def _with_bias(values, layer, weights):
    """(copies, batch, ..., outputs) plus the layer's bias, the next of `weights`, if it has one."""
    if not layer.use_bias:
        return values
    bias = next(weights)
    return values + tf.reshape(bias, (bias.shape[0], *[1] * (len(values.shape) - 2), -1))


def steps_program(step):
    """A function of (x, y, examples (steps, copies or 1, batch), number of steps) that runs `step` on them.

    All steps are one program, compiled by XLA where that works: half the time, for S0 and S1 alike.
    x and y are tf.Variables; an example is its number in them; -1 is padding.
    """

    @tf.function(jit_compile=xla_works(), autograph=False)
    def run(x, y, batches, steps):
        def run_step(number):
            present = batches[number] >= 0
            # Padding takes an example that is there: another one might be no finite number.
            chosen = tf.where(present, batches[number], batches[number][:, :1])
            step(tf.gather(x, chosen), tf.gather(y, chosen), present)
            return number + 1

        tf.while_loop(lambda number: number < steps, run_step, [0])

    # x and y as arguments: a graph would hold on to the arrays when the training is over. As
    # variables, since tf.constant keeps a second copy of an array: 190 MB for 60,000 images.
    return run


def run_epoch(program, order, batch_size, after_execution=lambda steps: None):
    """One pass of a function (examples, number of steps), a `steps_program` with its x and y, over the
    examples in `order`, numbers (copies or 1, examples)."""
    copies, examples = order.shape
    batch_size = min(batch_size, examples)
    steps = -(-examples // batch_size)
    executions = -(-steps // STEPS_PER_EXECUTION)
    # Filled up with padding, so that all executions have one shape.
    padded = np.full((copies, executions * STEPS_PER_EXECUTION * batch_size), -1, np.int32)
    padded[:, :examples] = order
    batches = padded.reshape(copies, executions, STEPS_PER_EXECUTION, batch_size)
    for number in range(executions):
        done = min(STEPS_PER_EXECUTION, steps - number * STEPS_PER_EXECUTION)
        program(tf.constant(batches[:, number].swapaxes(0, 1)), tf.constant(done))
        after_execution(done)


@functools.cache
def xla_works():
    """Whether TensorFlow's compiler XLA can be used here; some builds come without it."""
    try:
        tf.function(lambda x: x @ x, jit_compile=True)(tf.ones((2, 2)))
    except (tf.errors.OpError, ValueError, NotImplementedError):
        return False
    return True


def check_optimizer(optimizer):
    """Raise ValueError for an optimizer that is known not to step each weight alone, or cannot be copied."""
    kind, problem = type(optimizer), None
    if isinstance(optimizer, NOT_ELEMENTWISE) or kind.apply is not keras.optimizers.Optimizer.apply:
        problem = kind.__name__
    for setting in OPTIMIZER_SETTINGS:
        if getattr(optimizer, setting, None):
            problem = f"{kind.__name__} with {setting.lstrip('_')}"
    for name, parameter in inspect.signature(kind).parameters.items():
        if parameter.kind is not parameter.VAR_KEYWORD and name not in optimizer.get_config():
            problem = problem or f"{kind.__name__}, whose get_config lacks {name!r}"
    if problem:
        raise ValueError(
            f"fit_seeds cannot train with {problem}: it needs an element-wise optimizer, such as "
            "SGD, RMSprop, Adam or a subclass with its own update_step. Train each seed with "
            "Keras' own compile and fit instead."
        )


def check_network(network):
    """Raise ValueError for a network with something that `Stack` does not do as Keras does."""
    if not isinstance(network, keras.Sequential) or not network.built:
        problem = "it is not a built keras.Sequential (start it with a keras.Input)"
    else:
        problems = (_problem(network.layers, place) for place in range(len(network.layers)))
        problem = next(filter(None, problems), None)
        if len(network.trainable_weights) < len(network.weights):
            problem = problem or "some of its weights are frozen"
    if problem:
        raise ValueError(
            f"fit_seeds cannot train this network: {problem}. It trains Sequential networks of "
            "Flatten, Reshape, Dense, Conv2D with MaxPooling2D, and activations. Train each seed "
            "with Keras' own compile and fit instead."
        )


def _problem(layers, place):
    """What `Stack` cannot do about layers[place], or None."""
    layer, kind = layers[place], type(layers[place])
    name = f"layer {layer.name!r}"
    if kind not in LAYERS:
        return f"{name} is a {kind.__name__}"
    pools = kind is keras.layers.MaxPooling2D
    plain = {**PLAIN_SETTINGS, "strides": layer.pool_size if pools else (1, 1)}
    for setting, value in plain.items():
        if getattr(layer, setting, value) != value:
            return f"{name} has {setting}={getattr(layer, setting)!r}"
    activation = getattr(layer, "activation", None)
    if (
        isinstance(activation, keras.layers.Layer)
        and type(activation) not in ACTIVATION_LAYERS[:-1]
    ):
        return (
            f"the activation of {name} is a {type(activation).__name__}; give it a layer of its own"
        )
    if kind is keras.layers.Dense and len(layer.input.shape) != 2:
        return f"{name} gets arrays of shape {layer.input.shape[1:]}; put a Flatten before it"
    if kind is keras.layers.PReLU and len(layer.alpha.shape) != 1:
        return f"{name} follows a convolution and learns"
    if kind is keras.layers.Conv2D and convolution.pooling_after(layers, place) is None:
        return f"no MaxPooling2D follows {name}"
    if pools and not any(convolution.pooling_after(layers, k) is layer for k in range(place)):
        return f"no Conv2D comes right before {name}"
    return None


def check_outputs(stack, networks, x):
    """Raise ValueError unless each copy gives what its network gives for x, (examples, ...)."""
    together = stack.outputs(tf.constant(x)[None]).numpy()
    for network, outputs in zip(networks, together, strict=True):
        alone = network(x, training=True).numpy()
        with np.errstate(invalid="ignore"):
            largest = 1e-3 * np.max(np.abs(alone))
            same = alone.shape == outputs.shape and not np.any(np.abs(outputs - alone) > largest)
        if not same:
            raise ValueError(
                "fit_seeds cannot train this network: together, the copies give other outputs than "
                "alone. Every seed must get the same layers, and an activation must treat each "
                "number alone, or work on the last axis."
            )
