"""Build pages that need no network, from the outputs that the notebooks have: python tools/web.py slides, or site.

slides: a slide show of each notebook, into build/slides; site: the README, the notebooks, the guide for instructors,
the study's method and its ledger, searchable, into build/site. These folders are made anew; one of your own, named
after that word, has to be new or empty.
"""

from helpers import evidence

import html
import pathlib
import re
import shutil
import sys
import tempfile
import time

import nbformat
import slide_layout
from nbconvert import SlidesExporter

ROOT = pathlib.Path(__file__).parents[1]
WEB = ROOT / "web"
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
BOX = '<div class="scrolls" role="group" aria-label="{}">{}</div>'
NUMBER_IN_TEXT = re.compile(r"\[(\d\d)\]\((\d\d_\w+)\.ipynb\)")
NUMBER_IN_TABLE = re.compile(r"<a href='(\d\d_\w+)\.ipynb'>\d\d</a>")
OUTSIDE_LINK = re.compile(r"\[([^]]+)\]\(\.\./[^)]+\)")
NOTEBOOK_LINK = re.compile(r'(href="\d\d_\w+)\.ipynb')
SLIDE_SHOWS = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Slide shows</title></head>
<body style="font: 1.2rem/1.8 sans-serif; margin: 2rem">
<main>
<h1>Slide shows</h1>
<p>Space goes on, Shift and Space go back, F fills the screen, Esc shows all slides.</p>
<ul>
{}</ul>
</main>
</body>
</html>
"""
PAGES = (
    "CONTRIBUTING.md",
    "LICENSE",
    "figure.png",
    "helpers/datasets/README.md",
    "study/README.md",
    "teaching/README.md",
    "teaching/lessons.md",
    "teaching/pre_quiz.md",
    "teaching/post_quiz.md",
)
CONTENTS = """
```{toctree}
:hidden:
:glob:
notebooks/*
teaching/README
teaching/lessons
teaching/pre_quiz
teaching/post_quiz
study/README
study/ledger
helpers/datasets/README
CONTRIBUTING
```
"""


def main(what="", folder=None):
    builders = {"slides": slides, "site": site}
    if what not in builders:
        sys.exit(__doc__)
    own = pathlib.Path(folder) if folder else None
    if own and own.exists() and not (own.is_dir() and not any(own.iterdir())):
        sys.exit(f"{own} is there and not an empty folder: name another one. Nothing was changed.")
    for name in ("mathjax", "reveal.js"):
        if not (WEB / "node_modules" / name).is_dir():
            sys.exit(f"{name} is missing: type 'npm ci --prefix web', once and with a network.")
    folder = own or ROOT / "build" / what
    if not own:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    builders[what](folder)
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    print(f"{folder / 'index.html'}: {time.perf_counter() - started:.0f} s, {megabytes:.0f} MB")


def read(path):
    """A notebook as pages show it: with alt texts, telling links, and without what needs Python."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = NUMBER_IN_TEXT.sub(
                lambda link: f"[{_name(link[2])}]({link[2]}.ipynb)", cell.source
            )
            continue
        # A figure that shows the same stands before each widget, or below it.
        cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                data["text/html"] = BOX.format("Figure", _image(output))
            elif "text/html" in data:
                data["text/html"] = BOX.format("Table", _with_named_links(data["text/html"]))
    return notebook


def _image(output):
    """A figure as HTML; its alt text is in the metadata, where no exporter looks."""
    alt = html.escape(output.metadata.get("image/png", {}).get("alt", ""))
    return f'<img alt="{alt}" src="data:image/png;base64,{output.data["image/png"].strip()}">'


def _with_named_links(table, folder=""):
    """A table in which the numbers of notebooks are links that say where they lead."""
    return NUMBER_IN_TABLE.sub(
        lambda link: f'<a href="{folder}{link[1]}.html">{_name(link[1])}</a>', table
    )


def _name(stem):
    return stem.replace("_", " ")


def slides(folder, notebooks=NOTEBOOKS):
    """A slide show of each notebook, and a page of links to them."""
    vendor = folder / "vendor"
    for name in ("reveal.js/dist", "reveal.js/plugin/notes"):
        shutil.copytree(WEB / "node_modules" / name, vendor / name)
    shutil.copy(WEB / "node_modules/mathjax/es5/tex-svg.js", vendor)
    shutil.copy(WEB / "slides/slides.css", vendor)
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(WEB)],
        reveal_url_prefix="vendor/reveal.js",
        reveal_theme="white",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    links = ""
    for path in notebooks:
        notebook = read(path)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":  # what is outside of notebooks/ is not in this folder
                cell.source = OUTSIDE_LINK.sub(r"\1", cell.source)
        title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
        resources = {"metadata": {"name": title}}
        page, _ = exporter.from_notebook_node(slide_layout.lay_out(notebook), resources)
        page = NOTEBOOK_LINK.sub(r"\1.html", page)
        (folder / f"{path.stem}.html").write_text(page, encoding="utf-8")
        links += f'<li><a href="{path.stem}.html">{html.escape(title)}</a></li>\n'
    (folder / "index.html").write_text(SLIDE_SHOWS.format(links), encoding="utf-8")


def site(folder):
    """The pages, made by Sphinx from copies, since the notebooks and the README stay as they are."""
    try:
        import sphinx.cmd.build
    except ModuleNotFoundError:
        sys.exit(
            "Sphinx is missing: type '.venv/bin/python -m pip install -r requirements-web.txt' first."
        )
    with tempfile.TemporaryDirectory() as sources:
        sources = pathlib.Path(sources)
        for name in PAGES:
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, sources / name)
        (sources / "notebooks").mkdir()
        for path in NOTEBOOKS:
            nbformat.write(read(path), sources / "notebooks" / path.name)
        front_page = (ROOT / "README.md").read_text(encoding="utf-8") + CONTENTS
        (sources / "index.md").write_text(front_page, encoding="utf-8")
        ledger = _with_named_links(evidence.Ledger()._repr_html_(), "../notebooks/")
        text = (
            f"# The ledger: each claim and what the study found\n\n{BOX.format('Ledger', ledger)}\n"
        )
        (sources / "study/ledger.md").write_text(text, encoding="utf-8")
        options = ["--quiet", "--fail-on-warning", "--keep-going", "--conf-dir", str(WEB / "site")]
        options += ["--doctree-dir", str(sources / ".doctrees"), str(sources), str(folder)]
        if sphinx.cmd.build.main(options):
            sys.exit("The site has the faults that the lines above name.")


if __name__ == "__main__":
    main(*sys.argv[1:])
