"""Notebook 11: a velocity that is lost, the largest stable rate, and momentum in another book's terms."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for


@exercise(
    "The velocity lives as long as the training: an epoch is our way to count, the descent knows nothing of it."
)
def check_train_with_momentum(train_with_momentum):
    """Find the bug: from (w, gradients of the batches, epochs, rate, beta) to the weight after all epochs."""
    gradients = [lambda w: w - 1.0, lambda w: 2 * w, lambda w: 0.5 * w + 1]
    for epochs, batches in ((1, 3), (4, 1), (3, 3)):
        given = gradients[:batches]
        found = float(call(train_with_momentum, 5.0, given, epochs, 0.1, 0.9))
        plain = _descend(given, epochs, beta=0.0)
        forgetful = _descend(given, epochs, beta=0.9, forgets=True)
        mistakes = {
            "the velocity still starts anew in each epoch. Why?": forgetful,
            "that is plain descent: nothing of the velocity is left. Where is it lost?": plain,
        }
        if not np.isclose(found, _descend(given, epochs, beta=0.9)):
            which = f"{epochs} epoch{'s' * (epochs > 1)} of {batches} batch{'es' * (batches > 1)}"
            other = f"the weight ends at {found:.4g}. Each batch makes one step: v = beta v - rate g, then w = w + v."
            raise Wrong(f"{which}: {hint_for(found, mistakes, other)}")


def _descend(gradients, epochs, beta, forgets=False):
    """Momentum at rate 0.1 from 5 over `epochs` of these gradients; or one that forgets its velocity in each epoch."""
    w, v = 5.0, 0.0
    for _ in range(epochs):
        if forgets:
            v = 0.0
        for gradient in gradients:
            v = beta * v - 0.1 * gradient(w)
            w = w + v
    return w


@exercise(
    "2 (1 + beta) / largest curvature: nearly twice plain descent's limit, as beta comes near 1."
)
def check_momentum_limit(momentum_limit):
    """A function from a Hessian and beta to the largest learning rate at which momentum is stable."""
    for hessian, largest in (([[20, 0], [0, 1]], 20), ([[2, 1], [1, 2]], 3)):
        for beta in (0.0, 0.5, 0.9):
            found = float(call(momentum_limit, np.array(hessian, dtype=float), beta))
            limit = 2 * (1 + beta) / largest
            if np.isclose(found, limit):
                continue
            what = f"for {hessian} and beta {beta} it gives {found:.3g}"
            if np.isclose(found, 2 / largest):
                raise Wrong(
                    f"{what}, the limit of plain descent. How does the limit move with beta?"
                )
            if np.isclose(found, limit / (1 + 2 * beta)):
                raise Wrong(
                    f"{what}: that is the limit of Nesterov's rule. The exercise asks for momentum."
                )
            hint = "Which of the curvatures (eigenvalues, not entries) sets the limit, and where is it?"
            raise Wrong(f"{what} instead of {limit:.3g}. {hint}")


@exercise(
    "The same path under another name: in the book's form the effective rate is eta itself, whatever beta is."
)
def check_keras_rate(keras_rate):
    """A function from the rate and beta of v = beta v + (1 - beta) g, w = w - rate v to Keras' learning rate."""
    for rate, beta in ((0.1, 0.9), (1.0, 0.5), (0.03, 0.0)):
        found = float(call(keras_rate, rate, beta))
        book_w = keras_w = 5.0
        book_v = keras_v = 0.0
        for _ in range(10):
            book_v = beta * book_v + (1 - beta) * book_w
            book_w = book_w - rate * book_v
            keras_v = beta * keras_v - found * keras_w
            keras_w = keras_w + keras_v
        if not np.isclose(keras_w, book_w, atol=1e-6):
            hint = "How long is the very first step in the book's form, and how long in Keras'?"
            raise Wrong(
                f"rate {rate}, beta {beta}: with {found:.3g} Keras is at {keras_w:.3g} after 10 steps on w**2 / 2, "
                f"and the book at {book_w:.3g}. {hint}"
            )
