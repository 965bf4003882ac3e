"""Every experiment of the study as data: network, data, optimizer, epochs, batch, seeds.

The order is the order in which they run. `study/README.md` says what the settings mean.
"""

import dataclasses
import hashlib
import json

JUDGING, CHOOSING = 10_000, 20_000  # the first seeds of runs that judge, and that choose a rate
ROOT_10 = 10**0.5
SGD_RATES = tuple(10 ** (k / 2) for k in range(-5, 3))  # 0.003 to 10, a factor of root 10 apart
ADAM_RATES = tuple(10 ** (k / 2) for k in range(-9, -1))  # 0.00003 to 0.1


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One condition, run from many seeds.

    name: "S0-relu"; label: what a sentence calls it, "ReLU"; kind: how it is run, see study/kinds.
    settings: what the numbers of a run depend on, besides its seed; plain data.
    runs: how many seeds; first_seed: the first of them, the others follow it.
    together: how many seeds are trained at once, which changes seconds and memory only. Ten networks
        of S0 with their moments fit into a processor's cache, 25 take a fifth longer each; a
        convolution trains two times as fast alone.
    only_for: the claims of whose effects one has to be supported first; "" for runs that are always made.
    """

    name: str
    label: str
    kind: str
    settings: dict
    runs: int
    first_seed: int = JUDGING
    together: int = 25
    only_for: str = ""

    @property
    def seeds(self):
        return range(self.first_seed, self.first_seed + self.runs)

    @property
    def hash(self):
        """Twelve characters that change with each setting: the results carry them."""
        text = json.dumps([self.kind, self.settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def training(name, label, runs, base, together=10, first_seed=JUDGING, only_for="", **changes):
    settings = {**TRAINING, **base, **changes}
    return Experiment(name, label, "training", settings, runs, first_seed, together, only_for)


TRAINING = {
    "images": 60_000,  # the first so many training images
    "validation": False,  # True: 6,000 of the 60,000 are set aside, in proportion, one fixed split
    "initial_weights": "glorot",
    "first_kernel_divided_by": 1,
    "optimizer": {"name": "adam"},
    "rates": None,  # None: the optimizer's own
    "loss": "logits",
    "also": [],
}
NAMES = {"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh", "leaky": "leaky ReLU"}
MOMENTUM = {"name": "sgd", "momentum": 0.9}

# S0: the tutorial on Fashion-MNIST

S0 = {
    "data": "fashion_mnist",
    "scale": "unit",
    "hidden": [128, 64],
    "batch": 32,
    "epochs": 10,
    "also": ["gradients", "units"],
}
S0_ALSO = ["gradients", "units", "confusion"]
DEEP = {**S0, "hidden": [128, *[64] * 7]}
UNITS = {"also": ["units"]}

s0_two_layers = [
    training("S0-relu", "ReLU", 100, S0, activation="relu", also=S0_ALSO),
    training("S0-sigmoid", "sigmoid", 100, S0, activation="sigmoid", also=S0_ALSO),
    training("S0-tanh", "tanh", 100, S0, activation="tanh", also=S0_ALSO),
    training("S0-shift", "shifted sigmoid", 50, S0, activation="shift", **UNITS),
]
s0_deep_and_raw = [
    *(
        training(f"S0-deep-{name}", f"{label} with eight layers", 50, DEEP, activation=name)
        for name, label in [
            ("relu", "ReLU"),
            ("sigmoid", "sigmoid"),
            ("tanh", "tanh"),
            ("boost", "boosted sigmoid"),
        ]
    ),
    *(
        training(
            f"S0-raw-{name}",
            f"{NAMES[name]} on raw pixels",
            50,
            S0,
            activation=name,
            scale="raw",
            also=[],
        )
        for name in ("relu", "sigmoid", "tanh")
    ),
    training(
        "S0-straight",
        "sigmoid with straight ends",
        50,
        S0,
        activation="straight",
        only_for="S0.6a",
        **UNITS,
    ),
]

# S4: the question about ReLU and sigmoid

S4 = {
    "data": "mnist",
    "scale": "raw",
    "hidden": [100],
    "optimizer": {"name": "sgd"},
    "rates": [0.01],
    "loss": "keras 2",
    "batch": 100,
    "epochs": 15,
}
TODAY = {"loss": "logits"}
S4_300 = {**S4, "hidden": [300], "optimizer": {"name": "adam"}, "rates": None, "loss": "clipped"}

s4 = [
    training("S4-relu", "ReLU on raw pixels", 100, S4, activation="relu", **UNITS),
    training("S4-sigmoid", "sigmoid on raw pixels", 100, S4, activation="sigmoid", **UNITS),
    training(
        "S4-relu-255", "ReLU on pixels/255", 100, S4, activation="relu", scale="unit", **UNITS
    ),
    training(
        "S4-today-relu", "today's ReLU on raw pixels", 50, S4, activation="relu", **TODAY, **UNITS
    ),
    training(
        "S4-today-sigmoid",
        "today's sigmoid on raw pixels",
        50,
        S4,
        activation="sigmoid",
        **TODAY,
        **UNITS,
    ),
    training(
        "S4-today-relu-255",
        "today's ReLU on pixels/255",
        50,
        S4,
        activation="relu",
        scale="unit",
        **TODAY,
        **UNITS,
    ),
    training("S4-linear-255", "no activation on pixels/255", 50, S4, activation=None, scale="unit"),
    training(
        "S4-small-start",
        "ReLU on raw pixels with small initial weights",
        50,
        S4,
        activation="relu",
        first_kernel_divided_by=255,
        **UNITS,
    ),
    training("S4-shift", "shifted sigmoid on raw pixels", 50, S4, activation="shift"),
    training(
        "S4-clip",
        "ReLU with clipped output",
        50,
        S4,
        activation="relu",
        loss="keras 2, output clipped",
    ),
    training(
        "S4-today-clip",
        "today's ReLU with clipped output",
        50,
        S4,
        activation="relu",
        loss="clipped",
    ),
    training("S4-300-raw", "ReLU with 300 units on raw pixels", 10, S4_300, 10, activation="relu"),
    training(
        "S4-300-255",
        "ReLU with 300 units on pixels/255",
        10,
        S4_300,
        10,
        activation="relu",
        scale="unit",
    ),
]

# S1, set-up A: the four pairs, and pairs in which one thing is changed

A = {"data": "mnist", "scale": "unit", "hidden": "convolution", "batch": 32, "epochs": 10}
ADAM = {"optimizer": {"name": "adam"}}
PLAIN = {"optimizer": {"name": "sgd"}, "rates": [0.01]}
HEAVY = {"optimizer": MOMENTUM, "rates": [0.01]}
PAIRS = ["units", "early", "confusion"]
NOISY = ["corrupted"]


def pair(name, label, runs, also, only_for="", **settings):
    return training(name, label, runs, A, together=1, also=also, only_for=only_for, **settings)


a_four_pairs = [
    pair("A-relu-adam", "ReLU with Adam", 50, PAIRS + NOISY, activation="relu", **ADAM),
    pair("A-sigmoid-sgd", "sigmoid with SGD", 50, PAIRS, activation="sigmoid", **PLAIN),
    pair("A-tanh-mom", "tanh with momentum", 50, PAIRS, activation="tanh", **HEAVY),
    pair("A-leaky-adam", "leaky ReLU with Adam", 50, PAIRS + NOISY, activation="leaky", **ADAM),
]
a_one_change = [
    pair("A-tanh-sgd", "tanh with SGD", 30, ["early"], activation="tanh", **PLAIN),
    pair("A-sigmoid-mom", "sigmoid with momentum", 30, ["early"], activation="sigmoid", **HEAVY),
    pair(
        "A-tanh-adam", "tanh with Adam", 30, ["early", "units", *NOISY], activation="tanh", **ADAM
    ),
    pair(
        "A-sigmoid-adam",
        "sigmoid with Adam",
        30,
        ["early", "units", *NOISY],
        activation="sigmoid",
        **ADAM,
    ),
    pair("A-log", "log(1 + ReLU)", 30, NOISY, only_for="S1.22a S1.22b", activation="log", **ADAM),
    Experiment(
        "A-cv",
        "cross-validation on 1,500 images",
        "folds",
        {**TRAINING, **A, **ADAM, "activation": "relu", "images_drawn": 1_500, "folds": 5},
        runs=50,
        together=5,
    ),
]

# S2: the post of 2017

RMSPROP_2017 = {"name": "rmsprop of keras 2"}  # 0.001 g / (root of v + 1e-8)
S2 = {
    "data": "mnist",
    "scale": "unit",
    "hidden": [512],
    "optimizer": RMSPROP_2017,
    "rates": [0.001],
    "loss": "keras 2",
    "batch": 128,
    "epochs": 5,
}
SIX = {**S2, "hidden": [512] * 6, "also": ["gradients"]}
S2_TODAY = {"optimizer": {"name": "rmsprop"}, "loss": "logits"}

s2_one_layer = [
    training("S2-lin-1", "one linear hidden layer", 100, S2, activation=None),
    training("S2-sig-1", "one sigmoid hidden layer", 100, S2, activation="sigmoid"),
    training(
        "S2-today-lin-1",
        "one linear hidden layer, today's Keras",
        30,
        S2,
        activation=None,
        **S2_TODAY,
    ),
    training(
        "S2-today-sig-1",
        "one sigmoid hidden layer, today's Keras",
        30,
        S2,
        activation="sigmoid",
        **S2_TODAY,
    ),
    training("S2-lin-1-long", "one linear hidden layer", 20, S2, activation=None, epochs=100),
]
s2_six_layers = [
    training("S2-lin-6", "a stack of six linear hidden layers", 30, SIX, 5, activation=None),
    training("S2-sig-6", "a stack of six sigmoid hidden layers", 30, SIX, 5, activation="sigmoid"),
    training(
        "S2-lin-6-slow",
        "a stack of six linear hidden layers at a tenth of the rate",
        20,
        SIX,
        5,
        activation=None,
        rates=[0.0001],
    ),
    training(
        "S2-today-sig-6",
        "a stack of six sigmoid hidden layers, today's Keras",
        20,
        SIX,
        5,
        activation="sigmoid",
        **S2_TODAY,
    ),
]

# S3: the laboratory sheet

S3 = {
    "data": "fashion_mnist",
    "scale": "symmetric",
    "validation": True,
    "hidden": [256, 128],
    "initial_weights": "pytorch",
    "batch": 128,
    "epochs": 10,
    "also": ["gradients", "units", "dead"],
}
S3_PAIRS = [
    (activation, optimizer)
    for activation in ("sigmoid", "tanh", "relu")
    for optimizer in ("sgd", "adam")
]
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "gd": "gradient descent", "mom": "momentum"}

s3_grid = [
    training(
        f"S3-grid-{activation}-{optimizer}",
        f"{NAMES[activation]} with {OPTIMIZERS[optimizer]}",
        10,
        S3,
        together=1,
        first_seed=CHOOSING,
        activation=activation,
        optimizer={"name": optimizer},
        rates=list(SGD_RATES if optimizer == "sgd" else ADAM_RATES),
    )
    for activation, optimizer in S3_PAIRS
]
s3_best = [
    training(
        f"S3-best-{activation}-{optimizer}",
        f"{NAMES[activation]} with {OPTIMIZERS[optimizer]}",
        50,
        S3,
        activation=activation,
        optimizer={"name": optimizer},
        rates={
            "of": f"S3-grid-{activation}-{optimizer}",
            "choice": "highest",
            "column": "validation_accuracy",
            "epoch": 10,
            "times": [1],
        },
    )
    for activation, optimizer in S3_PAIRS
]
s3_time = [
    Experiment(
        "S3-time",
        "Keras' fit, one network alone",
        "wall time",
        {**TRAINING, **S3, "epochs": 3, "pairs": [list(pair) for pair in S3_PAIRS]},
        runs=10,
        together=1,
    )
]

# S1, untrained networks, dead units

GRADIENTS = {"data": "mnist", "scale": "unit", "images": 1_000, "loss": "logits"}
untrained = [
    *(
        Experiment(
            f"grad-{frame}-{activation}",
            f"{NAMES[activation]} with ten layers",
            "untrained",
            {
                **GRADIENTS,
                "hidden": [64] * 10,
                "initial_weights": weights,
                "activation": activation,
            },
            runs=100,
        )
        for frame, weights in (("keras", "glorot"), ("torch", "pytorch"))
        for activation in ("sigmoid", "tanh", "relu")
    ),
    *(
        Experiment(
            f"grad-A-{activation}",
            NAMES[activation],
            "untrained",
            {
                **GRADIENTS,
                "hidden": "convolution",
                "initial_weights": "glorot",
                "activation": activation,
            },
            runs=100,
        )
        for activation in ("sigmoid", "tanh")
    ),
]
DEAD = {
    **TRAINING,
    "data": "fashion_mnist",
    "scale": "unit",
    "images": 10_000,
    "hidden": [128, 64],
    "batch": 32,
    "first": {"activation": "relu", "rate": 0.5, "epochs": 3},
    "then": {"rate": 0.1, "epochs": 5},
    "optimizer": {"name": "sgd"},
}
dead = [
    Experiment(
        f"dead-{slope:g}",
        f"leaky ReLU of slope {slope:g}" if slope else "ReLU",
        "dead units",
        {**DEAD, "slope": slope},
        runs=100,
    )
    for slope in (0, 0.2, 0.01, 0.3)
]

# S1, set-up B: 784-64-10 on 1,920 images. "gd" takes all images a step, and 600 steps.

B = {
    "data": "mnist",
    "scale": "unit",
    "images": 1_920,
    "hidden": [64],
    "activation": "relu",
    "initial_weights": "glorot",
    "loss": "logits",
    "batch": 32,
    "steps": 600,
    "optimizer": {"name": "sgd"},
    "gradient_noise": 0,  # its sd, in units of the layer's rms gradient
    "gradient_outliers": 0,  # the share of steps whose gradient is multiplied by -100
    "random_labels": 0,  # the share of the images whose label is drawn from all ten
    "also": [],
}
B_KINDS = {
    "sgd": {},
    "gd": {"batch": 1_920},
    "mom": {"optimizer": MOMENTUM},
    "adam": {"optimizer": {"name": "adam"}},
}


def steps(name, label, runs, kind, rates, first_seed=JUDGING, only_for="", **changes):
    settings = {**B, **B_KINDS[kind], "rates": rates, **changes}
    return Experiment(name, label, "steps", settings, runs, first_seed, only_for=only_for)


def best_of(optimizer, times=(1,), epoch=None):
    """The rate with the lowest mean training loss at the end, times some factors."""
    epoch = epoch or (600 if optimizer == "gd" else 10)
    return {
        "of": f"B-grid-{optimizer}",
        "choice": "lowest",
        "column": "training_loss",
        "epoch": epoch,
        "times": list(times),
    }


NEIGHBOURS = (1 / ROOT_10, 1, ROOT_10)
FULL_LOSS, NORM = {"also": ["full loss"]}, {"also": ["gradient norm"]}
# The smallest rate at which the loss rises in more than 6 of the first 60 steps, on average.
FIRST_RISING = {"of": "B-grid-gd", "choice": "rising", "above": 6, "times": [1]}

b_grid = [
    steps(
        f"B-grid-{name}",
        OPTIMIZERS[name],
        10,
        name,
        list(ADAM_RATES if name == "adam" else SGD_RATES),
        CHOOSING,
        also=["full loss"] if name == "gd" else [],
    )
    for name in B_KINDS
]
b_judge = [
    steps("B-judge-sgd", "SGD", 100, "sgd", best_of("sgd", (0.01, *NEIGHBOURS, 100)), **FULL_LOSS),
    steps("B-judge-gd", "gradient descent", 100, "gd", best_of("gd", NEIGHBOURS), **FULL_LOSS),
    steps("B-judge-gd-10", "gradient descent", 100, "gd", best_of("gd", epoch=10), steps=10),
    steps("B-judge-mom", "momentum", 100, "mom", best_of("mom", NEIGHBOURS)),
    steps("B-judge-adam", "Adam", 100, "adam", best_of("adam", NEIGHBOURS)),
]
b_beta = [
    *(
        steps(
            f"B-beta-{kind}-{beta}",
            f"{label} {beta}",
            100,
            kind,
            best_of(kind),
            optimizer={**B_KINDS[kind]["optimizer"], coefficient: beta},
            **NORM,
        )
        for kind, label, coefficient in (
            ("mom", "momentum", "momentum"),
            ("adam", "Adam with beta1", "beta_1"),
        )
        for beta in (0.99, 0.999)
    ),
    steps("B-beta-gd", "plain", 100, "gd", FIRST_RISING, steps=60, **FULL_LOSS),
    steps(
        "B-beta-gd-mom",
        "momentum",
        100,
        "gd",
        FIRST_RISING,
        steps=60,
        optimizer=MOMENTUM,
        **FULL_LOSS,
    ),
    steps(
        "B-beta-gd-mom-tenth",
        "momentum at a tenth of the rate",
        100,
        "gd",
        {**FIRST_RISING, "times": [0.1]},
        steps=60,
        optimizer=MOMENTUM,
        **FULL_LOSS,
    ),
]
NOISES = {
    "noise-1": {"gradient_noise": 1},
    "noise-3": {"gradient_noise": 3},
    "outliers": {"gradient_outliers": 0.01},
    "labels": {"random_labels": 0.4},
}
ONE_V = {"name": "adam, one v a layer"}
b_noise = [
    *(
        steps(f"B-{noise}-{name}", OPTIMIZERS[name], 100, name, best_of(name), **NOISES[noise])
        for noise, name in [
            *((noise, name) for noise in ("noise-1", "noise-3") for name in ("sgd", "adam")),
            *(("outliers", name) for name in ("sgd", "adam")),
            *(("labels", name) for name in ("sgd", "gd", "adam")),
        ]
    ),
    *(
        steps(
            f"B-{noise}-one-v",
            "Adam with one v a layer",
            100,
            "adam",
            best_of("adam"),
            only_for=effects,
            optimizer=ONE_V,
            **NOISES.get(noise, {}),
        )
        for noise, effects in [
            ("clean", "S1.25a S1.25b"),
            ("noise-1", "S1.25a"),
            ("noise-3", "S1.25a"),
            ("outliers", "S1.25b"),
        ]
    ),
]

# S1, set-up C: drawn anew for each seed

VALLEY = {"tilt": [0.1, 0.5], "starts": [-2, 2, 401], "steps": 1_000, "slope_sd": 2, "examples": 32}
c_valley = [
    Experiment(
        f"C-valley-{name}-{rate}",
        f"{OPTIMIZERS[name]} at rate {rate}",
        "valley",
        {**VALLEY, "rates": [rate], "momentum": 0.9 * (name == "mom"), "noisy": name == "sgd"},
        runs=100,
    )
    for name, rate in [
        *(("gd", rate) for rate in (0.1, 0.03, 0.01)),
        *(("sgd", rate) for rate in (0.1, 0.03)),
        ("mom", 0.01),
    ]
]
SPARSE = {
    "classes": 10,
    "examples_of_a_class": 1_000,
    "on_in_own_class": [0.5, 0.05, 0.005],
    "elsewhere": 0.1,
    "batch": 32,
    "epochs": 5,
}
c_sparse = [
    *(
        Experiment(
            f"C-sparse-grid-{name}",
            OPTIMIZERS[name],
            "sparse",
            {
                **SPARSE,
                "optimizer": {"name": name},
                "rates": list(ADAM_RATES if name == "adam" else SGD_RATES),
            },
            runs=10,
            first_seed=CHOOSING,
        )
        for name in ("sgd", "adam")
    ),
    *(
        Experiment(
            f"C-sparse-{name}",
            OPTIMIZERS[name],
            "sparse",
            {
                **SPARSE,
                "optimizer": {"name": name},
                "rates": {
                    "of": f"C-sparse-grid-{name}",
                    "choice": "lowest",
                    "column": "training_loss",
                    "epoch": 5,
                    "times": [1],
                },
            },
            runs=100,
        )
        for name in ("sgd", "adam")
    ),
]
REGRESSION = {
    "data": "friedman 1",
    "examples": [500, 2_000],  # to train, to test
    "hidden": [64],
    "activation": "relu",
    "optimizer": {"name": "adam"},
    "batch": 32,
    "epochs": 200,
}
c_regression = [
    Experiment(
        f"C-reg-{output}-{scale}",
        f"{output} at the output" if output == "tanh" else "no activation at the output",
        "regression",
        {**REGRESSION, "output": output, "targets": scale},
        runs=100,
    )
    for scale in ("range", "standard")
    for output in ("tanh", "none")
]
time = [Experiment("time", "single operations", "operations", {"repeats": 20}, 30, together=30)]

BLOCKS = {
    "S0, two layers": s0_two_layers,
    "S4": s4,
    "S1, four pairs": a_four_pairs,
    "S2, one layer": s2_one_layer,
    "S3": s3_grid + s3_best,
    "S2, six layers": s2_six_layers,
    "S0, eight layers, raw pixels": s0_deep_and_raw,
    "S1, one thing changed": a_one_change,
    "S1, untrained and dead": untrained + dead,
    "S1, optimizers (B)": b_grid + b_judge + b_beta + b_noise,
    "S1, drawn problems (C)": c_valley + c_sparse + c_regression,
    "seconds": time + s3_time,
}
EXPERIMENTS = {one.name: one for block in BLOCKS.values() for one in block}
