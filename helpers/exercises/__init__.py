"""The checks of the exercises, one module per notebook, in reading order.

A notebook calls `exercises.check_...(answer)`, which prints "Not done yet", "Not right yet" with a hint, or "Right"
with what was shown. A module is imported when the first of its checks is asked for: notebook 00 needs no TensorFlow.
"""

import importlib

CHECKS = {
    "meet_the_data": ("check_majority_accuracy", "check_choose_and_judge", "check_honest_accuracy"),
    "no_activation": ("check_xor_weights", "check_rescue", "check_is_one_layer"),
    "sigmoid": ("check_sigmoid_kernel_gradient", "check_initial_weights"),
    "tanh": ("check_to_sigmoid", "check_sigmoid_catches_up"),
    "relu": ("check_relu_kernel_gradient", "check_tent"),
    "input_scale": ("check_standardize", "check_train_on_camera"),
    "leaky_relu": ("check_dead_over_batches", "check_save_the_units"),
    "softmax_and_cross_entropy": ("check_batch_gradient", "check_lost_digits"),
    "activations_compared": ("check_own_comparison", "check_fair_differences"),
    "gradient_flow": ("check_twenty_layers", "check_residual_backward"),
    "gradient_descent": ("check_restoring_range_test", "check_train_in_batches"),
    "momentum": ("check_train_with_momentum", "check_sixty_steps"),
    "adam": ("check_adam_updates", "check_own_optimizer"),
    "optimizers_compared": ("check_sweep", "check_own_schedule"),
    "four_combinations": ("check_gain_of_optimizer", "check_neither_half"),
    "under_the_hood": ("check_fixed_step", "check_clipped_training"),
    "choosing": ("check_beat_the_baseline", "check_own_claim"),
    "playground": ("check_spirals", "check_own_points"),
}


def __getattr__(name):
    for module, checks in CHECKS.items():
        if name in checks:
            return getattr(importlib.import_module(f".{module}", __name__), name)
    raise AttributeError(f"helpers.exercises has no {name!r}: dir(exercises) lists its checks.")


def __dir__():
    return [check for checks in CHECKS.values() for check in checks]
