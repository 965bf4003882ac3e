from helpers import plots, training

import IPython.display
import ipywidgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

LETTERS = ("a", "b", "c")
IMAGES = np.random.default_rng(0).random((6, 4, 5))
TRUE = np.array([0, 0, 1, 1, 2, 2])
SURE = np.array(
    [
        [0.9, 0.1, 0.0],
        [0.3, 0.7, 0.0],
        [0.95, 0.05, 0.0],
        [0.1, 0.8, 0.1],
        [0.0, 0.6, 0.4],
        [0.0, 0.0, 1.0],
    ]
)


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


READERS = pd.DataFrame(
    {
        "claim": ["S0.2", "S0.7"],
        "statement": ["ReLU ends above sigmoid", "tanh does better than sigmoid"],
        "readers": [71.4, 30.0],
        "chance": [50.0, np.nan],
        "word": ["supported, but small", "refuted"],
    }
)
PANEL = {
    "runs": {"ReLU": np.array([1.0, 2.0]), "tanh": np.array([3.0, 4.0])},
    "axis": "test accuracy (%)",
    "marks": [(2.5, "published: 2.5")],
    "differences": [("ReLU\nminus tanh", -2.0, -3.0, -1.0, 0.25)],
    "difference_marks": [(-0.5, "0.5")],
    "yours": {"tanh": [3.5]},
}


def one_run(**columns):
    columns = columns or {"loss": [0.9, 0.5, 0.3], "val_loss": [1.0, 0.7, 0.6]}
    table = pd.DataFrame(columns).assign(copy=0, learning_rate=0.1)
    return training.Runs(table.assign(epoch=table.index + 1), [None])


def three_seeds():
    rows = [
        {
            "copy": k,
            "learning_rate": 0.1,
            "epoch": epoch,
            "loss": (k + 1) / epoch,
            "val_loss": (k + 2) / epoch,
        }
        for epoch in (1, 2, 3)
        for k in range(3)
    ]
    return training.Runs(pd.DataFrame(rows), [None] * 3)


def every_figure():
    square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    yield plots.learning_curves({"one": one_run(), "several": three_seeds()})
    yield plots.confusion_matrix(TRUE, SURE.argmax(axis=1), LETTERS)
    yield plots.activation_and_derivative(np.tanh, lambda x: 1 - np.tanh(x) ** 2, "tanh")
    yield plots.image_grid(IMAGES, list("abcdef"), columns=4)
    yield plots.misclassified(IMAGES, TRUE, SURE, LETTERS)
    yield plots.decision_boundary(
        lambda points: (points[:, 0] > 0.5).astype(int), square, [0, 0, 1, 1]
    )
    yield plots.readers(READERS)
    yield plots.hundred_runs([PANEL], "a claim")


def lines_alike(ax):
    """Labels of lines with the line style and marker of another one: without colours nobody tells them apart."""
    lines = [line for line in ax.lines if not line.get_label().startswith("_")]
    looks = [(line.get_linestyle(), line.get_marker()) for line in lines]
    return [
        line.get_label() for line, look in zip(lines, looks, strict=True) if looks.count(look) > 1
    ]


def test_no_figure_tells_lines_apart_by_colour_alone():
    for axes in every_figure():
        for ax in np.ravel(axes):
            assert lines_alike(ax) == []


def y_of(line):
    return np.asarray(line.get_ydata(), dtype=float)


def test_figures_leave_the_settings_of_matplotlib_alone_and_show_nothing(monkeypatch):
    monkeypatch.setattr(
        plt, "show", lambda *args, **kwargs: pytest.fail("a helper called plt.show")
    )
    before = dict(mpl.rcParams)
    assert len(list(every_figure())) == 8
    assert dict(mpl.rcParams) == before


