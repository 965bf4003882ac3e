"""What the playground shows: a picture of two networks that is quick to bring up to date, and a strip of a scene."""

import io

import matplotlib.figure
import matplotlib.image
import matplotlib.pyplot as plt
import matplotlib.ticker
import numpy as np
from .playground_networks import HALF
from .plots import CLASS_COLOURS, CLASS_MAP
from matplotlib.backends.backend_agg import FigureCanvasAgg

COLOURS = {"A": "#222222", "B": "#c2185b"}  # those of no activation and no optimizer
SIZE = (1100, 370)  # pixels


def draw_answers(ax, pair, plane, size):
    """The probability of class 1 in the plane (white: a coin toss) and the training points; returns the artists."""
    square = (-HALF, HALF, -HALF, HALF)
    look = {"cmap": CLASS_MAP, "vmin": -0.3, "vmax": 1.3, "origin": "lower", "extent": square}
    artists = [ax.imshow(plane, **look, interpolation="nearest")]
    for number, marker in enumerate("oD"):
        chosen = pair.data[0][pair.data[1] == number]
        look = {"color": CLASS_COLOURS[number], "markeredgecolor": "black", "markersize": size}
        artists += ax.plot(*chosen.T, marker, **look)
    ax.set(xlim=square[:2], ylim=square[2:], xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    return artists


class Picture:
    """A pair of networks as pixels; cross: where the next point is set by key, (x, y) or None.

    Everything is made once; `update` moves what moves, on a background that is kept.
    """

    def __init__(self, pair, cross=None):
        self.figure = matplotlib.figure.Figure(np.array(SIZE) / 100, dpi=100)
        self.canvas = FigureCanvasAgg(self.figure)
        self.moving, self.networks = [], {}
        layers = np.arange(1, 2 + max(one["depth"] for one in pair.settings.values()))
        self.losses = self._panel((0.63, 0.57, 0.35, 0.33), "")
        sizes = self._panel((0.63, 0.1, 0.15, 0.29), "gradient, by layer")
        units = self._panel((0.83, 0.1, 0.15, 0.29), "saturated (/// dead)")
        for place, name in enumerate("AB"):
            ax = self.figure.add_axes((0.005 + 0.285 * place, 0.02, 0.275, 0.82))
            self.networks[name] = self._artists(ax, sizes, units, pair, name, layers)
            if cross is not None:
                self.moving += ax.plot(*cross, "k+", markersize=16)
        for style, label in (("-", "training"), ("--", "test")):
            self.losses.plot([], [], style, color="0.5", label=label)
        self.losses.legend(
            ncols=4, loc="lower center", bbox_to_anchor=(0.5, 0.96), frameon=False, fontsize=11
        )
        where = {"transform": self.losses.transAxes, "fontsize": 11}
        self.losses.text(0.01, 0.05, "loss", **where)
        self.step = self.losses.text(0.99, 0.05, "", ha="right", **where)
        self.moving.append(self.step)
        self.losses.set(yscale="log", xlim=(0, 100), ylim=(1e-3, 3))
        self.losses.set_yticks([1e-3, 1e-2, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
        sizes.set(yscale="log", ylim=(1e-8, 1e2))
        sizes.set_yticks([1e-8, 1e-4, 1], ["< 1e-8", "0.0001", "1"])
        units.set(ylim=(0, 105))
        units.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
        sizes.set(xticks=layers, xlim=(0.4, layers[-1] + 0.6))
        units.set(xticks=layers[:-1], xlim=(0.4, max(layers[-1] - 0.4, 1)))
        for artist in self.moving:
            artist.set_animated(True)
        self._keep_background()

    def _panel(self, place, title):
        """Axes with small type, whatever the theme of the notebook's other figures is."""
        ax = self.figure.add_axes(place)
        ax.set_title(title, fontsize=11)
        ax.tick_params(which="both", labelsize=10, length=0, pad=3)
        ax.grid(color="0.85", linewidth=1)
        return ax

    def place(self, x, y):
        """Where a click at (x, y), shares of the picture from its lower left, is in the plane, or None outside."""
        for made in self.networks.values():
            inside = made["plane"].axes.transAxes.inverted().transform(np.multiply(SIZE, (x, y)))
            if np.all((inside > 0) & (inside < 1)):
                return HALF * (2 * inside - 1)
        return None

    def _artists(self, ax, sizes, units, pair, name, layers):
        """What moves of one network, by names."""
        look = {
            "color": COLOURS[name],
            "marker": "os"[name == "B"],
            "markersize": 6,
            "label": name,
            "linewidth": 1.5,
        }
        answers = draw_answers(ax, pair, np.full((2, 2), 0.5), 4)
        answers[0].set_interpolation("bilinear")
        where = layers[:-1] + (0.2 if name == "B" else -0.2)
        title = {"fontsize": 11, "loc": "left", "color": COLOURS[name]}
        made = {"plane": answers[0], "title": ax.set_title("", **title)}
        made["problem"] = ax.text(0, 0.8, "", ha="center", va="center", fontsize=12, zorder=1.5)
        made["problem"].set_bbox({"facecolor": "white", "alpha": 0.8})
        (made["loss"],) = self.losses.plot([], [], **look, markevery=[-1])
        (made["test loss"],) = self.losses.plot([], [], "--", color=COLOURS[name], linewidth=1.5)
        (made["gradients"],) = sizes.plot([], [], **look)
        bars = {"width": 0.38, "edgecolor": COLOURS[name], "linewidth": 1}
        made["saturated"] = units.bar(where, 0, facecolor=COLOURS[name], alpha=0.45, **bars)
        made["dead"] = units.bar(where, 0, facecolor="white", hatch="////", **bars)
        self.moving += [*answers, made["problem"], made["title"], made["loss"], made["test loss"]]
        self.moving += [made["gradients"], *made["saturated"], *made["dead"]]
        return made

    def _keep_background(self):
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(self.figure.bbox)

    def update(self, pair):
        """Draw the pair as it is now; returns a JPEG in bytes, which takes a fifth of a PNG's time."""
        if pair.step > self.losses.get_xlim()[1]:
            self.losses.set_xlim(0, 2 * pair.step)
            self._keep_background()
        for place, (name, made) in enumerate(self.networks.items()):
            made["problem"].set_text(pair.problem)
            made["title"].set_text(pair.label(name))
            if name in pair.found:
                self._update(
                    made, pair, name, np.array(pair.history).T[[0, 1 + 2 * place, 2 + 2 * place]]
                )
        self.step.set_text(f"step {pair.step}")
        self.canvas.restore_region(self.background)
        for artist in self.moving:
            self.figure.draw_artist(artist)
        jpeg = io.BytesIO()
        fine = {"quality": 92, "subsampling": 0}
        matplotlib.image.imsave(jpeg, self.canvas.buffer_rgba(), format="jpeg", pil_kwargs=fine)
        return jpeg.getvalue()

    def _update(self, made, pair, name, history):
        found, (steps, losses, test_losses) = pair.found[name], history
        state = f"loss {losses[-1]:.2g}, {found['right']:.0%} right"
        if not np.isnan(test_losses[-1]):
            state += f"   (test: {test_losses[-1]:.2g}, {found['test right']:.0%})"
        if pair.diverged(name):
            state = "diverged"
            problem = "The loss is no longer a number:\nthis network has diverged.\n"
            made["problem"].set_text(f"{problem}Take a smaller learning rate.")
        made["title"].set_text(f"{pair.label(name)}\n{state}")
        made["plane"].set_data(found["plane"])
        made["loss"].set_data(steps, np.clip(losses, 1e-3, 3))
        made["test loss"].set_data(steps, np.clip(test_losses, 1e-3, 3))
        made["gradients"].set_data(
            1 + np.arange(len(found["gradients"])), np.maximum(found["gradients"], 1e-8)
        )
        for kind in ("saturated", "dead"):
            for bar, share in zip(made[kind], found[kind], strict=False):
                bar.set_height(100 * share)


def strip(pair, frames, title):
    """Draw a scene for where there are no widgets: its frames, A above B, and the losses. `run` returns the first two.

    Returns the text that stands for the figure, made of what the frames hold.
    """
    figure = plt.figure(figsize=(12.4, 6.6), layout="constrained")
    figure.suptitle(title, fontsize=18)
    grid = figure.add_gridspec(2, len(frames) + 1, width_ratios=[*[1] * len(frames), 1.25])
    losses = figure.add_subplot(grid[:, -1])
    steps = ", ".join(str(step) for step, _ in frames)
    told = [
        f"{title}. Two rows of squares with the points of two classes, at steps {steps}, and the losses."
    ]
    for row, name in enumerate("AB"):
        for column, (step, found) in enumerate(frames):
            ax = figure.add_subplot(grid[row, column])
            draw_answers(ax, pair, found[name]["plane"], 5)
            ax.set_title(f"step {step}" if row == 0 else "", fontsize=16)
            ax.set_xlabel(f"{found[name]['right']:.0%} right", fontsize=15)
            if column == 0:
                label = f"{name}: {pair.different}\n{pair.settings[name][pair.different]}"
                ax.set_ylabel(label, fontsize=14)
        history = np.transpose(pair.history)
        look = {"color": COLOURS[name], "marker": "os"[name == "B"], "markevery": [-1]}
        losses.plot(history[0], history[1 + 2 * row], **look, markersize=9, label=name)
        losses.plot(history[0], history[2 + 2 * row], "--", color=COLOURS[name], label="test")
        at_steps = ", ".join(f"{found[name]['loss']:.2g}" for _, found in frames)
        end = frames[-1][1][name]
        told.append(
            f"{pair.label(name)}: training loss {at_steps}, in the end {end['right']:.0%} right, "
            f"and test loss {end['test loss']:.2g}."
        )
    losses.set(yscale="log", xlabel="step")
    losses.set_title("loss: training, test", fontsize=16)
    losses.tick_params(labelsize=14)
    losses.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 3)))
    losses.yaxis.set_major_formatter("{x:g}")
    losses.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    losses.legend(
        fontsize=14, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.12), frameon=False
    )
    return " ".join(told)
