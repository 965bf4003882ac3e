"""The series' figures: one function a figure, each returns its Axes (or an array of them); `show` displays it."""

import io
import itertools
import textwrap

import IPython.display
import ipywidgets
import matplotlib.colors
import matplotlib.figure
import matplotlib.pyplot as plt
import matplotlib.ticker
import numpy as np
import seaborn as sns
import sklearn.metrics

MARKERS = "oDs^vXP*"
LINE_STYLES = ("-", "--")
METRIC_NAMES = {
    "loss": "training loss",
    "val_loss": "validation loss",
    "accuracy": "training accuracy",
    "val_accuracy": "validation accuracy",
    "learning_rate": "learning rate",
    "seconds": "seconds",
}


# One colour per activation and optimizer through the whole series; a name that holds one has it, too.
COLOURS = {
    "leaky ReLU": "#ca9161",
    "ReLU": "#0173b2",
    "shifted sigmoid": "#d55e00",
    "steep sigmoid": "#00513d",
    "sigmoid": "#de8f05",
    "tanh": "#029e73",
    "no activation": "#555555",
    "SGD": "#cc78bc",
    "momentum": "#8e3179",
    "Adam": "#56b4e9",
    "gradient descent": "#949494",
}
CLASS_COLOURS = sns.color_palette("colorblind", 2)
CLASS_MAP = matplotlib.colors.LinearSegmentedColormap.from_list(  # of the probability of class 1
    "classes", [CLASS_COLOURS[0], "white", CLASS_COLOURS[1]]
)


def colour_of(label):
    """The colour of an activation or optimizer by its name, or grey."""
    return next((colour for name, colour in COLOURS.items() if name in label), "#666666")


def set_theme():
    """Large type and colours that colour-blind readers can tell apart, for this figure and all that follow."""
    sns.set_theme(context="talk", style="whitegrid", palette="colorblind")


