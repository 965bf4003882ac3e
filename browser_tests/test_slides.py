"""Each slide show opens from disk without a network, and each of its slides fits 1280 x 720."""

import checks
import nbformat
import pytest

import web

NAMES = [path.stem for path in web.NOTEBOOKS]
SLIDES = """() => [...document.querySelectorAll(".slides section")].filter(slide => !slide.querySelector("section"))
  .map(slide => { const {h, v} = Reveal.getIndices(slide); return [h, v ?? 0]; })"""
# Of a slide with all its fragments: its first words, its lowest and rightmost pixel, what it cuts off.
MEASURE = """([h, v]) => {
  Reveal.slide(h, v, 99);
  const slide = Reveal.getCurrentSlide();
  const shown = [...slide.querySelectorAll("*")].filter(part => part.getClientRects().length
    && !part.closest("mjx-container > *") && !part.parentElement.closest(".scrolls"));
  const places = shown.map(part => part.getBoundingClientRect());
  const cut = shown.filter(part =>
    getComputedStyle(part).overflowX != "visible" && part.scrollWidth > part.clientWidth + 1);
  return {
    words: slide.innerText.trim().replace(/\\s+/g, " ").slice(0, 50),
    low: Math.round(Math.max(0, ...places.map(place => place.bottom))),
    right: Math.round(Math.max(0, ...places.map(place => place.right))),
    cut: cut.map(part => part.innerText.slice(0, 50)),
  };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    web.slides(folder)
    return folder


def open_show(page, path):
    page.goto(path.as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    page.evaluate(checks.MATH_IS_SET)


def slide_faults(page):
    """What does not fit, by the number of the slide (as in its address) and its first words."""
    found = []
    for place in page.evaluate(SLIDES):
        slide = page.evaluate(MEASURE, place)
        name = f"slide {place[0]}/{place[1]} ({slide['words']})"
        if slide["low"] > 720:
            found.append(f"{name} ends at {slide['low']} pixels")
        if slide["right"] > 1280:
            found.append(f"{name} is {slide['right']} pixels wide")
        found += [f"{name} cuts off {text!r}" for text in slide["cut"]]
        if not slide["words"] and not page.evaluate(
            "Reveal.getCurrentSlide().querySelector('img')"
        ):
            found.append(f"{name} is empty")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_slide_show_needs_no_network_and_its_slides_fit(page, folder, name):
    open_show(page, folder / f"{name}.html")
    assert checks.faults(page) + slide_faults(page) == []


def test_first_page_leads_to_every_slide_show(page, folder):
    page.goto((folder / "index.html").as_uri())
    assert checks.faults(page) == []
    assert page.locator("li a").count() == len(NAMES)


def test_keys_turn_the_pages(page, folder):
    open_show(page, folder / f"{NAMES[0]}.html")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1


FIGURE = nbformat.v4.new_output(
    "display_data",
    {
        "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    },
)
WIDGET = nbformat.v4.new_output("execute_result", {"text/plain": "VBox(children=(IntSlider()))"})
MADE_WITH_FAULTS = {
    "ends at": nbformat.v4.new_code_cell("\n".join(f"row_{row} = {row}" for row in range(40))),
    "pixels wide": nbformat.v4.new_markdown_cell("<p style='width: 1400px'>A wide paragraph.</p>"),
    "cuts off": nbformat.v4.new_markdown_cell(
        f"<div style='overflow: hidden; white-space: nowrap'>{300 * 'word '}</div>"
    ),
    "is empty": nbformat.v4.new_markdown_cell(""),
    "asks the network for https://example.org/a.png": nbformat.v4.new_markdown_cell(
        "![a](https://example.org/a.png)"
    ),
    "could not load": nbformat.v4.new_markdown_cell("![a picture](missing.png)"),
    "a formula is not rendered": nbformat.v4.new_markdown_cell("A formula: $\\undefined x$"),
    "a figure has no alt text": nbformat.v4.new_code_cell("draw()", outputs=[FIGURE]),
    "a widget is shown as text": nbformat.v4.new_code_cell("slider", outputs=[WIDGET]),
    "a heading of level 4": nbformat.v4.new_markdown_cell("#### Too deep"),
    "a link does not say where it leads": nbformat.v4.new_markdown_cell("[here](index.html)"),
    "a link leads nowhere": nbformat.v4.new_markdown_cell("[The next notebook](100_none.html)"),
}


@pytest.fixture(scope="module")
def faulty_folder(tmp_path_factory):
    """A slide show for each fault, by its number."""
    folder = tmp_path_factory.mktemp("faulty")
    paths = []
    for number, cell in enumerate(MADE_WITH_FAULTS.values()):
        cells = [nbformat.v4.new_markdown_cell("# 99 · Made for a test"), cell]
        for one in cells:
            one.metadata.slideshow = {"slide_type": "slide"}
        paths.append(folder / f"{number}.ipynb")
        nbformat.write(nbformat.v4.new_notebook(cells=cells), paths[-1])
    web.slides(folder / "shows", paths)
    return folder / "shows"


@pytest.mark.parametrize("fault", MADE_WITH_FAULTS)
def test_fault_is_named(page, faulty_folder, fault):
    open_show(page, faulty_folder / f"{list(MADE_WITH_FAULTS).index(fault)}.html")
    assert fault in " ".join(checks.faults(page) + slide_faults(page))
