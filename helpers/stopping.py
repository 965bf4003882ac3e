"""What the stop button raises in place of KeyboardInterrupt; apart from training, since it needs no TensorFlow."""


class Stopped(KeyboardInterrupt):
    """The stop button was pressed: ends the cell, with a sentence in place of a traceback."""

    def _render_traceback_(self):  # what IPython shows
        return [str(self)]
