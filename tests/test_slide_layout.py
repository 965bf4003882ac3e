import base64
import struct

import nbformat
import pytest
import slide_layout

LONG, SHORT = "\n".join(["x = 1"] * 25), "x = 1"


def text(source, slide_type="-"):
    metadata = {"slideshow": {"slide_type": slide_type}}
    return nbformat.v4.new_markdown_cell(source, metadata=metadata)


def code(source, *outputs, slide_type="-"):
    metadata = {"slideshow": {"slide_type": slide_type}}
    return nbformat.v4.new_code_cell(source, metadata=metadata, outputs=list(outputs))


def printed(lines):
    return nbformat.v4.new_output("stream", text="a line\n" * lines)


def figure(height):
    start = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">2I", 1000, height)
    data = {"image/png": base64.b64encode(start).decode(), "text/html": "<img alt='a line'>"}
    return nbformat.v4.new_output("display_data", data)


def slides_of(*cells):
    """What is on each slide: the first word of a text or a code, the kind of an output."""
    slides = []
    notebook = nbformat.v4.new_notebook(cells=[text("# Title", "slide"), *cells])
    for cell in slide_layout.lay_out(notebook).cells:
        if cell.metadata.slideshow.slide_type in ("slide", "subslide"):
            slides.append([])
        kind = cell.outputs[0].output_type if cell.get("outputs") else cell.source.split()[0]
        slides[-1].append(kind)
    return slides[1:]


def test_what_fits_stays_on_one_slide():
    cells = text("Question", "slide"), code(SHORT, printed(2)), text("**What you see.** One.")
    assert slides_of(*cells) == [["Question", "x", "stream", "**What"]]


def slide_types(*cells):
    notebook = nbformat.v4.new_notebook(cells=[text("# Title", "slide"), *cells])
    laid_out = slide_layout.lay_out(notebook).cells
    return [cell.metadata.slideshow.slide_type for cell in laid_out[1:]]


def test_an_answer_waits_for_a_key():
    question = text("*Before you run: what do you expect?*", "slide")
    seen = text("**What you see.** One.")
    fits, too_long = code(SHORT, printed(2), printed(2)), code(LONG, printed(8))
    assert slide_types(question, fits, seen) == ["slide", "-", "fragment", "-", "-"]
    assert slide_types(question, text("A remark."), fits)[-2:] == ["fragment", "-"]
    assert slide_types(question, code(SHORT), fits)[-2:] == ["fragment", "-"]
    assert slide_types(question, too_long) == ["slide", "-", "subslide"]
    assert slide_types(text("No question.", "slide"), fits) == ["slide", "-", "-", "-"]


def test_what_does_not_fit_goes_on_below():
    assert slides_of(text("Question", "slide"), code(LONG), code(LONG)) == [
        ["Question", "x"],
        ["x"],
    ]


def test_figure_becomes_smaller_to_share_its_slide_with_what_is_said_of_it():
    cells = code(LONG, figure(500), slide_type="slide"), text("**What you see.** " + "word " * 100)
    assert slides_of(*cells) == [["x"], ["display_data", "**What"]]
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    shown = slide_layout.lay_out(notebook).cells[1].outputs[0].data["text/html"]
    assert shown.startswith('<img style="max-height: 4')


@pytest.mark.parametrize("slide_type", ["skip", "notes"])
def test_skipped_cells_are_left_out(slide_type):
    assert slides_of(text("Shown", "slide"), text("Solution", slide_type)) == [["Shown"]]


def test_long_text_is_divided_between_paragraphs_and_not_in_code():
    block = "```python\n" + "\n\n".join(["x = 1"] * 8) + "\n```"
    source = "\n\n".join(["First " + "word " * 250, block, "Last " + "word " * 150])
    assert slides_of(text(source, "slide")) == [["First"], ["```python", "Last"]]


def test_notebook_itself_is_not_changed():
    notebook = nbformat.v4.new_notebook(cells=[code(LONG, figure(700), slide_type="slide")])
    before = nbformat.writes(notebook)
    slide_layout.lay_out(notebook)
    assert nbformat.writes(notebook) == before
