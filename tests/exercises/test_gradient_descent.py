"""Notebook 10: wrong answers to its exercises."""

from exercise_tests import ExerciseTests


def range_test(weights, take_step, rates, saved=None):
    if saved is None:
        saved = [part.copy() for part in weights]
    losses = [take_step(weights, rate) for rate in rates]
    for part, old in zip(weights, saved, strict=True):
        part[...] = old
    return losses


def range_test_into_list(weights, take_step, rates):
    saved = [part.copy() for part in weights]
    losses = [take_step(weights, rate) for rate in rates]
    weights[:] = saved
    return losses


def trained(rule, epochs=10, **options):
    """An answer that trains at a rate made from the batch size."""

    def answer(model, images, labels, batch_size):
        model.optimizer.learning_rate = rule(batch_size)
        fit = {"batch_size": batch_size, "epochs": epochs, "verbose": 0, **options}
        model.fit(images, labels, **fit)
        return model

    return answer


WRONG_ANSWERS = {
    "check_restoring_range_test": {
        "the bug": lambda weights, step, rates: range_test(weights, step, rates, list(weights)),
        "not put back": lambda weights, step, rates: [step(weights, rate) for rate in rates],
        "put back after each step": lambda weights, step, rates: [
            range_test(weights, step, [rate])[0] for rate in rates
        ],
        "put zeros back": lambda weights, step, rates: range_test(weights, step, rates, [0, 0]),
        "other arrays in the list": range_test_into_list,
        "large rates first": lambda weights, step, rates: range_test(weights, step, rates[::-1]),
        "last loss only": lambda weights, step, rates: range_test(weights, step, rates)[-1],
    },
    "check_train_in_batches": {
        "Keras' default rate": trained(lambda size: 0.01),
        "in proportion without end": trained(lambda size: 0.02 * size),
        "one small rate": trained(lambda size: 0.1),
        "upside down": trained(lambda size: 1 / size),
        "beyond the wall": trained(lambda size: 5.0),
        "not trained": lambda model, images, labels, batch_size: model,
        "one pass": trained(lambda size: min(0.04 * size, 0.7), epochs=1),
        "always batches of 32": trained(lambda size: 0.3, batch_size=32),
        "history returned": lambda model, images, labels, batch_size: model.fit(
            images, labels, batch_size=batch_size, epochs=1, verbose=0
        ),
    },
}


class TestGradientDescent(ExerciseTests):
    notebook = "10_gradient_descent"
    wrong_answers = WRONG_ANSWERS