def test_show_keeps_the_text_beside_the_picture(monkeypatch):
    shown = []
    monkeypatch.setattr(
        IPython.display, "display", lambda *args, **names: shown.append((args, names))
    )
    figure = plt.figure()
    plots.show("""Two lines
        cross.""")
    assert shown == [((figure,), {"metadata": {"image/png": {"alt": "Two lines cross."}}})]
    assert not plt.get_fignums()
    for alt in ("", None):
        with pytest.raises(ValueError, match="say in a sentence"):
            plots.show(alt)


def test_figures_can_be_drawn():
    for axes in every_figure():
        np.atleast_1d(axes).flat[0].figure.canvas.draw()


def test_set_theme_enlarges_type_and_sets_the_colour_blind_palette():
    with mpl.rc_context():
        mpl.rcdefaults()
        plots.set_theme()
        assert mpl.rcParams["axes.labelsize"] >= 16
        assert mpl.colors.to_hex(mpl.rcParams["axes.prop_cycle"].by_key()["color"][0]) == "#0173b2"


def test_learning_curves_draws_one_line_for_each_run_and_metric():
    runs = {"one": one_run(), "other": one_run(loss=[2.0, 1.0], val_loss=[3.0, 2.0])}
    ax = plots.learning_curves(runs)
    assert isinstance(ax, plt.Axes)
    labels = {line.get_label(): line for line in ax.lines}
    assert list(labels) == [
        "one, training",
        "one, validation",
        "other, training",
        "other, validation",
    ]
    np.testing.assert_array_equal(y_of(labels["one, validation"]), [1.0, 0.7, 0.6])
    np.testing.assert_array_equal(labels["other, training"].get_xdata(), [1, 2])
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--", "-", "--"]
    colours, markers = (
        [getattr(line, get)() for line in ax.lines] for get in ("get_color", "get_marker")
    )
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert markers[0] == markers[1] != markers[2] == markers[3]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(labels)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert not ax.collections


def test_learning_curves_call_validation_data_what_they_were():
    runs = {"relu": one_run()}
    assert (
        plots.learning_curves(runs, metrics=("val_loss",), judged_on="test").get_ylabel()
        == "test loss"
    )
    ax = plots.learning_curves(runs, metrics=("loss", "val_loss"), judged_on="test")
    assert [line.get_label() for line in ax.lines] == ["relu, training", "relu, test"]


def test_controls_draw_their_picture_again():
    drawn = []
    slider = ipywidgets.FloatSlider(0.5, min=0, max=1)
    controls = {"beta": slider, "name": ipywidgets.Dropdown(options=["a", "b"])}
    box = plots.with_controls(lambda ax, **values: drawn.append((type(ax), values)), controls)
    _, picture = box.children
    assert bytes(picture.value[:4]) == b"\x89PNG"
    slider.value = 0.75
    assert drawn == [(plt.Axes, {"beta": beta, "name": "a"}) for beta in (0.5, 0.75)]
    assert not plt.get_fignums()


def test_learning_curves_of_one_metric_are_named_after_their_run():
    ax = plots.learning_curves({"relu": one_run()}, metrics=("val_loss",))
    assert [line.get_label() for line in ax.lines] == ["relu"]
    assert ax.get_ylabel() == "validation loss"


def test_learning_curves_of_seeds_are_their_mean_with_a_band_from_lowest_to_highest():
    ax = plots.learning_curves({"sgd": three_seeds()}, metrics=("loss",))
    (line,) = ax.lines
    np.testing.assert_allclose(y_of(line), 2 / np.array([1, 2, 3]))
    (band,) = ax.collections
    corners = band.get_paths()[0].vertices
    for epoch in (1, 2, 3):
        heights = corners[corners[:, 0] == epoch, 1]
        assert (heights.min(), heights.max()) == pytest.approx((1 / epoch, 3 / epoch))


def test_learning_curves_of_one_seed_has_no_band():
    table = three_seeds().table
    single = training.Runs(table[table["copy"] == 1], [None])
    ax = plots.learning_curves({"one seed": single})
    assert not ax.collections
    np.testing.assert_allclose(y_of(ax.lines[0]), 2 / np.array([1, 2, 3]))


