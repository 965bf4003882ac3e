"""Notebook 17 in JupyterLab, with mouse and keyboard; nothing leaves this machine."""

import time
import tomllib

import lab
import nbformat
import pytest

import web

NOTEBOOK = web.ROOT / "notebooks/17_playground.ipynb"
SCENES = tomllib.loads((web.ROOT / "helpers/playground.toml").read_text(encoding="utf-8"))["scenes"]
AXE = web.WEB / "node_modules/axe-core/axe.min.js"
ROOM = (1130, 600)  # pixels of a cell's output at 1280 x 720, with the sidebar closed
IS_WORKING = """
import threading
print("working:", "playground" in [thread.name for thread in threading.enumerate()])
"""
SHOWN = "document.querySelector('.playground img')?.src.startsWith('blob:')"
# When pictures are shown, when buttons are pressed, when the line above the picture changes, in ms.
WATCH = """() => {
  const [text, picture] = document.querySelector(".playground").children;
  window.seen = {pictures: [], clicks: [], answers: []};
  const note = kind => () => window.seen[kind].push(performance.now());
  picture.addEventListener("load", note("pictures"));
  new MutationObserver(note("answers")).observe(text, {childList: true});
  document.addEventListener("click", note("clicks"), true);
}"""
AXE_RUN = """() => axe.run(document.querySelector(".jp-OutputArea"), {resultTypes: ["violations"]})
  .then(result => result.violations.filter(one => ["serious", "critical"].includes(one.impact))
  .map(({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 150)}`))"""


@pytest.fixture(scope="module")
def page(learner):
    """A notebook with the playground, which all tests here share; it ends with no fault."""
    imports, playground = (nbformat.read(NOTEBOOK, as_version=4).cells[at].source for at in (1, 3))
    learner.close_all()
    learner.add_notebook("playing.ipynb", imports, playground, IS_WORKING.strip())
    page = learner.page
    page.keyboard.press("Control+B")  # closes the sidebar
    page.locator(lab.CELL).first.click()
    for _ in range(3):
        page.keyboard.press("Shift+Enter")
    page.wait_for_function(SHOWN, timeout=240_000)
    page.evaluate(WATCH)
    yield page
    assert page.faults == []


def status(page):
    return page.locator(".playground p").inner_text()


def wait_for(page, start, seconds=120):
    """Wait until the line above the picture starts so."""
    page.wait_for_function(
        "start => document.querySelector('.playground p').textContent.startsWith(start)",
        arg=start,
        timeout=1000 * seconds,
    )


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def choose(page, name, option):
    page.get_by_label(name, exact=True).select_option(option)


@pytest.fixture
def free_play(page):
    """The playground as it opens."""
    choose(page, "scene", "six sigmoid layers")
    choose(page, "scene", "free play")
    wait_for(page, "Before you play")
    return page


@pytest.mark.parametrize("scene", list(SCENES)[1:])
def test_scene_is_played_to_its_end(page, scene):
    choose(page, "scene", scene)
    wait_for(page, f"Before you play: {SCENES[scene]['question']}")
    press(page, "Play")
    wait_for(page, "Playing.")
    wait_for(page, f"Step {SCENES[scene]['steps']}. A")
    assert page.get_by_role("button", name="Play", exact=True).is_visible()
    alt = page.locator(".playground img").get_attribute("alt")
    assert alt.startswith(f"Step {SCENES[scene]['steps']}. A (")


