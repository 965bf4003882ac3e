"""Lay the cells of a notebook out on slides of 1280 x 720: what does not fit goes on to a slide below.

What answers a *Before you run* waits for the next key, so that a class can vote before it sees it.

Heights are estimated from the sizes in web/slides/slides.css; the browser test measures them.
"""

import base64
import copy
import dataclasses
import math
import re
import struct

ROOM = 650  # pixels, of the 656 between the margins
WIDTH = 1184
TEXT_LINE, TEXT_COLUMNS, PARAGRAPH = 33.8, 98, 10
CODE_LINE, CODE_COLUMNS, CODE_BOX = 21.25, 114, 14
HEADING, TABLE_ROW, FORMULA = 60, 38, 75
TABLE_LINE, TABLE_COLUMNS = 29, 100
QUESTION = "Before you run"
FIGURE_AT_MOST, FIGURE_AT_LEAST, TABLE_AT_MOST = 500, 380, 580
CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
FENCE = re.compile(r"(```.*?```)", re.DOTALL)


@dataclasses.dataclass
class Piece:
    """A part of a cell that is never divided; `below`: its place is on the slide of the piece before."""

    cell: dict
    height: float
    below: bool = False
    is_figure: bool = False


def lay_out(notebook):
    """A copy of the notebook in which each slide has as many pieces of its cells as there is room for."""
    notebook = copy.deepcopy(notebook)
    cells, slide, asked = [], [], False
    for cell in notebook.cells:
        kind = cell.metadata.slideshow.slide_type
        if kind in ("slide", "subslide") and slide:
            cells += _filled(slide)
            slide = []
        if kind not in ("skip", "notes"):
            pieces = _pieces(cell)
            asked = asked or QUESTION in cell.source
            if asked and cell.get("outputs"):
                pieces[1].cell.metadata.slideshow.slide_type = "fragment"
                asked = False
            slide += pieces
    notebook.cells = cells + _filled(slide)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


def _filled(pieces):
    """The cells of the pieces; where the room ends, one gets the slide type "subslide"."""
    for index, piece in enumerate(pieces):
        if piece.is_figure:
            _keep_together(pieces, index)
    used = 0
    for index, piece in enumerate(pieces):
        needed = piece.height
        for other in pieces[index + 1 :]:
            if not other.below or needed + other.height > ROOM:
                break
            needed += other.height
        if used and used + needed > ROOM and not (piece.below and used + piece.height <= ROOM):
            piece.cell.metadata.slideshow.slide_type = "subslide"
            used = 0
        used += piece.height
    return [piece.cell for piece in pieces]


def _keep_together(pieces, index):
    """Make a figure smaller if it then shares its slide with what is printed and said of it."""
    figure = pieces[index]
    first = index
    while first and pieces[first].below:
        first -= 1
    last = index + 1
    while last < len(pieces) and pieces[last].below and not pieces[last].is_figure:
        last += 1
    above = sum(piece.height for piece in pieces[first:index])
    beneath = sum(piece.height for piece in pieces[index + 1 : last])
    if min(figure.height, FIGURE_AT_LEAST) + above + beneath > ROOM:
        figure.below = False  # what is printed above stays with the code
        above = 0
    height = min(figure.height, ROOM - above - beneath)
    if figure.height > height >= FIGURE_AT_LEAST:
        figure.height = height
        data = figure.cell.outputs[0].data
        style = f'<img style="max-height: {height - PARAGRAPH:.0f}px"'
        data["text/html"] = data["text/html"].replace("<img", style)


def _pieces(cell):
    if cell.cell_type == "markdown":
        return _paragraphs(cell)
    source, *outputs = _parts(cell)
    return [Piece(source, len(source.source.splitlines()) * CODE_LINE + CODE_BOX)] + [
        Piece(
            part,
            _output_height(part.outputs[0]),
            below=index > 0,
            is_figure="image/png" in part.outputs[0].get("data", {}),
        )
        for index, part in enumerate(outputs)
    ]


def _paragraphs(cell):
    """The whole cell, or if it is too high for a slide, its paragraphs."""
    seen = cell.source.startswith("**What you see")
    height = _text_height(cell.source)
    if height <= ROOM:
        return [Piece(cell, height, seen)]
    pieces = []
    for part in FENCE.split(cell.source):
        blocks = [part] if part.startswith("```") else part.split("\n\n")
        for text in filter(str.strip, blocks):
            pieces.append(Piece(_with(cell, source=text), _text_height(text)))
    pieces[0].cell.metadata.slideshow.slide_type = cell.metadata.slideshow.slide_type
    return pieces


def _parts(cell):
    """The source of a code cell, then each of its outputs, as cells of their own."""
    source = _with(cell, outputs=[])
    source.metadata.slideshow.slide_type = cell.metadata.slideshow.slide_type
    parts = [source]
    for output in cell.outputs:
        part = _with(cell, outputs=[output])
        part.metadata["transient"] = {"remove_source": True}  # nbconvert shows the output alone
        parts.append(part)
    return parts


def _with(cell, **changes):
    changed = copy.deepcopy(cell)
    changed.update(changes)
    changed.metadata.slideshow.slide_type = "-"
    return changed


def _text_height(text):
    height = 0.0
    for part in FENCE.split(text):
        lines = part.strip().splitlines()
        if part.startswith("```"):
            height += (len(lines) - 2) * CODE_LINE + CODE_BOX + PARAGRAPH
            continue
        for line in lines:
            if line.startswith("#"):
                height += HEADING
            elif line.startswith("|"):
                height += TABLE_ROW
            elif line.startswith("$$"):
                height += FORMULA
            elif line:
                height += math.ceil(len(line) / TEXT_COLUMNS) * TEXT_LINE
            else:
                height += PARAGRAPH
    return height + PARAGRAPH


def _output_height(output):
    data = output.get("data", {})
    if "image/png" in data:
        width, height = struct.unpack(">2I", base64.b64decode(data["image/png"])[16:24])
        return min(height * min(1, WIDTH / width), FIGURE_AT_MOST) + PARAGRAPH
    if "text/html" in data:
        return min(_table_height(data["text/html"]), TABLE_AT_MOST)
    text = output.get("text") or data.get("text/plain", "")
    lines = sum(math.ceil(max(len(line), 1) / CODE_COLUMNS) for line in text.splitlines())
    return lines * CODE_LINE + CODE_BOX


def _table_height(table):
    """As if all columns were equally wide."""
    height = PARAGRAPH
    for row in table.split("<tr")[1:]:
        cells = [TAG.sub("", cell) for cell in CELL.findall(row)]
        longest = max(map(len, cells), default=0)
        height += TABLE_ROW + longest * len(cells) // TABLE_COLUMNS * TABLE_LINE
    return height