def test_learning_curves_end_where_a_copy_diverges():
    run = three_seeds()
    run.table.loc[(run.table["copy"] == 1) & (run.table.epoch == 3), "loss"] = np.nan
    ax = plots.learning_curves({"sgd": run}, metrics=("loss",))
    assert np.isfinite(y_of(ax.lines[0])).tolist() == [True, True, False]


def test_learning_curves_refuses_a_mean_over_learning_rates():
    run = three_seeds()
    run.table.loc[run.table["copy"] == 1, "learning_rate"] = 0.01
    with pytest.raises(ValueError, match="different learning rates"):
        plots.learning_curves({"sweep": run})


def test_learning_curves_refuses_a_metric_that_was_never_measured():
    run = three_seeds()
    run.table["val_accuracy"] = np.nan
    with pytest.raises(ValueError, match="no 'val_accuracy': it recorded"):
        plots.learning_curves({"without validation data": run}, metrics=("val_accuracy",))


def test_learning_curves_keeps_every_run_when_markers_run_out():
    runs = {f"run {k}": one_run() for k in range(12)}
    ax = plots.learning_curves(runs, metrics=("loss",))
    assert [line.get_label() for line in ax.lines] == list(runs)
    assert len({line.get_color() for line in ax.lines[:8]}) == 8


def test_long_learning_curves_have_few_markers_that_still_differ():
    runs = {name: one_run(loss=list(range(40))) for name in ("one", "other")}
    ax = plots.learning_curves(runs, metrics=("loss",))
    assert lines_alike(ax) == []
    assert [line.get_markevery() for line in ax.lines] == [3, 3]


def test_learning_curves_draws_into_the_given_axes():
    _, axes = plt.subplots(1, 2)
    assert plots.learning_curves({"one": one_run()}, ax=axes[1]) is axes[1]
    assert not axes[0].lines


@pytest.mark.parametrize("metrics", ["loss", (), ("loss", "val_loss", "accuracy")])
def test_learning_curves_takes_one_or_two_metrics(metrics):
    with pytest.raises(ValueError, match="give a tuple of one or two of loss, val_loss"):
        plots.learning_curves({"one": one_run()}, metrics=metrics)


@pytest.mark.parametrize("metric", ["val_accuracy", "los", "copy"])
@pytest.mark.parametrize("run", [one_run(), three_seeds()], ids=["one run", "seeds"])
def test_learning_curves_names_what_was_recorded(metric, run):
    with pytest.raises(ValueError, match=f"the run has no '{metric}': it recorded loss, val_loss"):
        plots.learning_curves({"one": run}, metrics=(metric,))


def test_confusion_matrix_shows_counts_and_per_cent_of_each_row():
    axes = plots.confusion_matrix([0, 0, 0, 0, 1, 1, 2], [0, 0, 0, 2, 1, 0, 2], LETTERS)
    assert len(axes) == 2
    counts, per_cent = ([text.get_text() for text in ax.texts] for ax in axes)
    assert counts == ["3", "0", "1", "1", "1", "0", "0", "0", "1"]
    assert per_cent == ["75", "0", "25", "50", "50", "0", "0", "0", "100"]
    for ax in axes:
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
        for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
            assert [label.get_text() for label in labels] == list(LETTERS)
    assert [ax.get_title() for ax in axes] == ["counts", "% of each row"]


def test_confusion_matrix_keeps_classes_that_do_not_occur():
    axes = plots.confusion_matrix([0, 1], [0, 0], LETTERS)
    assert [text.get_text() for text in axes[0].texts] == [
        "1",
        "0",
        "0",
        "1",
        "0",
        "0",
        "0",
        "0",
        "0",
    ]
    assert [text.get_text() for text in axes[1].texts] == [
        "100",
        "0",
        "0",
        "100",
        "0",
        "0",
        "0",
        "0",
        "0",
    ]