def test_many_pictures_a_second_and_clicks_are_answered_at_once(free_play):
    """Three hidden layers of 16, batches of 32: at least ten pictures, 0.1 s; twice that on a loaded machine."""
    page, waits = free_play, []
    press(page, "Play")
    wait_for(page, "Playing.")
    page.evaluate("window.seen.pictures = []")
    time.sleep(5)
    shown = page.evaluate("window.seen.pictures")
    rate = 1000 * (len(shown) - 1) / (shown[-1] - shown[0])
    for name in 4 * ("Pause", "Step", "Reset", "Play"):
        page.evaluate("window.seen.clicks = []; window.seen.answers = []")
        press(page, name)
        page.wait_for_function("window.seen.answers.length", timeout=5000)
        waits.append(page.evaluate("window.seen.answers[0] - window.seen.clicks[0]"))
        time.sleep(0.5)
    press(page, "Pause")
    median = sorted(waits)[len(waits) // 2]
    print(f"\n{rate:.1f} pictures a second; a click is answered after {median:.0f} ms", end="")
    print(f", at the latest {max(waits):.0f} ms")
    assert rate > 5
    assert median < 200


def test_wild_clicking_leaves_a_page_that_answers(free_play):
    page = free_play
    buttons = page.locator(".jp-OutputArea button.jupyter-button")  # Play or Pause, Step, Reset
    for number in range(30):
        buttons.nth(number % 3).evaluate("button => button.click()")
        if number % 5 == 0:
            choose(page, "depth", str(number % 6))
    started = time.monotonic()
    choose(page, "scene", "momentum swings")  # is answered after all the clicks before it
    wait_for(page, f"Before you play: {SCENES['momentum swings']['question']}", seconds=20)
    print(
        f"\nafter thirty quick clicks the next one takes {time.monotonic() - started:.1f} s", end=""
    )
    press(page, "Step")
    wait_for(page, "Step 1.")


def test_keys_alone_are_enough(free_play):
    page = free_play
    page.get_by_label("scene", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    wait_for(page, "Playing.")
    page.keyboard.press("Space")
    wait_for(page, "Step ")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Reset
    wait_for(page, "Before you play")
    page.get_by_label("data", exact=True).focus()
    page.keyboard.press("End")  # own points
    wait_for(page, "There are no points yet.")
    page.locator(".playground img").focus()
    for key in ("Space", "ArrowUp", "ArrowRight", "Shift+Space"):
        page.keyboard.press(key)
    wait_for(page, "Step 0. A")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.playground img')")


def test_points_are_drawn_with_the_mouse_and_one_class_is_not_enough(free_play):
    page = free_play
    choose(page, "data", "own points")
    press(page, "Clear")
    wait_for(page, "There are no points yet.")
    picture = page.locator(".playground img")
    picture.click(position={"x": 100, "y": 200})
    wait_for(page, "All your points are of class 0.")
    picture.click(position={"x": 200, "y": 250}, modifiers=["Shift"])
    wait_for(page, "Step 0. A")
    press(page, "Step")
    wait_for(page, "Step 1. A")


def test_a_diverging_network_is_told(free_play):
    page = free_play
    choose(page, "activation", "leaky ReLU")
    choose(page, "B differs in", "learning rate")
    choose(page, "B has", "10.0")
    wait_for(page, "Step 0.")
    press(page, "Play")
    time.sleep(3)
    press(page, "Pause")
    wait_for(page, "Step ")
    assert "B (learning rate 10.0): diverged" in status(page)
    assert "A (learning rate 0.1): training loss" in status(page)


def test_it_fits_the_screen_and_has_a_name_for_all_it_shows(free_play):
    box = free_play.locator(".jp-OutputArea-output .widget-vbox").first.bounding_box()
    assert box["width"] <= ROOM[0]
    assert box["height"] <= ROOM[1]
    free_play.evaluate(AXE.read_text(encoding="utf-8"))
    assert free_play.evaluate(AXE_RUN) == []


def test_clearing_the_output_ends_the_work(free_play):
    page = free_play
    page.locator(".jp-Notebook .jp-CodeCell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    press(page, "Play")
    wait_for(page, "Playing.")
    assert work(page) == "working: True"
    page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".jp-InputPrompt").click()
    page.click(".lm-MenuBar-item >> text=Edit")
    page.click(".lm-Menu-item >> text=Clear Cell Output")
    page.wait_for_selector(".playground", state="detached")
    for _ in range(20):
        time.sleep(0.5)
        state = work(page)
        if state == "working: False":
            break
    assert state == "working: False"


def work(page):
    """What the last cell prints now."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(2)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.press("ArrowRight")
    before = cell.locator(".jp-InputPrompt").inner_text()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        """before => { const prompt = document.querySelectorAll(".jp-CodeCell")[2]
          .querySelector(".jp-InputPrompt").innerText; return prompt != before && /\\d/.test(prompt); }""",
        arg=before,
    )
    return cell.locator(".jp-OutputArea-output").inner_text().strip()
