"""The playground of notebook 17: two networks learn side by side while one watches, on what one chooses.

The browser confirms each picture, and only then the next one is made: nothing piles up, however fast one clicks.
It is made in a thread of its own, so that a click is answered meanwhile, also while a network is compiled.
What learns is in playground_networks.py, what one sees in playground_picture.py and playground.js.
"""

import pathlib
import threading

import anywidget
import ipywidgets
import numpy as np
import traitlets
from .playground_networks import HALF, OPTIONS, SCENES, Pair, run, settings_of
from .playground_picture import Picture, strip

__all__ = ["SCENES", "Pair", "Playground", "run", "strip"]
DRAWN = [("0, blue circle", 0), ("1, orange diamond", 1)]
PATIENCE = 20  # seconds without a word from the browser: its page is gone
ARROWS = {
    "ArrowLeft": (-0.1, 0),
    "ArrowRight": (0.1, 0),
    "ArrowUp": (0, 0.1),
    "ArrowDown": (0, -0.1),
}


class Screen(anywidget.AnyWidget):
    """The picture in the browser: see playground.js."""

    _esm = pathlib.Path(__file__).with_suffix(".js")
    status = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)


class Playground(ipywidgets.VBox):
    """The widget: show it as the last value of a cell. scene: one of SCENES; seed: of data, weights, batches."""

    def __init__(self, scene="free play", seed=0):
        if scene not in SCENES:
            raise ValueError(f"scene is {scene!r}: give one of {', '.join(SCENES)}.")
        self.seed, self.points, self.cross, self.cache = seed, [], np.zeros(2), {}
        self.pair = self.picture = None
        self.playing = self.stale = self.dirty = self.working = False
        self.due = self.until = self.views = 0
        self.shown, self.lock = threading.Event(), threading.Lock()
        self.screen = Screen()
        self.screen.on_msg(self._hear)
        self.scene = _menu("scene", SCENES, self._choose_scene, 50, 260)
        self.settings = {name: _menu(name, OPTIONS[name], self._change) for name in OPTIONS}
        self.different = _menu("B differs in", [*OPTIONS][1:], self._choose_different)
        self.value = _menu("B has", [0], self._change)
        self.speed = _menu("steps a picture", [1, 5, 20], None, 105, 170)
        self.play = _button("Play", self._play)
        self.drawn = _menu("draw class", DRAWN, None, 75, 190)
        buttons = [self.play, _button("Step", self._step), _button("Reset", self._change)]
        self.drawing = ipywidgets.HBox([self.drawn, _button("Clear", self._clear)])
        menus = [*self.settings.values(), self.different, self.value]
        grid = ipywidgets.Layout(grid_template_columns="repeat(4, 270px)", grid_gap="0")
        rows = [
            ipywidgets.HBox([self.scene, *buttons, self.speed, self.drawing]),
            ipywidgets.GridBox(menus, layout=grid),
        ]
        super().__init__([*rows, self.screen])
        self.speed.value, self.scene.value = 5, scene
        self._choose_scene()

    def _repr_mimebundle_(self, **kwargs):
        """Where widgets are not shown, a sentence."""
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = "The playground is here when this notebook runs in JupyterLab."
        return bundle

    def _choose_scene(self, change=None):
        chosen = SCENES[self.scene.value]
        for name, value in settings_of(self.scene.value).items():
            self.settings[name].value = value
        self.different.value, value = chosen["different"]
        self._choose_different()
        self.value.value = value
        self.playing = False
        self._change()

    def _choose_different(self, change=None):
        name = self.different.value
        self.value.options = OPTIONS[name]
        self.value.value = next(one for one in OPTIONS[name] if one != self.settings[name].value)

    def _change(self, change=None):
        """Another setting, or Reset: both networks begin anew, without a step that was still to take."""
        self.due, self.until = 0, SCENES[self.scene.value]["steps"]
        settings = {name: menu.value for name, menu in self.settings.items()}
        # Read here, all at once: the thread may run while other menus are still being set.
        self.wanted = settings, (self.different.value, self.value.value)
        self.stale = True
        self.drawing.layout.display = (
            "flex" if self.settings["data"].value == "own points" else "none"
        )
        self._wake("Building the networks ...")

    def _play(self, button):
        self.playing, self.dirty = not self.playing, True
        if self.pair and self.until <= self.pair.step:
            self.until = self.pair.step + SCENES[self.scene.value]["steps"]
        self._wake(self._playing() if self.playing else "Paused.")

    def _playing(self):
        return f"Playing. {SCENES[self.scene.value]['question']}"

    def _step(self, button):
        self.playing, self.due = False, 1
        self._wake("One step.")

    def _clear(self, button):
        self.points = []
        self._change()

    def _hear(self, screen, content, buffers):
        """A message of the browser."""
        kind = content["kind"]
        if kind == "shown":
            self.shown.set()
        elif kind in ("opened", "closed"):
            self.views += 1 if kind == "opened" else -1
            self.playing, self.dirty = self.playing and self.views > 0, True
            self.shown.set()  # there is no picture to wait for
            self.stale = self.stale or self.pair is None
            self._wake(self.screen.status)
        elif self.settings["data"].value == "own points" and self.picture:
            self._draw_point(**content)

    def _draw_point(self, kind, shift, x=0, y=0, key=""):
        """A click at (x, y), in shares of the picture, or a key: set a point, or move the cross."""
        if kind == "click":
            self._add(self.picture.place(x, y), shift)
        elif key in ARROWS:
            self.cross = np.clip(self.cross + ARROWS[key], 0.1 - HALF, HALF - 0.1)
        else:
            self._add(self.cross, shift)
        self._change()

    def _add(self, place, shift):
        if place is not None:
            self.points.append((*place, self.drawn.value ^ shift))  # Shift: the other class

    def _wake(self, status):
        """Say what happens, and have the thread work while somebody looks."""
        self.screen.status = status
        self.play.description = "Pause" if self.playing else "Play"
        with self.lock:
            if self.views and not self.working:
                self.working = True
                threading.Thread(target=self._work, name="playground", daemon=True).start()

    def _is_idle(self):
        with self.lock:
            wanted = self.stale or self.dirty or self.playing or self.due
            self.working = bool(self.views and wanted)
            return not self.working

    def _work(self):
        """Picture after picture, until nothing is left to do or nobody looks."""
        try:
            self._draw_while_wanted()
        except Exception as error:
            self.playing = self.working = False
            self.play.description = "Play"
            self.screen.status = (
                f"The playground stopped: {error!r}. Press Reset to start it again."
            )

    def _draw_while_wanted(self):
        while not self._is_idle():
            if self.stale:
                self._build()
            elif self.playing or self.due:
                steps = self.due or min(self.speed.value, self.until - self.pair.step)
                self.due = 0
                self.pair.advance(steps)
            if self.stale:  # changed again meanwhile
                continue
            self.dirty = False
            picture = self.picture.update(self.pair)
            ended = all(map(self.pair.diverged, self.pair.found)) or self.pair.step >= self.until
            if not self.shown.wait(PATIENCE) or ended:
                self.playing = False
            self.shown.clear()
            self.screen.send({"kind": "picture"}, [picture])
            if self.playing:
                self._wake(self._playing())
            else:
                self.screen.description = self.pair.describe()
                self._wake(self._question() or self.pair.describe())

    def _question(self):
        """The scene's, as long as nothing is changed and no step is taken; else ""."""
        scene = SCENES[self.scene.value]
        prepared = settings_of(self.scene.value), tuple(scene["different"])
        asked = self.pair.step == 0 and self.wanted == prepared
        return f"Before you play: {scene['question']}" if asked else ""

    def _build(self):
        """A pair with the settings of the menus, at step 0, and its picture."""
        self.stale = False
        settings, different = self.wanted
        self.pair = Pair(settings, different, self.seed, list(self.points), self.cache)
        own = settings["data"] == "own points"
        self.picture = Picture(self.pair, self.cross if own else None)


def _menu(name, options, on_change, name_width=105, width=265):
    """A labelled menu, its widths in pixels; SelectionSlider would have no label for a screen reader."""
    menu = ipywidgets.Dropdown(options=list(options), description=name)
    menu.style.description_width, menu.layout.width = f"{name_width}px", f"{width}px"
    if on_change:
        menu.observe(on_change, "value")
    return menu


def _button(name, on_click):
    button = ipywidgets.Button(description=name, layout={"width": "90px"})
    button.on_click(on_click)
    return button