def test_confusion_matrix_turns_long_names():
    short = (
        plots.confusion_matrix([0, 1], [0, 1], ("0", "1"))[0].get_xticklabels()[0].get_rotation()
    )
    long = (
        plots.confusion_matrix([0, 1], [0, 1], ("Trouser", "Bag"))[0]
        .get_xticklabels()[0]
        .get_rotation()
    )
    assert (short, long) == (0, 45)


def test_activation_and_derivative_are_drawn_side_by_side():
    x = np.linspace(-2, 2, 9)
    axes = plots.activation_and_derivative(np.square, lambda x: 2 * x, "square", x)
    assert len(axes) == 2
    assert [ax.get_title() for ax in axes] == ["square", "derivative of square"]
    assert [ax.get_xlabel() for ax in axes] == ["x", "x"]
    for ax, values in zip(axes, (x**2, 2 * x), strict=True):
        np.testing.assert_array_equal(ax.lines[-1].get_xdata(), x)
        np.testing.assert_array_equal(y_of(ax.lines[-1]), values)


def test_activation_and_derivative_span_minus_six_to_six_by_default():
    line = plots.activation_and_derivative(np.tanh, np.cos, "tanh")[0].lines[-1]
    assert (min(line.get_xdata()), max(line.get_xdata())) == (-6, 6)


@pytest.mark.parametrize(
    ("columns", "shape"), [(3, (2, 3)), (4, (2, 4)), (10, (1, 10)), (1, (6, 1))]
)
def test_image_grid_puts_each_image_under_its_title(columns, shape):
    axes = plots.image_grid(IMAGES, list("abcdef"), columns)
    assert axes.shape == shape
    for ax, image, title in zip(axes.flat, IMAGES, "abcdef", strict=False):
        np.testing.assert_array_equal(ax.images[0].get_array(), image)
        assert ax.get_title() == title
    assert not any(ax.images for ax in axes.flat[6:])
    assert not any(ax.axison for ax in axes.flat)


@pytest.mark.parametrize(
    ("images", "titles"), [(IMAGES, ["a"]), (IMAGES[:0], []), (IMAGES[:1], ["a", "b"])]
)
def test_image_grid_wants_one_title_an_image(images, titles):
    with pytest.raises(
        ValueError, match=rf"{len(images)} images and {len(titles)} titles: give one title an image"
    ):
        plots.image_grid(images, titles)


def test_misclassified_picks_the_surest_wrong_answers_in_order():
    axes = plots.misclassified(IMAGES, TRUE, SURE, LETTERS, columns=2, rows=2)
    assert axes.shape == (2, 2)
    titles = [ax.get_title() for ax in axes.flat]
    assert titles == ["b → a\n95%", "a → b\n70%", "c → b\n60%", ""]
    for ax, number in zip(axes.flat, (2, 1, 4), strict=False):
        np.testing.assert_array_equal(ax.images[0].get_array(), IMAGES[number])


def test_misclassified_shows_no_more_than_fit_in():
    axes = plots.misclassified(IMAGES, TRUE, SURE, LETTERS, columns=2, rows=1)
    assert [ax.get_title() for ax in axes.flat] == ["b → a\n95%", "a → b\n70%"]


def test_misclassified_refuses_logits():
    with pytest.raises(ValueError, match="apply softmax to logits first"):
        plots.misclassified(IMAGES, TRUE, 5 * SURE - 1, LETTERS)


def test_misclassified_says_when_there_is_no_wrong_answer():
    with pytest.raises(ValueError, match="there is no wrong answer to show"):
        plots.misclassified(IMAGES, SURE.argmax(axis=1), SURE, LETTERS)


