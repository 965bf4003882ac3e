"""Notebook 15: wrong answers to its exercises."""

import tensorflow as tf
from exercise_tests import ExerciseTests


def gradients_of(network, cross_entropy, x, y, training=True):
    with tf.GradientTape() as tape:
        loss = cross_entropy(y, network(x, training=training))
    return loss, tape.gradient(loss, network.trainable_variables)


def step(rate=0.1, training=True, in_place=True):
    def one(network, cross_entropy, x, y):
        loss, gradients = gradients_of(network, cross_entropy, x, y, training)
        for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
            if in_place:
                variable.assign_sub(rate * gradient)
            else:
                variable = variable - rate * gradient
        return loss

    return one


def clipped(clip, rate=0.01):
    """A step with gradients from `clip`, (gradients, limit) to gradients."""

    def one(network, cross_entropy, x, y, limit):
        loss, gradients = gradients_of(network, cross_entropy, x, y)
        shorter = clip(gradients, limit)
        for variable, gradient in zip(network.trainable_variables, shorter, strict=True):
            variable.assign_sub(rate * gradient)
        return loss

    return one


def together(gradients, limit):
    return tf.clip_by_global_norm(gradients, limit)[0]


def always(gradients, limit):
    return [gradient * limit / tf.linalg.global_norm(gradients) for gradient in gradients]


WRONG_ANSWERS = {
    "check_fixed_step": {
        "the bugs": step(training=False, in_place=False),
        "not in place": step(in_place=False),
        "not in training": step(training=False),
        "uphill": step(rate=-0.1),
        "another rate": step(rate=0.01),
    },
    "check_clipped_training": {
        "not clipped": (clipped(lambda gradients, limit: gradients), 3.0),
        "each array by itself": (
            clipped(lambda gradients, limit: [tf.clip_by_norm(g, limit) for g in gradients]),
            3.0,
        ),
        "each number by itself": (
            clipped(
                lambda gradients, limit: [tf.clip_by_value(g, -limit, limit) for g in gradients]
            ),
            3.0,
        ),
        "short ones made longer": (clipped(always), 3.0),
        "no rate": (clipped(together, rate=1), 3.0),
        "another rate": (clipped(together, rate=0.001), 3.0),
        "uphill": (clipped(together, rate=-0.01), 3.0),
        "limit too small": (clipped(together), 0.1),
        "limit too large": (clipped(together), 100.0),
        "no limit": (clipped(together), 0.0),
        "limit forgotten": clipped(together),
    },
}


class TestUnderTheHood(ExerciseTests):
    notebook = "15_under_the_hood"
    wrong_answers = WRONG_ANSWERS
