"""The checks of the exercises, one module per notebook, in reading order.

A notebook calls `exercises.check_...(answer)`, which prints "Not done yet", "Not right yet" with a hint, or "Right"
with what was shown.
"""
# ruff: noqa: F401, I001 (names for the notebooks, and not sorted)

from .meet_the_data import check_majority_accuracy, check_choose_and_judge, check_honest_accuracy
from .no_activation import check_xor_weights, check_rescue, check_is_one_layer
from .sigmoid import check_sigmoid_kernel_gradient, check_initial_weights
from .tanh import check_to_sigmoid, check_sigmoid_catches_up
from .relu import check_relu_kernel_gradient, check_tent
from .input_scale import check_standardize, check_train_on_camera
from .leaky_relu import check_dead_over_batches, check_save_the_units
from .softmax_and_cross_entropy import check_batch_gradient, check_lost_digits
from .activations_compared import check_own_comparison, check_fair_differences
from .gradient_flow import check_twenty_layers, check_residual_backward
from .gradient_descent import check_restoring_range_test, check_train_in_batches
from .momentum import check_train_with_momentum, check_sixty_steps
from .adam import check_adam_updates, check_own_optimizer
from .optimizers_compared import check_sweep, check_own_schedule
from .four_combinations import check_gain_of_optimizer, check_neither_half
from .under_the_hood import check_fixed_step, check_clipped_training
from .choosing import check_stratified_folds, check_beat_the_baseline