def show(alt):
    """Display the current figure with `alt`, one or two sentences for readers who cannot see it, and close it.

    The notebook keeps them beside the picture, where slides and pages find them (`metadata["image/png"]["alt"]`).
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt is {alt!r}: say in a sentence what one sees in the figure.")
    IPython.display.display(plt.gcf(), metadata={"image/png": {"alt": " ".join(alt.split())}})
    plt.close()


def learning_curves(runs, metrics=("loss", "val_loss"), ax=None, judged_on="validation"):
    """Metrics by epoch: one colour and marker per label, solid for the first metric, dashed for the second.

    runs: {label: `training.Runs`}; of several copies the mean is drawn, and a band from the lowest to the highest. Both
        end where a copy diverges.
    metrics: one metric that was recorded, or the training and the validation part of one, such as the default.
    judged_on: what the labels call the data behind val_loss and val_accuracy; "test" where it was the test set.
    """
    names = {metric: name.replace("validation", judged_on) for metric, name in METRIC_NAMES.items()}
    ax = _axes(ax)
    if isinstance(metrics, str) or not 1 <= len(metrics) <= len(LINE_STYLES):
        raise ValueError(
            f"metrics is {metrics!r}: give a tuple of one or two of {', '.join(METRIC_NAMES)}."
        )
    looks = zip(_colours(len(runs)), itertools.cycle(MARKERS))
    for (label, run), (colour, marker) in zip(runs.items(), looks, strict=False):
        scored = run.table.filter(like="val_").notna().any()  # none of them without validation data
        recorded = [name for name in METRIC_NAMES if name in run.table and scored.get(name, True)]
        if run.table.groupby("epoch").learning_rate.nunique().max() > 1:
            raise ValueError(
                "the copies have different learning rates: their mean would say nothing. "
                "Choose one with by_rate."
            )
        for metric, style in zip(metrics, LINE_STYLES, strict=False):
            if metric not in recorded:
                raise ValueError(f"the run has no {metric!r}: it recorded {', '.join(recorded)}.")
            curves = run.curves(metric)
            epochs = np.arange(1, curves.shape[1] + 1)
            name = f"{label}, {names[metric].split()[0]}" if len(metrics) > 1 else label
            options = {"marker": marker, "color": colour, "markevery": -(-len(epochs) // 15)}
            ax.plot(epochs, curves.mean(axis=0), linestyle=style, label=name, **options)
            if len(curves) > 1:
                band = curves.min(axis=0), curves.max(axis=0)
                ax.fill_between(epochs, *band, color=colour, alpha=0.2, linewidth=0)
    ylabel = names[metrics[0]].split()[-1] if len(metrics) > 1 else names[metrics[0]]
    ax.set(xlabel="epoch", ylabel=ylabel)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    ax.legend()
    return ax


def with_controls(draw, controls, figsize=(10, 4)):
    """Controls and, below them, a picture that is drawn again whenever one of them changes.

    draw: a function (ax, **values) that draws on an empty Axes, one keyword per control.
    controls: {keyword: ipywidgets control}. Returns an ipywidgets.VBox to show as a cell's last value.
    """
    picture = ipywidgets.Image(format="png")

    def redraw(change=None):
        # A Figure of its own: one of pyplot's would be kept, and shown a second time.
        figure, buffer = matplotlib.figure.Figure(figsize, layout="constrained"), io.BytesIO()
        draw(figure.subplots(), **{name: control.value for name, control in controls.items()})
        figure.savefig(buffer, dpi=72)
        picture.value = buffer.getvalue()

    for control in controls.values():
        control.observe(redraw, "value")
    redraw()
    return ipywidgets.VBox([ipywidgets.HBox(list(controls.values())), picture])


def confusion_matrix(y_true, y_predicted, class_names):
    """Two panels: how often each class (row) was taken for each (column), in counts and in per cent of the row.

    y_true, y_predicted: class numbers (examples,). Returns both Axes.
    """
    _, axes = plt.subplots(1, 2, figsize=(13, 6), layout="constrained")
    labels = range(len(class_names))
    rotation = 45 if max(map(len, class_names)) > 2 else 0
    for ax, normalize, factor, title in zip(
        axes, (None, "true"), (1, 100), ("counts", "% of each row"), strict=True
    ):
        matrix = sklearn.metrics.confusion_matrix(
            y_true, y_predicted, labels=labels, normalize=normalize
        )
        display = sklearn.metrics.ConfusionMatrixDisplay(
            matrix * factor, display_labels=class_names
        )
        display.plot(
            ax=ax,
            cmap="Blues",
            colorbar=False,
            values_format=".0f",
            xticks_rotation=rotation,
            text_kw={"fontsize": "small"},
        )
        ax.set_title(title)
        ax.grid(False)
        ax.set(xlabel="predicted", ylabel="true")
    return axes


def activation_and_derivative(function, derivative, name, x=None):
    """Two panels: an activation function and its derivative, both callables on a NumPy array. Returns both Axes."""
    x = np.linspace(-6, 6, 601) if x is None else x
    _, axes = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
    for ax, values, title in zip(
        axes, (function(x), derivative(x)), (name, f"derivative of {name}"), strict=True
    ):
        ax.axhline(0, color="0.5", linewidth=1)
        ax.axvline(0, color="0.5", linewidth=1)
        ax.plot(x, values, linewidth=4)
        ax.set(title=title, xlabel="x")
    return axes


def two_roads(corners, ax=None, title=""):
    """A square of four accuracies and the gain along each side: two roads from its lower left to its upper right.

    corners: {(activation, optimizer): accuracy in per cent}, two of each; the first pair is where the roads begin.
    """
    ax = _axes(ax, figsize=(7.5, 5))
    activations = list(dict.fromkeys(activation for activation, _ in corners))
    optimizers = list(dict.fromkeys(optimizer for _, optimizer in corners))
    if len(corners) != 4 or len(activations) != 2 or len(optimizers) != 2:
        raise ValueError("corners must have four pairs: two activations, each with two optimizers.")
    places = {}
    for y, activation in enumerate(activations):
        for x, optimizer in enumerate(optimizers):
            places[x, y] = round(corners[activation, optimizer])  # so that both roads add up
            box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "linewidth": 4}
            box["edgecolor"] = colour_of(activation)
            text = f"{places[x, y]} %"
            ax.text(x, y, text, ha="center", va="center", fontsize=24, bbox=box, zorder=3)
    arrow = {"arrowstyle": "-|>", "linewidth": 4, "shrinkA": 58, "shrinkB": 58}
    arrow["mutation_scale"] = 28
    for start, end in (((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 0), (0, 1)), ((1, 0), (1, 1))):
        across = start[1] == end[1]
        look = {**arrow, "color": colour_of(optimizers[1] if across else activations[1])}
        ax.annotate("", end, start, arrowprops=look)
        middle = np.add(start, end) / 2 + ((0, 0.08) if across else (0.04, 0))
        sides = {"ha": "center", "va": "bottom"} if across else {"ha": "left", "va": "center"}
        ax.text(*middle, f"{places[end] - places[start]:+d}", fontsize=22, **sides)
    ax.set(xlim=(-0.35, 1.35), ylim=(-0.4, 1.4), title=title)
    ax.set_xticks([0, 1], optimizers)
    ax.set_yticks([0, 1], activations)
    ax.grid(False)
    return ax


def image_grid(images, titles, columns=10):
    """Grey images (number, height, width) in rows of `columns`, each under its title; returns the array of Axes."""
    if len(images) != len(titles) or not len(images):
        raise ValueError(
            f"{len(images)} images and {len(titles)} titles: give one title an image, and at least one."
        )
    rows, size = -(-len(images) // columns), min(12.5 / columns, 1.9)
    _, axes = plt.subplots(
        rows,
        columns,
        figsize=(size * columns, 1.25 * size * rows),
        layout="constrained",
        squeeze=False,
    )
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, images, titles, strict=False):
        ax.imshow(image, cmap="gray_r")
        ax.set_title(title, fontsize="small")
    return axes


def misclassified(images, y_true, probabilities, class_names, columns=5, rows=2):
    """The wrong answers that the model was surest of, titled "true -> predicted (probability)"; returns the Axes.

    images (examples, height, width); y_true (examples,); probabilities (examples, classes), each row summing to 1.
    """
    sums = np.sum(probabilities, axis=1)
    if not np.allclose(sums, 1, atol=1e-3):
        raise ValueError("probabilities must sum to 1 in every row: apply softmax to logits first.")
    predicted = np.argmax(probabilities, axis=1)
    sureness = np.where(predicted == y_true, -1.0, np.max(probabilities, axis=1))
    worst = [k for k in np.argsort(-sureness, kind="stable")[: columns * rows] if sureness[k] >= 0]
    if not worst:
        raise ValueError("there is no wrong answer to show.")
    titles = [
        f"{class_names[y_true[k]]} → {class_names[predicted[k]]}\n{sureness[k]:.0%}" for k in worst
    ]
    return image_grid(np.asarray(images)[worst], titles, columns)


def decision_boundary(probability, points, labels, ax=None, title=""):
    """How likely class 1 is at each place in the plane (white: a coin toss; hatched: 60 % or more), and the points.

    probability: a network, or a function, from points (number, 2) to the probability of class 1, in
        [0, 1], (number,) or (number, 1).
    points (number, 2); labels (number,), 0 or 1.
    """
    ax = _axes(ax, figsize=(6, 5))
    low, high = np.min(points) - 0.5, np.max(points) + 0.5
    xx, yy = np.meshgrid(np.linspace(low, high, 200), np.linspace(low, high, 200))
    plane = np.column_stack([xx.ravel(), yy.ravel()]).astype(np.float32)
    response = np.asarray(probability(plane)).reshape(xx.shape)
    looks = {"cmap": CLASS_MAP, "alpha": 0.7, "hatches": 12 * [None] + 8 * ["//"]}  # one per level
    filled = ax.contourf(xx, yy, response, levels=np.linspace(0, 1, 21), **looks)
    ax.figure.colorbar(filled, ax=ax, label="probability of class 1", ticks=(0, 0.5, 1))
    for label, colour, marker in zip(range(2), CLASS_COLOURS, MARKERS, strict=False):
        chosen = np.asarray(points)[np.asarray(labels) == label]
        ax.scatter(
            *chosen.T,
            color=colour,
            marker=marker,
            edgecolor="black",
            s=250,
            label=f"class {label}",
            zorder=3,
        )
    ax.set(
        title=title,
        xlabel="first input",
        ylabel="second input",
        aspect="equal",
        xticks=(0, 1),
        yticks=(0, 1),
    )
    ax.grid(False)
    return ax


def hundred_runs(panels, title=""):
    """Every run of the study as a dot, a line per condition, its mean in black; differences below.

    panels: a list of dictionaries, one per measure, with
        runs: {label: array of one number per run}; axis: what they measure;
        marks: [(number, text)], figures to compare with, drawn as dashed lines;
        differences: [("a minus b", mean, low, high, delta)] with their 99 % intervals and the smallest
            difference that matters, drawn as a grey band, or 0; difference_marks: [(number, text)],
            which a difference has to pass;
        yours: {label: numbers} of the learner, drawn as stars.
    title: over them all. Returns the Axes.
    """
    beside = len(panels) > 1  # several measures: their differences to the right
    heights = []
    for panel in panels:
        differences = len(panel["differences"])
        heights.append(max(len(panel["runs"]), 1.4 * differences * beside))
        if differences and not beside:
            heights.append(0.8 * differences)
    height = 1.2 * len(heights) + 0.75 * sum(heights) + 0.3 * title.count("\n")
    height = min(height, 7.0)  # a slide
    figure = plt.figure(figsize=(12 if beside else 11, height), layout="constrained")
    columns = 1 + (beside and any(panel["differences"] for panel in panels))
    grid = figure.add_gridspec(
        len(heights), columns, height_ratios=heights, width_ratios=[3, 2][:columns]
    )
    if title:
        figure.suptitle(title, fontsize=16)
    row, lowest = 0, None
    for panel in panels:
        place = row, 0
        _draw_runs(figure.add_subplot(grid[place]), panel, beside)
        if panel["differences"]:
            place = (row, 1) if beside else (row + 1, 0)
            lowest = figure.add_subplot(grid[place])
            _draw_differences(lowest, panel, beside)
        row = place[0] + 1
    if lowest:  # the same words under each would leave no room for the dots
        grey = "\n(grey: too small)" if beside else " (grey: too small to matter)"
        bands = any(delta for panel in panels for *_, delta in panel["differences"])
        smaller = {"fontsize": 14} if beside else {}
        lowest.set_xlabel("difference, 99 % interval" + grey * bands, **smaller)
    return np.array(figure.axes)


def _draw_runs(ax, panel, narrow):
    for place, (label, values) in enumerate(panel["runs"].items()):
        values = np.asarray(values, float)
        # Spread evenly, in the order of the seeds: the same picture each time.
        height = place + 0.5 * (np.arange(len(values)) * 0.618 % 1 - 0.5)
        ax.plot(values, height, "o", color=colour_of(label), alpha=0.5, markersize=6)
        ax.plot(2 * [values.mean()], [place - 0.4, place + 0.4], color="black", linewidth=3)
        if label in panel["yours"]:
            stars = panel["yours"][label]
            looks = {"markersize": 24, "color": "white", "markeredgecolor": "black"}
            ax.plot(stars, np.full(len(stars), place), "*", label="yours", **looks)
    _draw_marks(ax, panel["marks"])
    labels = [textwrap.fill(label, 28) if narrow else label for label in panel["runs"]]
    ax.set(yticks=range(len(labels)), yticklabels=labels, ylim=(len(labels) - 0.4, -0.6))
    ax.set_xlabel(textwrap.fill(panel["axis"], 52 if narrow else 80))
    ax.tick_params(axis="y", labelsize=14 if narrow else None)
    if narrow:
        ax.locator_params(axis="x", nbins=4)
    ax.grid(False, axis="y")
    if panel["yours"]:
        handles, names = ax.get_legend_handles_labels()
        place = {"loc": "lower right", "bbox_to_anchor": (1, 0.95), "frameon": False}
        ax.legend(handles[:1], names[:1], **place)


def _draw_marks(ax, marks):
    for place, (number, text) in enumerate(dict.fromkeys(marks)):
        ax.axvline(number, color="0.3", linestyle="--")
        options = {"xytext": (0, 4 + 18 * place), "textcoords": "offset points", "ha": "center"}
        ax.annotate(text, (number, 1), xycoords=("data", "axes fraction"), fontsize=14, **options)


def _draw_differences(ax, panel, narrow):
    rows = panel["differences"]
    _draw_marks(ax, panel["difference_marks"])
    ax.axvline(0, color="0.3")
    for place, (_, mean, low, high, delta) in enumerate(rows):
        if delta:
            ax.fill_betweenx([place - 0.6, place + 0.6], -delta, delta, color="0.88", linewidth=0)
        ax.plot([low, high], [place, place], color="black", linewidth=5, solid_capstyle="butt")
        ax.plot(mean, place, "D", color="black", markersize=9)
    names = [_difference_label(name, narrow) for name, *_ in rows]
    ax.set(yticks=range(len(rows)), yticklabels=names, ylim=(len(rows) - 0.4, -0.6))
    many = len(rows) > 3
    small = narrow or any("\n" in name for name in names)
    ax.tick_params(axis="y", labelsize=12 if many else 14 if small else None)
    if narrow:
        ax.locator_params(axis="x", nbins=4)
    ax.grid(False, axis="y")


def _difference_label(name, narrow):
    """ "a minus b" as the label of an axis: in one line, or where that is too long, in several."""
    if len(name) < (26 if narrow else 36):
        return name.replace(" minus ", " − ")
    return "\n− ".join(textwrap.fill(side, 28) for side in name.split(" minus "))


WORD_COLOURS = {
    "supported": "#029e73",
    "supported, but small": "#8fd3bd",
    "no difference that matters": "#949494",
    "undecided": "#949494",
    "not shown here": "#949494",
    "refuted": "#d55e00",
}


def readers(table, ax=None):
    """Of 100 readers, how many would see each claim: a row of 100 dots each, those who would filled; the verdict.

    table: as `evidence.readers_by_claim` returns it.
    """
    ax = _axes(ax, figsize=(13.5, min(6.7, 1.6 + 0.33 * len(table))))
    places = np.arange(100)
    for row, line in enumerate(table.itertuples()):
        colour = WORD_COLOURS[line.word]
        seen = places < round(line.readers)
        for who, filled in ((seen, colour), (~seen, "none")):
            look = {"s": 18, "facecolor": filled, "edgecolor": colour, "linewidths": 0.8}
            ax.scatter(places[who] + 0.5, np.full(who.sum(), row), **look)
        if np.isfinite(line.chance):
            ax.plot(2 * [line.chance], [row - 0.4, row + 0.4], color="black", linewidth=2)
        ax.text(108, row, f"{line.readers:.0f}", va="center", ha="right", fontsize=13)
        ax.text(110, row, line.word, va="center", fontsize=12)
    labels = [f"{line.statement} ({line.claim})" for line in table.itertuples()]
    ax.set_yticks(range(len(table)), labels, fontsize=12)
    ax.set(
        ylim=(len(table) - 0.4, -0.6), xlim=(0, 151), xlabel="of 100 readers who run the code once"
    )
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.grid(False)
    for filled, label in (("0.3", "would see it"), ("none", "would not")):
        ax.scatter([], [], s=60, facecolor=filled, edgecolor="0.3", label=label)
    ax.plot([], [], color="black", label="chance")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=5, fontsize=12, frameon=False)
    ax.figure.suptitle(
        "Some claims nearly every reader sees, others are a toss of a coin", fontsize=18
    )
    return ax


def wrong_orders(table, ax=None):
    """How often so few seeds give the wrong order: a line per claim.

    table: as `evidence.wrong_orders` returns it. Claims that one seed gets right more than 99 times in
    100 are counted in the title, not drawn.
    """
    ax = _axes(ax)
    hard = table[table.iloc[:, 0] > 1]
    for name, line in hard.iterrows():
        ax.plot(range(len(line)), line, marker="o", color="0.4", alpha=0.6)
        last = line.dropna()
        ax.annotate(
            name,
            (len(last) - 1, last.iloc[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            fontsize=10,
        )
    ax.axhline(50, color="0.7", linestyle="--")
    ax.set_xticks(range(table.shape[1]), table.columns)
    ax.set(
        xlabel="seeds",
        ylabel="wrong order (% of tries)",
        title=f"{len(table) - len(hard)} of {len(table)} rankings need one seed only",
    )
    return ax


def _axes(ax, figsize=(11, 4.5)):
    return plt.subplots(figsize=figsize, layout="constrained")[1] if ax is None else ax


def _colours(count):
    return sns.color_palette("colorblind", max(count, 1))
