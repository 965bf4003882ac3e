"""What is recorded of the networks while many copies train: scores, units, gradients.

Everything is computed for all copies at once, from their weights stacked along a first axis.
Names of columns end in the number of the hidden layer, from 1 at the pixels.
"""

import keras
import numpy as np
import tensorflow as tf

CHUNK = 2_000  # images at a time
FEW = 50  # of a convolution, whose values then stay in the cache: half the time
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

    def __init__(self, networks, loss):
        self.loss, self.networks = loss, networks
        first = next(one for one in networks[0].layers if isinstance(one, keras.layers.Conv2D))
        self.activation = first.activation
        # One program for all copies: in NumPy the sums over all places take as long as training.
        self._look = tf.function(self._look_at_images, autograph=False)

    def take(self, networks):
        self.networks = networks

    def look(self, copy, x, y):
        """What one copy does with images: a dictionary of its scores, answers and units."""
        weights = self.networks[copy].get_weights()
        losses, answers, sums, zeros = [], [], 0.0, 0.0
        on, off = True, True
        for images, classes in chunks(x, y, FEW):
            found = [value.numpy() for value in self._look(images, classes, *weights)]
            losses.append(found[0])
            answers.append(found[1])
            sums, zeros = sums + found[2].astype(np.float64), zeros + found[3]
            on, off = on & found[4], off & found[5]
        answers, places = np.concatenate(answers), 26 * 26 * len(x)
        return {
            "loss": np.concatenate(losses).mean(dtype=np.float64),
            "accuracy": np.mean(answers == y),
            "answers": answers,
            "dead_1": off.mean(),
            "on_1": on.mean(),
            "mean_1": sums.mean() / places,
            "distance_1": np.abs(sums / places).mean(),
            "zeros_1": zeros.mean() / places,
        }

    def _look_at_images(self, x, y, kernel, bias, last_kernel, last_bias):
        """Losses and answers of the images; of each filter its outputs' sum, zeros, if all on, all off."""
        z = tf.nn.conv2d(x[..., None], kernel, 1, "VALID") + bias
        outputs = self.activation(z)
        pooled = tf.nn.max_pool2d(outputs, 2, 2, "VALID")
        logits = tf.reshape(pooled, (x.shape[0], -1)) @ last_kernel + last_bias
        everywhere = [0, 1, 2]
        return (
            self.loss(y[None], logits[None])[0],
            tf.argmax(logits, axis=-1),
            tf.reduce_sum(outputs, axis=everywhere),
            tf.reduce_sum(tf.cast(outputs == 0, tf.float32), axis=everywhere),
            tf.reduce_all(z > 0, axis=everywhere),
            tf.reduce_all(z <= 0, axis=everywhere),
        )

    def scores(self, x, y):
        found = [self.look(copy, x, y) for copy in range(len(self.networks))]
        return tuple(np.array([one[name] for one in found]) for name in ("loss", "accuracy"))

    def confusion(self, x, y):
        counts = np.zeros((len(self.networks), 10, 10), int)
        for copy in range(len(self.networks)):
            np.add.at(counts[copy], (y, self.look(copy, x, y)["answers"]), 1)
        return confusion_columns(counts)

    def units(self, x):
        blank = np.zeros(len(x), np.int32)
        found = [self.look(copy, x, blank) for copy in range(len(self.networks))]
        names = ("dead_1", "on_1", "mean_1", "distance_1", "zeros_1")
        return {name: np.array([one[name] for one in found]) for name in names}

    def corrupted(self, x, y, seeds):
        """Accuracy and mean filter output of each copy on test images spoilt as its seed draws it."""
        columns = {}
        for copy, seed in enumerate(seeds):
            for name, images in corruptions(x, seed).items():
                found = self.look(copy, images, y)
                columns.setdefault(f"{name}_accuracy", []).append(found["accuracy"])
                columns.setdefault(f"{name}_mean_1", []).append(found["mean_1"])
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
