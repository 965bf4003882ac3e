"""What every page keeps to. Each check returns its faults as sentences; none means that the page is sound."""

import pathlib
import urllib.parse

MATH_IS_SET = "window.MathJax?.startup?.promise"
# Text outside of code that still looks like a formula, and formulas with an error.
BAD_MATH = """() => {
  const bad = [...document.querySelectorAll("[data-mjx-error], mjx-container [fill=red]")]
    .map(error => error.dataset.mjxError ?? "an unknown command");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const inside = texts.currentNode.parentElement.closest("pre, code, script, style, mjx-container");
    const found = texts.currentNode.data.match(/\\$[^$]+\\$|\\\\[(\\[].+\\\\[)\\]]/);
    if (!inside && found) bad.push(found[0]);
  }
  return bad;
}"""
WITHOUT_ALT = """() => [...document.querySelectorAll("img")].filter(image => !image.alt.trim())
  .map(image => image.closest(".jp-Cell, .cell, p")?.innerText.slice(0, 60) ?? image.src.slice(0, 60))"""
HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .map(heading => [Number(heading.tagName[1]), heading.textContent.trim()])"""
# The counter of a slide show is a link to the slide that it counts.
LINKS = """() => [...document.querySelectorAll("a[href]:not(.slide-number a)")].map(link => [
  link.href,
  link.ariaLabel || link.title || link.textContent.trim() || link.querySelector("img")?.alt || "",
])"""
WORDS_FOR_NOTHING = {"here", "click here", "this", "this page", "link"}


def faults(page):
    """The faults of an open page, those that the browser reported included."""
    page.evaluate(MATH_IS_SET)
    found = list(page.faults)
    found += [f"a formula is not rendered: {text}" for text in page.evaluate(BAD_MATH)]
    found += [f"a figure has no alt text: {where}" for where in page.evaluate(WITHOUT_ALT)]
    if "VBox(" in page.text_content("body"):
        found.append("a widget is shown as text: VBox(")
    level = 0
    for next_level, title in page.evaluate(HEADINGS):
        if next_level > level + 1:
            found.append(f"a heading of level {next_level} below one of level {level}: {title}")
        level = next_level
    return found + _link_faults(page)


def _link_faults(page):
    found = []
    for address, name in page.evaluate(LINKS):
        if not any(map(str.isalpha, name)) or name.lower() in WORDS_FOR_NOTHING:
            found.append(f"a link does not say where it leads: {name!r} to {address}")
        if address.startswith("file:") and not file_of(address).is_file():
            found.append(f"a link leads nowhere: {name!r} to {address}")
    return found


def file_of(address):
    """The file that a file: address means."""
    return pathlib.Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path))
