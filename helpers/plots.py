"""The series' figures: one function a figure, each returns its Axes (or an array of them); none calls plt.show."""

import io
import itertools

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


def set_theme():
    """Large type and colours that colour-blind readers can tell apart, for this figure and all that follow."""
    sns.set_theme(context="talk", style="whitegrid", palette="colorblind")


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
            options = {"marker": marker if len(epochs) <= 15 else None, "color": colour}
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
    """How likely class 1 is at each place in the plane (white: a coin toss), and the labelled points.

    probability: a function from points (number, 2) to the probability of class 1 (number,), in [0, 1].
    points (number, 2); labels (number,), 0 or 1.
    """
    ax = _axes(ax, figsize=(6, 5))
    low, high = np.min(points) - 0.5, np.max(points) + 0.5
    xx, yy = np.meshgrid(np.linspace(low, high, 200), np.linspace(low, high, 200))
    response = probability(np.column_stack([xx.ravel(), yy.ravel()]).astype(np.float32)).reshape(
        xx.shape
    )
    palette = sns.color_palette("colorblind", 2)
    colours = matplotlib.colors.LinearSegmentedColormap.from_list(
        "classes", [palette[0], "white", palette[1]]
    )
    filled = ax.contourf(xx, yy, response, levels=np.linspace(0, 1, 21), cmap=colours, alpha=0.7)
    ax.figure.colorbar(filled, ax=ax, label="probability of class 1", ticks=(0, 0.5, 1))
    for label, colour, marker in zip(range(2), palette, MARKERS, strict=False):
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


def verdicts_by_source(counts, ax=None):
    """How many claims of each source held: a bar a source, a part with its number for each group of verdicts.

    counts: as `evidence.count_verdicts` returns it. A group without any claim is left out.
    """
    ax = _axes(ax, figsize=(12, 5))
    looks = {
        "held": ("C0", ""),
        "undecided": ("0.8", "//"),
        "did not hold": ("C1", ""),
        "missing": ("white", ".."),
    }
    start = np.zeros(len(counts))
    for group in counts.columns[counts.sum() > 0]:
        colour, hatch = looks[group]
        bars = ax.barh(
            counts.index,
            counts[group],
            left=start,
            color=colour,
            hatch=hatch,
            edgecolor="0.2",
            label=group,
        )
        numbers = [str(count) if count else "" for count in counts[group]]
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}
        for text in ax.bar_label(bars, numbers, label_type="center"):
            text.set_bbox(box if text.get_text() else None)
        start += counts[group].to_numpy()
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.set(xlabel="number of claims", xlim=(0, 1.02 * start.max()))
    ax.legend(loc="lower right", ncols=2)
    return ax


def _axes(ax, figsize=(11, 4.5)):
    return plt.subplots(figsize=figsize, layout="constrained")[1] if ax is None else ax


def _colours(count):
    return sns.color_palette("colorblind", max(count, 1))
