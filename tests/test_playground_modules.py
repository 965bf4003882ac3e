"""The playground of notebook 17, without a browser; browser_tests/test_playground.py has one."""

from helpers import diagnostics, models, playground, playground_networks, playground_picture

import io
import threading
import time
import tomllib

import keras
import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest

SIX = {"depth": 6, "activation": "tanh"}


def make_pair(changes=None, different=("learning rate", 0.01), seed=0, **options):
    settings = playground_networks.USUAL | (changes or {})
    return playground.Pair(settings, different, seed, **options)


def by_hand(settings, data, seed, steps):
    """The weights after so many steps of a Keras loop that hides nothing."""
    network = playground_networks.Network.build(settings, seed)
    optimizer = {
        "SGD": lambda rate: keras.optimizers.SGD(rate),
        "momentum 0.9": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
        "Adam": lambda rate: keras.optimizers.Adam(rate),
    }[settings["optimizer"]](settings["learning rate"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer, loss)
    generator = np.random.default_rng(seed)
    while steps > 0:
        order = generator.permutation(len(data[1]))
        for start in range(0, 6 * 32, 32):  # the last 8 of 200 points make no batch
            if steps > 0:
                batch = order[start : start + 32]
                network.train_on_batch(data[0][batch], data[1][batch])
            steps -= 1
    return network.get_weights()


@pytest.mark.parametrize("optimizer", ["SGD", "momentum 0.9", "Adam"])
def test_fifty_steps_are_those_of_a_plain_keras_loop(optimizer):
    pair = make_pair({"optimizer": optimizer, "learning rate": 0.03}, ("activation", "tanh"))
    for steps in (1, 5, 20, 24):
        pair.advance(steps)
    for name, network in pair.networks.items():
        expected = by_hand(pair.settings[name], pair.data, 0, 50)
        for found, plain in zip(network.model.get_weights(), expected, strict=True):
            np.testing.assert_allclose(found, plain, atol=1e-5)


@pytest.mark.parametrize("changes", [{"activation": "ReLU"}, {"activation": "sigmoid"}, SIX])
def test_measures_are_those_of_the_lessons(changes):
    pair = make_pair({"optimizer": "Adam", "learning rate": 0.03, **changes})
    pair.advance(30)
    found, (x, y, *_), model = pair.found["A"], pair.data, pair.networks["A"].model
    norms = diagnostics.gradient_norms(model, x, y)
    np.testing.assert_allclose(found["gradients"], list(norms.values()), rtol=1e-3, atol=1e-5)
    shares = diagnostics.saturated_shares(model, x)
    np.testing.assert_allclose(found["saturated"], list(shares.values()), atol=0.01)
    dead = [np.mean(units) for units in diagnostics.dead_units(model, x).values()]
    is_relu = changes["activation"] == "ReLU"
    np.testing.assert_allclose(found["dead"], dead if is_relu else np.zeros(len(dead)))
    assert is_relu <= (max(found["dead"]) > 0)
    assert found["right"] == pytest.approx(models.accuracy(model, x, y))
    assert found["test right"] == pytest.approx(models.accuracy(model, *pair.data[2:]))


def test_both_networks_begin_alike_and_see_the_same_batches():
    pair = make_pair(different=("optimizer", "momentum 0.9"))
    pair.advance(1)  # the first step of momentum is that of SGD
    weights = [network.model.get_weights() for network in pair.networks.values()]
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    pair.advance(1)
    assert pair.found["A"]["loss"] != pair.found["B"]["loss"]


def test_compiled_networks_are_used_again_and_begin_anew():
    cache = {}
    pair = make_pair({"optimizer": "Adam"}, cache=cache)
    before = pair.found["A"]["loss"]
    pair.advance(20)
    after, networks = pair.found["A"]["loss"], dict(pair.networks)
    again = make_pair({"optimizer": "Adam"}, cache=cache)
    assert again.networks == networks
    assert again.found["A"]["loss"] == before
    again.advance(20)
    assert again.found["A"]["loss"] == pytest.approx(after, rel=1e-5)
    other = make_pair({"optimizer": "Adam", "initial weights": "zeros"}, cache=cache)
    assert other.found["A"]["loss"] == pytest.approx(np.log(2))


@pytest.mark.parametrize("kind", playground_networks.OPTIONS["data"][:-1])
def test_points_fit_the_square_and_are_of_two_classes(kind):
    for seed in range(10):
        points, classes = playground_networks.make_points(kind, seed)
        assert points.shape == (400, 2)
        assert np.abs(points).max() < playground_networks.HALF
        for half in (classes[::2], classes[1::2]):
            assert 0.35 < np.mean(half) < 0.65


@pytest.mark.parametrize(("size", "expected"), [(1, 1), (8, 8), ("all", 20)])
def test_an_epoch_has_each_point_once(size, expected):
    order = playground_networks.batches(20, size, seed=0)
    epoch = [next(order) for _ in range(20 // expected)]
    assert all(len(batch) == expected for batch in epoch)
    shown = np.concatenate(epoch)
    assert len(set(shown)) == len(shown) == 20 // expected * expected


def test_no_points_and_one_class_get_a_sentence():
    for points, words in (([], "no points"), ([(0, 0, 1), (1, 0, 1)], "of class 1")):
        pair = make_pair({"data": "own points"}, points=points)
        pair.advance(5)
        assert words in pair.problem
        assert "Click into this square" in pair.describe()
        assert pair.step == 0
        playground_picture.Picture(pair, (0, 0)).update(pair)


def test_own_points_all_train():
    points = [(-1, -1, 0), (1, 1, 0), (-1, 1, 1), (1, -1, 1)]
    pair = make_pair(
        {"data": "own points", "optimizer": "Adam", "learning rate": 0.03}, points=points
    )
    pair.advance(300)
    assert pair.found["A"]["right"] == 1
    assert np.isnan(pair.found["A"]["test loss"])
    playground_picture.Picture(pair, (0, 0)).update(pair)


def test_a_diverging_network_stays_and_the_other_one_goes_on():
    pair = make_pair({"activation": "leaky ReLU"}, ("learning rate", 10.0))
    pair.advance(50)
    picture = playground_picture.Picture(pair)
    picture.update(pair)
    assert pair.diverged("B")
    assert not pair.diverged("A")
    assert "diverged" in picture.networks["B"]["problem"].get_text()
    assert picture.networks["A"]["problem"].get_text() == ""
    assert "B (learning rate 10.0): diverged" in pair.describe()
    before = pair.found["A"]["loss"]
    pair.advance(50)
    assert pair.found["A"]["loss"] < before


def test_a_network_without_hidden_layers_is_drawn():
    pair = make_pair({"depth": 0}, ("depth", 2))
    pair.advance(1)
    assert [len(pair.found[name]["dead"]) for name in "AB"] == [0, 2]
    assert len(playground_picture.Picture(pair).update(pair)) > 1000


def test_what_is_drawn_changes_and_stays_in_place():
    pair = make_pair()
    picture = playground_picture.Picture(pair)

    def draw():
        return matplotlib.image.imread(io.BytesIO(picture.update(pair)), format="jpeg")

    first = draw()
    assert first.shape == (370, 1100, 3)
    assert np.array_equal(first, draw())
    pair.advance(150)  # beyond the axis of the losses
    assert not np.array_equal(first, draw())
    assert picture.losses.get_xlim()[1] == 300
    np.testing.assert_allclose(picture.place(0.1425, 0.43), (0, 0), atol=0.02)
    assert picture.place(0.8, 0.5) is None


STATEMENTS = {
    "six sigmoid layers": lambda a, b, climbed: (
        a["loss"] > 0.6
        and np.argmin(a["gradients"]) == 0
        and a["gradients"][0] < 0.1 * a["gradients"][-1]
        and b["loss"] < 0.2
    ),
    "a ReLU dies": lambda a, b, climbed: (
        max(b["dead"]) == 1
        and max(b["gradients"][:-1]) == 0
        and max(a["dead"]) < 1
        and a["loss"] < 0.4
    ),
    "momentum swings": lambda a, b, climbed: climbed[1] > max(0.05, 2 * climbed[0]),
    "a small learning rate": lambda a, b, climbed: a["loss"] > 0.6 and b["loss"] < 0.05,
    "XOR without an activation": lambda a, b, climbed: a["loss"] > 0.6 and b["right"] > 0.95,
}


@pytest.mark.parametrize("scene", STATEMENTS)
def test_a_scene_shows_what_the_notebook_says_from_any_seed(scene):
    cache = {}
    for seed in range(10):
        pair, frames = playground.run(scene, seed, cache)
        changes = np.diff(np.array(pair.history)[:, [1, 3]], axis=0)
        climbed = np.maximum(changes, 0).sum(axis=0)
        assert STATEMENTS[scene](frames[-1][1]["A"], frames[-1][1]["B"], climbed), (
            seed,
            frames[-1],
        )
        assert [step for step, _ in frames] == playground.SCENES[scene]["frames"]


def test_every_scene_but_free_play_has_a_statement():
    assert list(STATEMENTS) == list(playground.SCENES)[1:]


def test_a_strip_says_what_it_shows():
    pair, frames = playground.run("a small learning rate")
    alt = playground.strip(pair, frames, "Adam arrives")
    plt.close()
    assert alt.startswith("Adam arrives. ")
    assert "at steps 0, 20, 100, 300" in alt
    assert f"in the end {pair.found['B']['right']:.0%} right" in alt


@pytest.fixture
def widget(monkeypatch):
    """A playground and the pictures that it sends; a browser stands by that shows each at once."""
    widget, sent = playground.Playground("a ReLU dies"), []

    def send(content, buffers=None):
        sent.append(buffers[0])
        widget._hear(widget.screen, {"kind": "shown"}, [])

    monkeypatch.setattr(widget.screen, "send", send)
    widget.sent = sent
    yield widget
    widget._hear(widget.screen, {"kind": "closed"}, [])


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def open_it(widget):
    widget._hear(widget.screen, {"kind": "opened"}, [])
    wait_for(lambda: not widget.working)


def test_nothing_is_built_before_somebody_looks(widget):
    assert widget.pair is None
    assert not widget.working
    open_it(widget)
    assert len(widget.sent) >= 1
    assert widget.screen.status.startswith("Before you play: B's steps are 30 times as large.")


def test_a_scene_is_played_to_its_end_and_on(widget):
    open_it(widget)
    widget.play.click()
    wait_for(lambda: not widget.working)
    assert widget.pair.step == 300
    assert widget.play.description == "Play"
    assert widget.screen.status == widget.screen.description == widget.pair.describe()
    widget.play.click()
    wait_for(lambda: widget.pair.step > 300)
    widget.play.click()
    wait_for(lambda: not widget.working)
    assert 300 < widget.pair.step < 600


def test_step_and_reset(widget):
    open_it(widget)
    step, reset = widget.children[0].children[2:4]
    for number in (1, 2):
        step.click()
        wait_for(lambda: not widget.working)
        assert widget.pair.step == number
    reset.click()
    assert widget.screen.status == "Building the networks ..."
    wait_for(lambda: not widget.working)
    assert widget.pair.step == 0
    assert widget.screen.status.startswith("Before you play: B's steps are 30 times as large.")
    assert widget.screen.description.startswith("Step 0. A (learning rate 0.1): training loss 0.7")


def test_a_new_start_takes_no_step_that_was_asked_for_before_it(widget, monkeypatch):
    """Found by wild clicking: the step came after the new start, and the scene's question was gone."""
    open_it(widget)
    step, reset = widget.children[0].children[2:4]
    monkeypatch.setattr(widget, "_wake", lambda status: None)
    step.click()
    reset.click()
    monkeypatch.undo()
    widget._wake("")
    wait_for(lambda: not widget.working)
    assert widget.pair.step == 0
    assert widget.screen.status.startswith("Before you play:")


def test_settings_reach_the_networks_and_b_differs_in_one(widget):
    open_it(widget)
    widget.settings["width"].value = 4
    widget.different.value = "depth"
    widget.value.value = 1
    wait_for(lambda: not widget.working)
    units = [[layer.units for layer in one.dense] for one in widget.pair.networks.values()]
    assert units == [[4, 4, 4, 2], [4, 2]]


def test_wild_clicks_leave_one_thread(widget):
    open_it(widget)
    threads = threading.active_count()
    step, reset = widget.children[0].children[2:4]
    for _ in range(20):
        for button in (widget.play, step, reset, widget.play, reset):
            button.click()
            assert threading.active_count() <= threads + 1
    widget.playing = False
    wait_for(lambda: not widget.working)
    assert widget.pair.step in (0, 1)


def test_closing_ends_the_work(widget):
    open_it(widget)
    widget.play.click()
    wait_for(lambda: widget.pair.step > 10)
    widget._hear(widget.screen, {"kind": "closed"}, [])
    wait_for(lambda: not widget.working)
    step = widget.pair.step
    time.sleep(0.1)
    assert widget.pair.step == step
    assert not widget.playing


def test_a_browser_that_never_answers_ends_the_work(widget, monkeypatch):
    open_it(widget)
    monkeypatch.setattr("helpers.playground.PATIENCE", 0.1)
    monkeypatch.setattr(widget.screen, "send", lambda *_: None)
    widget.play.click()
    wait_for(lambda: not widget.working)
    assert not widget.playing
    assert widget.pair.step <= 3 * widget.speed.value  # one picture was shown, one was waited for


def test_a_pause_while_a_picture_is_awaited_holds(widget, monkeypatch):
    open_it(widget)
    sent = []

    def send(content, buffers):
        sent.append(buffers)
        answer = [widget.play.click] if len(sent) == 3 else []
        answer.append(lambda: widget._hear(widget.screen, {"kind": "shown"}, []))
        threading.Timer(0.3, lambda: [act() for act in answer]).start()

    monkeypatch.setattr(widget.screen, "send", send)
    widget.play.click()
    wait_for(lambda: not widget.working)
    assert widget.pair.step < 50
    assert widget.screen.status == widget.pair.describe()


def test_points_are_drawn_by_mouse_and_by_key(widget):
    open_it(widget)
    click = {"kind": "click", "x": 0.1425, "y": 0.43, "shift": False}
    widget._hear(widget.screen, click, [])
    assert widget.points == []  # the moons are not the learner's
    widget.settings["data"].value = "own points"
    wait_for(lambda: not widget.working)
    assert "There are no points yet" in widget.screen.status
    widget._hear(widget.screen, click, [])
    for key in ("ArrowRight", "ArrowUp", " "):
        widget._hear(widget.screen, {"kind": "key", "key": key, "shift": True}, [])
    np.testing.assert_allclose(widget.points, [(0, 0, 0), (0.1, 0.1, 1)], atol=0.02)
    wait_for(lambda: not widget.working)
    assert widget.pair.problem == ""
    widget.drawing.children[1].click()
    wait_for(lambda: not widget.working)
    assert "There are no points yet" in widget.screen.status


def test_every_control_has_a_label_and_the_picture_a_text(widget):
    open_it(widget)
    menus = [widget.scene, *widget.settings.values(), widget.different, widget.value, widget.speed]
    assert all(menu.description for menu in menus)
    assert widget.screen.description == widget.pair.describe()
    bundle = widget._repr_mimebundle_()
    assert bundle["text/plain"] == "The playground is here when this notebook runs in JupyterLab."


def test_an_unknown_scene_says_which_there_are():
    with pytest.raises(ValueError, match="scene is 'dead': give one of free play, six sigmoid"):
        playground.Playground("dead")


def test_scenes_use_what_the_menus_offer():
    options, usual, scenes = tomllib.loads(playground_networks.LISTED).values()
    for scene in scenes.values():
        for name, value in {**usual, **{key: scene[key] for key in usual if key in scene}}.items():
            assert value in options[name]
        name, value = scene["different"]
        assert value in options[name]
        assert set(scene) <= {*usual, "different", "steps", "frames", "question"}
