"""JupyterLab as a learner sees it: opened by the README's first command, offline, in a home that never saw Jupyter."""

import re
import time

import lab
import nbformat
import pytest

NOTEBOOKS = sorted(path.name for path in lab.ROOT.glob("notebooks/*.ipynb"))
WITH_WIDGETS = [
    name for name in NOTEBOOKS if "Slider(" in (lab.ROOT / "notebooks" / name).read_text("utf-8")
]
POPUPS = """() => [...document.querySelectorAll(".jp-Dialog, .Toastify__toast")].map(one => one.innerText)"""
WITHOUT_ALT = """cells => [...document.querySelectorAll(cells)].filter(cell =>
    [...cell.querySelectorAll("img")].some(image => !image.alt.trim()))
  .map(cell => cell.innerText.slice(0, 80))"""
ALL_NAMED = """[...document.querySelectorAll("[role=slider]")].every(slider => slider.ariaLabel)"""


@pytest.fixture(autouse=True)
def sound(learner):
    """No request to the network, no error in a script, no pop-up: before and after each test."""
    yield
    assert learner.page.faults == []
    assert learner.page.evaluate(POPUPS) == []


def test_first_command_opens_the_first_notebook(learner):
    (tab,) = learner.page.locator(lab.TAB).all()
    assert tab.inner_text() == NOTEBOOKS[0]
    assert learner.page.locator(".jp-RenderedMarkdown h1").first.inner_text().startswith("00")


def test_no_notebook_is_changed_on_opening_and_its_figures_have_alt_text(learner):
    for name in NOTEBOOKS[1:]:
        learner.open(name)
    for name in NOTEBOOKS:
        learner.page.click(f"{lab.TAB}:has-text('{name}')")
        learner.page.wait_for_function(lab.IDLE)
        learner.page.wait_for_function(f"cells => !({WITHOUT_ALT})(cells).length", arg=lab.CELL)
    assert learner.page.locator(f"{lab.TAB}.jp-mod-dirty").all_inner_texts() == []
    assert learner.page.locator(lab.TAB).count() == len(NOTEBOOKS)
    learner.close_all()


def test_run_all_by_menu_gives_no_error(learner):
    learner.open(NOTEBOOKS[0])
    learner.choose("Run", "runmenu:run-all")
    learner.page.wait_for_selector(f"{lab.CELL} .jp-InputPrompt:has-text('*')")
    learner.page.wait_for_function(lab.ALL_RUN, arg=lab.CELL)
    for wrong in (lab.ERRORS, lab.STDERR):
        assert learner.page.locator(wrong).all_inner_texts() == []
    learner.page.wait_for_function(f"cells => !({WITHOUT_ALT})(cells).length", arg=lab.CELL)


WRONG = "def majority_accuracy(labels):\n    return 0.2\n\n\n"
RIGHT = "def majority_accuracy(labels):\n    return np.bincount(labels).max() / len(labels)\n\n\n"
ENDLESS = "def majority_accuracy(labels):\n    while True:\n        pass\n\n\n"
ASK = "exercises.check_majority_accuracy(majority_accuracy)"


def test_exercise_answered_wrongly_then_endlessly_then_rightly(learner):
    """In the notebook that the test above has run."""
    cell = learner.cell(ASK)
    for answer, expected in (
        (WRONG, r"Not right yet: for ten equally frequent classes it gives 0\.2\. Count"),
        (ENDLESS, r"Not right yet: your code ran for more than 10 seconds in line [23] \("),
        (RIGHT, r"Right\. An accuracy means something only beside this baseline"),
    ):
        learner.write(cell, answer + ASK)
        learner.run(cell)
        assert re.match(expected, cell.locator(lab.OUTPUT).inner_text())
    learner.close_all()