def test_decision_boundary_shows_regions_and_points():
    points = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels, asked = [0, 1, 1, 0], []

    def predict(places):
        asked.append(places)
        return (places[:, 0] > 0.5).astype(float)

    ax = plots.decision_boundary(predict, points, labels, title="XOR")
    assert isinstance(ax, plt.Axes)
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == (
        "XOR",
        "first input",
        "second input",
    )
    (places,) = asked
    assert places.dtype == np.float32
    assert places.shape[1] == 2
    assert (places.min(), places.max()) == (-0.5, 1.5)
    scattered = {
        one.get_label(): one.get_offsets()
        for one in ax.collections
        if one.get_label().startswith("class")
    }
    np.testing.assert_array_equal(scattered["class 0"], points[[0, 3]])
    np.testing.assert_array_equal(scattered["class 1"], points[[1, 2]])
    regions = [
        path
        for one in ax.collections
        if not one.get_label().startswith("class")
        for path in one.get_paths()
    ]
    left, right = regions[0], regions[-1]
    assert left.contains_point((0.2, 0.9))
    assert not left.contains_point((0.8, 0.9))
    assert right.contains_point((0.8, 0.1))
    assert not right.contains_point((0.2, 0.1))
    (filled,) = [one for one in ax.collections if hasattr(one, "hatches")]
    at = dict(zip(filled.levels, filled.hatches, strict=False))
    assert {hatch for level, hatch in at.items() if level < 0.59} == {None}
    assert {hatch for level, hatch in at.items() if 0.59 < level < 1} == {"//"}


def test_decision_boundary_draws_into_the_given_axes():
    _, ax = plt.subplots()
    points = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert (
        plots.decision_boundary(lambda places: np.zeros(len(places), int), points, [0, 1], ax=ax)
        is ax
    )


def test_readers_fills_a_dot_for_each_and_marks_chance():
    ax = plots.readers(READERS)
    assert [len(dots.get_offsets()) for dots in ax.collections[:4]] == [71, 29, 30, 70]
    filled = [len(dots.get_facecolor()) == 1 for dots in ax.collections[:4]]
    assert filled == [True, False, True, False]  # the others are rings
    assert [text.get_text() for text in ax.texts] == ["71", "supported, but small", "30", "refuted"]
    assert ax.lines[0].get_xdata().tolist() == [50, 50]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["ReLU ends above sigmoid (S0.2)", "tanh does better than sigmoid (S0.7)"]


def test_hundred_runs_draws_every_run_and_what_to_compare_it_with():
    runs, differences = plots.hundred_runs([PANEL])
    dots = [line for line in runs.lines if line.get_marker() == "o"]
    assert [line.get_xdata().tolist() for line in dots] == [[1, 2], [3, 4]]
    assert dots[0].get_color() == plots.COLOURS["ReLU"]
    (star,) = [line for line in runs.lines if line.get_marker() == "*"]
    assert star.get_xdata() == [3.5]
    assert [text.get_text() for text in runs.texts] == ["published: 2.5"]
    assert [text.get_text() for text in differences.texts] == ["0.5"]
    (band,) = differences.collections
    assert {x for x, _ in band.get_paths()[0].vertices} == {-0.25, 0.25}
    assert differences.get_xlabel().endswith("(grey: too small to matter)")


def test_two_roads_shows_the_corners_and_the_gain_along_each_side():
    corners = {("sigmoid", "SGD"): 10.4, ("sigmoid", "Adam"): 54.6}
    corners |= {("ReLU", "SGD"): 70.0, ("ReLU", "Adam"): 90.0}
    ax = plots.two_roads(corners, title="two roads")
    texts = {text.get_text() for text in ax.texts} - {""}
    assert texts == {"10 %", "55 %", "70 %", "90 %", "+45", "+20", "+60", "+35"}
    assert ax.get_title() == "two roads"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["sigmoid", "ReLU"]


def test_two_roads_wants_two_of_each():
    with pytest.raises(ValueError, match="two activations"):
        plots.two_roads({("ReLU", "SGD"): 1.0, ("ReLU", "Adam"): 2.0})
