"""What is recorded of the networks while many copies train: scores, units, gradients.

Everything is computed for all copies at once, from their weights stacked along a first axis.
Names of columns end in the number of the hidden layer, from 1 at the pixels.
"""

import keras
import numpy as np
import tensorflow as tf

CHUNK = 2_000  # images at a time
GRADIENT_IMAGES = 1_000
FINISHED_IMAGES = 10_000
DIGITS = range(10)
SATURATED = 0.1  # of the largest slope


class Dense:
    """The copies of a dense network: their hidden sums, outputs and gradients.

    networks: Keras models of Flatten and Dense layers, as models.build_mlp makes them.
    loss: a function of classes (copies, batch) and logits (copies, batch, classes).
    """

    def __init__(self, networks, loss):
        self.activation = networks[0].layers[1].activation
        self.loss = loss
        self.copies = len(networks)
        first = networks[0].get_weights()
        self.weights = [tf.Variable(tf.zeros((self.copies, *one.shape))) for one in first]
        self.layers = len(first) // 2 - 1
        self.slope = self._largest_slope()
        self._values = tf.function(self.values, autograph=False)
        self._units = tf.function(self._unit_sums, autograph=False)
        self._gradients = tf.function(self._gradient_squares, autograph=False)

    def take(self, networks):
        """Hold the weights that the networks have now."""
        columns = zip(*(network.get_weights() for network in networks), strict=True)
        for variable, values in zip(self.weights, columns, strict=True):
            variable.assign(np.stack(values))

    def values(self, x):
        """x (images, pixels) -> hidden sums and outputs, lists of (copies, images, units), and logits."""
        sums, outputs, values = [], [], x
        for kernel, bias in zip(self.weights[::2], self.weights[1::2], strict=True):
            z = tf.matmul(values, kernel) + bias[:, None]
            values = self.activation(z) if len(sums) < self.layers else z
            sums.append(z)
            outputs.append(values)
        return sums[:-1], outputs[:-1], sums[-1]

    def scores(self, x, y):
        """Mean loss and accuracy of each copy, (copies,) each."""
        losses, right = np.zeros(self.copies), np.zeros(self.copies)
        for images, classes in chunks(x, y):
            logits = self._values(images)[2]
            classes = np.broadcast_to(classes, (self.copies, len(classes)))
            losses += self.loss(classes, logits).numpy().sum(axis=1)
            right += (logits.numpy().argmax(axis=-1) == classes).sum(axis=1)
        return losses / len(x), right / len(x)

    def confusion(self, x, y):
        """{"confusion_49": how often a 4 was taken for a 9, (copies,), ...}"""
        counts = np.zeros((self.copies, 10, 10), int)
        for images, classes in chunks(x, y):
            answers = self._values(images)[2].numpy().argmax(axis=-1)
            for copy in range(self.copies):
                np.add.at(counts[copy], (classes, answers[copy]), 1)
        return confusion_columns(counts)

    def units(self, x, only_dead=False):
        """Columns about each hidden layer on the images x; see study/README.md."""
        totals, on, off = None, None, None
        for images, _ in chunks(x, x):
            parts = [[value.numpy() for value in part] for part in self._units(images)]
            batch, batch_on, batch_off = parts
            totals = (
                batch if totals is None else [a + b for a, b in zip(totals, batch, strict=True)]
            )
            on = batch_on if on is None else [a & b for a, b in zip(on, batch_on, strict=True)]
            off = batch_off if off is None else [a & b for a, b in zip(off, batch_off, strict=True)]
        columns = {}
        for layer in range(self.layers):
            means, zeros, saturated = totals[3 * layer : 3 * layer + 3]
            name = str(layer + 1)
            columns["dead_" + name] = off[layer].mean(axis=1)
            if only_dead:
                continue
            columns["on_" + name] = on[layer].mean(axis=1)
            columns["mean_" + name] = means.mean(axis=1) / len(x)
            columns["distance_" + name] = np.abs(means / len(x)).mean(axis=1)
            columns["zeros_" + name] = zeros.mean(axis=1) / len(x)
            if self.slope:
                columns["saturated_" + name] = saturated.mean(axis=1) / len(x)
        return columns

    def gradients(self, x, y):
        """Columns with the root mean square of each kernel's gradient and of each error signal."""
        classes = tf.constant(np.broadcast_to(y, (self.copies, len(y))))
        kernels, signals = self._gradients(tf.constant(x), classes)
        columns = {}
        for layer in range(self.layers):
            columns[f"gradient_{layer + 1}"] = np.sqrt(kernels[layer].numpy())
            columns[f"signal_{layer + 1}"] = np.sqrt(signals[layer].numpy())
        return columns

    def _unit_sums(self, x):
        """For each layer and unit: sums over x of outputs, zeros, saturated; all on; all off."""
        totals, on, off = [], [], []
        sums, outputs, _ = self.values(x)
        for z, output in zip(sums, outputs, strict=True):
            zeros = tf.cast(output == 0, tf.float32)
            saturated = tf.zeros_like(zeros)
            if self.slope:
                saturated = tf.cast(self._slopes(z) < SATURATED * self.slope, tf.float32)
            totals += [tf.reduce_sum(values, axis=1) for values in (output, zeros, saturated)]
            on.append(tf.reduce_all(z > 0, axis=1))
            off.append(tf.reduce_all(z <= 0, axis=1))
        return totals, on, off

    def _gradient_squares(self, x, y):
        kernels = self.weights[0:-2:2]
        with tf.GradientTape() as tape:
            sums, _, logits = self.values(x)
            loss = tf.reduce_sum(tf.reduce_mean(self.loss(y, logits), axis=1))
        gradients = tape.gradient(loss, [*kernels, *sums])
        squares = [tf.reduce_mean(gradient**2, axis=(1, 2)) for gradient in gradients]
        return squares[: self.layers], squares[self.layers :]

    def _slopes(self, z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            values = self.activation(z)
        return tf.abs(tape.gradient(values, z))

    def _largest_slope(self):
        """On -10 to 10; None for activations that have no flat end to saturate at."""
        slopes = self._slopes(tf.linspace(-10.0, 10.0, 2001)).numpy()
        return float(slopes.max()) if slopes[0] < 1e-3 and slopes[-1] < 1e-3 else None


class Convolution:
    """The same of S1's convolutional network, a copy after the other. A unit is a filter at all places."""

    layers = 1

    def __init__(self, networks, loss):
        self.loss, self.networks = loss, networks
        sums = next(one for one in networks[0].layers if isinstance(one, keras.layers.Conv2D))
        self.activation, self.place = sums.activation, networks[0].layers.index(sums)

    def take(self, networks):
        self.networks = networks

    def sums(self, network, x):
        """The filters' sums before activation and pooling, (images, 26, 26, 32)."""
        layer = network.layers[self.place]
        values = tf.nn.conv2d(x[..., None], layer.kernel.value, 1, "VALID")
        return values + layer.bias.value

    def logits(self, network, x):
        values = self.activation(self.sums(network, x))
        for layer in network.layers[self.place + 1 :]:
            values = layer(values)
        return values

    def scores(self, x, y):
        found = [self.scores_of(copy, x, y) for copy in range(len(self.networks))]
        return tuple(np.array(found).T)

    def scores_of(self, copy, x, y):
        """Mean loss and accuracy of one copy."""
        losses, right = 0.0, 0
        for images, classes in chunks(x, y, 500):
            logits = self.logits(self.networks[copy], images)
            losses += self.loss(classes[None], logits[None]).numpy().sum()
            right += (logits.numpy().argmax(axis=-1) == classes).sum()
        return losses / len(x), right / len(x)

    def confusion(self, x, y):
        counts = np.zeros((len(self.networks), 10, 10), int)
        for copy, network in enumerate(self.networks):
            for images, classes in chunks(x, y, 500):
                answers = self.logits(network, images).numpy().argmax(axis=-1)
                np.add.at(counts[copy], (classes, answers), 1)
        return confusion_columns(counts)

    def units(self, x):
        found = [self.units_of(network, x) for network in self.networks]
        return {name: np.array([one[name] for one in found]) for name in found[0]}

    def units_of(self, network, x):
        """{column: number} of one network."""
        places, means, zeros = 0, 0.0, 0.0
        on, off = True, True
        for images, _ in chunks(x, x, 500):
            z = self.sums(network, images)
            outputs = self.activation(z).numpy()
            z = z.numpy()
            places += z[..., 0].size
            means = means + outputs.sum(axis=(0, 1, 2), dtype=np.float64)
            zeros = zeros + (outputs == 0).sum(axis=(0, 1, 2))
            on = on & (z > 0).all(axis=(0, 1, 2))
            off = off & (z <= 0).all(axis=(0, 1, 2))
        return {
            "dead_1": off.mean(),
            "on_1": on.mean(),
            "mean_1": means.mean() / places,
            "distance_1": np.abs(means / places).mean(),
            "zeros_1": zeros.mean() / places,
        }

    def corrupted(self, x, y, seeds):
        """Accuracy and mean filter output of each copy on test images spoilt as its seed draws it."""
        columns = {}
        for copy, seed in enumerate(seeds):
            for name, images in corruptions(x, seed).items():
                accuracy = self.scores_of(copy, images, y)[1]
                mean = self.units_of(self.networks[copy], images)["mean_1"]
                columns.setdefault(f"{name}_accuracy", []).append(accuracy)
                columns.setdefault(f"{name}_mean_1", []).append(mean)
        return {name: np.array(values) for name, values in columns.items()}


def corruptions(x, seed):
    """{kind: test images (images, 28, 28) spoilt}, drawn from the seed, the same for each network.

    noise: plus normal numbers of sd 0.3, not clipped; outliers: one pixel in ten becomes 0 or 1;
    extremes: one pixel in a hundred becomes 10.
    """
    generator = np.random.default_rng([seed, 2])
    noise = x + generator.normal(0, 0.3, x.shape).astype(np.float32)
    ends = generator.integers(0, 2, x.shape).astype(np.float32)
    outliers = np.where(generator.random(x.shape) < 0.1, ends, x)
    extremes = np.where(generator.random(x.shape) < 0.01, np.float32(10), x)
    return {"noise": noise, "outliers": outliers, "extremes": extremes}


def chunks(x, y, size=CHUNK):
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


def confusion_columns(counts):
    return {
        f"confusion_{true}{taken}": counts[:, true, taken] for true in DIGITS for taken in DIGITS
    }
