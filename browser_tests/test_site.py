"""Every page of the site opens from disk without a network, on a phone; axe-core finds nothing serious on it."""

import checks
import pytest

import web

PHONE = {"width": 390, "height": 844}
NOTEBOOKS = [f"notebooks/{path.stem}.html" for path in web.NOTEBOOKS]
PAGES = [
    *("index.html", "search.html", "genindex.html", "CONTRIBUTING.html"),
    *("study/README.html", "study/ledger.html", "helpers/datasets/README.html", *NOTEBOOKS),
    *(f"teaching/{name}.html" for name in ("README", "lessons", "pre_quiz", "post_quiz")),
]
AXE = web.WEB / "node_modules/axe-core/axe.min.js"
SERIOUS = """() => axe.run({resultTypes: ["violations"]}).then(result => result.violations
  .filter(violation => ["serious", "critical"].includes(violation.impact))
  .map(({id, help, nodes}) => `axe-core, ${id}: ${help}: ${nodes[0].html.slice(0, 100)}`))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    web.site(folder)
    return folder


@pytest.fixture
def phone(page):
    page.set_viewport_size(PHONE)
    return page


def page_faults(page):
    """The faults of an open page, by the rules for every page, on a phone, and by axe-core."""
    found = checks.faults(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        found.append(f"a phone would have to scroll sideways: {width} pixels")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return found + page.evaluate(SERIOUS)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound(phone, folder, name):
    phone.goto((folder / name).as_uri())
    assert page_faults(phone) == []


def test_no_page_is_left_out_and_each_can_be_reached(page, folder):
    reached, new = set(), {folder / "index.html"}
    while new:
        reached |= new
        links = set()
        for path in new:
            page.goto(path.as_uri())
            links |= {checks.file_of(address) for address, _ in page.evaluate(checks.LINKS)}
        new = {path for path in links if path.suffix == ".html"} - reached
    there = {str(path.relative_to(folder)) for path in reached}
    assert there | {"search.html", "genindex.html"} == set(PAGES)
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.html")} == set(PAGES)


def test_search_finds_a_notebook_and_a_claim(page, folder):
    page.goto((folder / "index.html").as_uri())
    page.fill("input[name=q]", "nesterov")
    page.keyboard.press("Enter")
    page.click("#search-results a:has-text('11 · Momentum')")
    page.wait_for_selector("article :text('Nesterov')")
    page.goto((folder / "search.html").as_uri() + "?q=overfit")
    page.click("#search-results a:has-text('ledger')")
    assert page.faults == []


MADE_WITH_FAULTS = {
    "scroll sideways": "<p style='width: 800px'>A wide paragraph.</p>",
    "axe-core, label": "<input type='text'>",
    "axe-core, color-contrast": "<p style='color: #bbb; background: #fff'>Pale words.</p>",
    "axe-core, link-in-text-block": "<p>We read "
    "<a href='https://example.org/' style='text-decoration: none'>an example</a> first.</p>",
}


@pytest.mark.parametrize("fault", MADE_WITH_FAULTS)
def test_fault_is_named(phone, tmp_path, fault):
    path = tmp_path / "page.html"
    head = "<!DOCTYPE html><html lang='en'><title>Made for a test</title>"
    head += "<meta name='viewport' content='width=device-width'>"
    path.write_text(
        f"{head}<main><h1>Title</h1>{MADE_WITH_FAULTS[fault]}</main></html>", encoding="utf-8"
    )
    phone.goto(path.as_uri())
    assert fault in " ".join(page_faults(phone))