SET_UP = """
from helpers import models, training
import keras, numpy as np
x, y = np.zeros((2_000, 28, 28), "float32"), np.zeros(2_000, int)
def build(seed):
    return models.build_mlp((16,), seed=seed)
def fit(batch_size, epochs):
    model = build(0)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, batch_size, epochs, verbose=0, callbacks=[training.LiveBar()])
"""
STOPPED = {  # what runs, what the bar shows when the learner presses stop, what the cell says then
    "fit(2_000, 10**6)": (r"loss=", r"after [1-9]\d* of 1000000 epochs\. The model keeps"),
    "fit(1, 5)": (r"[1-9]\d*/10000", r"after 0 of 5 epochs\. The model keeps"),
    "training.fit_seeds(build, x, y, batch_size=2_000, epochs=10**5)": (
        r"loss=",
        r"after [1-9]\d* of 100000 epochs\. What this call has trained is gone",
    ),
    "training.fit_seeds(build, x, y, batch_size=1, epochs=5)": (
        r"[1-9]\d*/10000",
        r"after 0 of 5 epochs\. What this call has trained is gone",
    ),
}


def test_stop_during_a_training_says_one_sentence_and_the_cell_can_be_run_again(learner):
    cells = [f"{training}\nprint('went on')" for training in STOPPED]
    learner.add_notebook("stop.ipynb", SET_UP, *cells, "print('the next cell')")
    learner.run(learner.cell("from helpers import"))
    for number, (training, (bar, sentence)) in enumerate(STOPPED.items()):
        cell = learner.cell(training)
        for _ in range(2 if number == 0 else 1):  # stopped, and run again
            said = " ".join(learner.stop_when(cell, re.compile(bar))).strip()
            assert re.fullmatch(
                f"Stopped by you {sentence}.*; the rest of this cell did not run.", said
            )
        after = learner.cell("the next cell")
        learner.run(after)
        assert after.locator(lab.OUTPUT).inner_text().strip() == "the next cell"
    learner.close_all()


def test_stop_during_a_fit_without_a_bar_says_one_sentence(learner):
    fit = "model.fit(x, y, 1, 5, verbose=0, callbacks=[begun])"
    compiled = (
        "model = build(0)\nmodel.compile('sgd', keras.losses.SparseCategoricalCrossentropy(True))"
    )
    begun = "begun = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: print('begun'))"
    learner.add_notebook("plain.ipynb", SET_UP, f"{compiled}\n{begun}\n{fit}")
    learner.run(learner.cell("from helpers import"))
    said = learner.stop_when(learner.cell(fit), "begun")
    assert said == ["begun", "Stopped by you. The rest of this cell did not run."]
    learner.close_all()


def test_stop_during_a_check_says_one_sentence(learner):
    imports = "from helpers import exercises\nexercises.check_majority_accuracy"
    endless = ENDLESS.replace("while", "print('begun')\n    while")
    learner.add_notebook("check.ipynb", imports, endless + ASK)
    learner.run(learner.cell(imports.splitlines()[0]))
    said = learner.stop_when(learner.cell(ASK), "begun")
    assert said == ["begun", "Stopped by you: the check did not come to an end."]
    learner.close_all()


@pytest.mark.parametrize("name", WITH_WIDGETS)
def test_each_control_moves_by_mouse_and_keyboard_and_has_a_name(learner, name):
    notebook = nbformat.read(lab.ROOT / "notebooks" / name, as_version=4)
    learner.add_notebook("widgets.ipynb", *lab.needed_for(notebook, "Slider("))
    learner.choose("Run", "runmenu:run-all")
    learner.page.wait_for_selector(f"{lab.CELL} .widget-image, {lab.CELL} .jupyter-widgets img")
    picture = learner.page.locator(f"{lab.CELL} .jupyter-widgets img")
    handles = learner.page.get_by_role("slider").all()
    assert len(handles) == 2
    learner.page.wait_for_function(
        f"cells => !({WITHOUT_ALT})(cells).length && {ALL_NAMED}", arg=lab.CELL, timeout=5_000
    )
    for handle in handles:
        handle.scroll_into_view_if_needed()
        for move in (by_mouse, by_key):
            before, value = picture.get_attribute("src"), handle.get_attribute("aria-valuetext")
            move(learner.page, handle)
            started = time.monotonic()
            while picture.get_attribute("src") == before and time.monotonic() < started + 5:
                learner.page.wait_for_timeout(20)
            assert handle.get_attribute("aria-valuetext") != value
            assert time.monotonic() - started < 2  # 0.2 on an idle machine
    learner.close_all()


def by_mouse(page, handle):
    """Drag the handle a little to the left."""
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10, y, steps=3)
    page.mouse.up()


def by_key(page, handle):
    handle.focus()
    page.keyboard.press("ArrowRight")
