"""JupyterLab as the README's first command opens it, and a learner's hands on it: open, run, type, press stop."""

import ast
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request

import execute
import nbformat

ROOT = pathlib.Path(__file__).parents[1]
STARTED_WITHIN = 60  # seconds
TIMEOUT = 60_000  # ms
ALLOWED = ("file:", "http://localhost:", "http://127.0.0.1:", "ws://localhost:", "data:", "blob:")
TAB = "#jp-main-dock-panel .lm-TabBar-tab"
CELL = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell"
OUTPUT = ".jp-OutputArea-output"
ERRORS = "[data-mime-type='application/vnd.jupyter.error']"
STDERR = "[data-mime-type='application/vnd.jupyter.stderr']"
IDLE = "() => document.querySelector('#jp-main-statusbar')?.innerText.includes('ipykernel) | Idle')"
# Whether every code cell of the notebook in front has run: none waits, and each has its number.
ALL_RUN = """cells => [...document.querySelectorAll(cells)].every(
  cell => /^\\[\\d+\\]:$/.test(cell.querySelector(".jp-InputPrompt").textContent))"""


def command():
    """What the README says to type to open the series, without the installation before it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"<!-- learn command -->\n```\n.* && (.*)\n```", readme)
    return shlex.split(found)


class Server:
    """JupyterLab in a copy of the notebooks, in a folder with a space and a letter beyond ASCII, with a new home.

    address: of the page that the command opens in the browser, a file that leads to the notebook.
    """

    def __init__(self, folder):
        self.folder = folder / "my séries"
        shutil.copytree(
            ROOT / "notebooks", self.folder / "notebooks", ignore=lambda *_: [".ipynb_checkpoints"]
        )
        (self.folder / ".venv").symlink_to(sys.prefix)
        self.log = folder / "log.txt"
        opened, opener = folder / "opened.txt", folder / "open"
        opener.write_text(
            f'#!/bin/sh\nprintf %s "$1" > {shlex.quote(str(opened))}\n', encoding="utf-8"
        )
        opener.chmod(0o755)
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))
        }
        environment |= {"HOME": str(folder), "BROWSER": f"{shlex.quote(str(opener))} %s"}
        environment["PYTHONPATH"] = str(ROOT)
        root = ["--allow-root"] if os.geteuid() == 0 else []
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command() + root, cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        end = time.monotonic() + STARTED_WITHIN
        while not (opened.exists() and opened.stat().st_size):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(
                    f"JupyterLab did not start: {self.log.read_text(encoding='utf-8')}"
                )
            time.sleep(0.05)
        self.address = opened.read_text(encoding="utf-8")
        leads_to = pathlib.Path(self.address.removeprefix("file://")).read_text(encoding="utf-8")
        self.url, self.token = re.search(r'url=(http://[^/]+)/[^"]*token=(\w+)', leads_to).groups()

    def ask(self, path, method="GET"):
        """The answer of the server's own interface, as Python values."""
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Lab:
    """The page. Its notebook in front is meant wherever no other is named."""

    def __init__(self, page, server):
        self.page, self.server = page, server

    def open(self, name):
        """Open a notebook of the list on the left; returns when its kernel is idle."""
        self.page.dblclick(f".jp-DirListing-item:has-text('{name}')")
        self.page.wait_for_selector(f"{TAB}.jp-mod-current:has-text('{name}')")
        self.page.wait_for_selector(CELL)
        self.page.wait_for_function(IDLE)

    def add_notebook(self, name, *sources):
        """Put a notebook with these code cells beside the others, and open it."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": execute.KERNEL})
        nbformat.write(notebook, self.server.folder / "notebooks" / name)
        self.page.click("[data-command='filebrowser:refresh']")
        self.open(name)

    def close_all(self):
        """Close all notebooks without saving, and end their kernels."""
        self.choose("File", "application:close-all")
        discard = self.page.locator(".jp-Dialog button:has-text('Discard')")
        while self.page.locator(f"{TAB}:has-text('.ipynb')").count():
            if discard.is_visible():
                discard.click()
            self.page.wait_for_timeout(20)
        for kernel in self.server.ask("kernels"):
            self.server.ask(f"kernels/{kernel['id']}", "DELETE")

    def choose(self, menu, item):
        """Choose from a menu by mouse; item is the name of its command."""
        self.page.click(f"#jp-MainMenu .lm-MenuBar-itemLabel:text-is('{menu}')")
        self.page.click(f".lm-Menu-item[data-command='{item}']")

    def cell(self, text):
        """The code cell that holds the text."""
        return self.page.locator(CELL, has=self.page.locator(".cm-content", has_text=text))

    def write(self, cell, source):
        """Replace the whole text of a cell."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, cell, wait=True):
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        if wait:
            self.wait_for(cell)

    def wait_for(self, cell):
        """Until a cell has run; its number is new, since outputs of the last run are cleared at the start."""
        cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]:")).wait_for()

    def stop_when(self, cell, shown):
        """Run a cell and press stop once it shows this, a text or a pattern; what it says then, a text per output."""
        self.run(cell, wait=False)
        cell.locator(OUTPUT, has_text=shown).wait_for()
        self.press_stop()
        self.wait_for(cell)
        return [text.strip() for text in cell.locator(OUTPUT).all_inner_texts()]

    def press_stop(self):
        self.page.click(
            ".jp-NotebookPanel:not(.lm-mod-hidden) [data-command='notebook:interrupt-kernel']"
        )


def needed_for(notebook, text):
    """Of a notebook's code cells the first (imports), the one with the text, and those that make the names it uses."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (last,) = [number for number, source in enumerate(sources) if text in source]
    chosen, missing = [sources[last]], _missing_names(sources[last])
    for source in reversed(sources[1:last]):
        if _made_names(source) & missing:
            chosen.insert(0, source)
            missing |= _missing_names(source)
    return [sources[0], *chosen]


def _made_names(source):
    """The names that a cell gives to others."""
    made = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            made.add(node.name)
        else:
            made |= _all_names(node, ast.Store)
    return made


def _missing_names(source):
    """The names that a cell uses and does not make, anywhere in it."""
    tree = ast.parse(source)
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return _all_names(tree, ast.Load) - _all_names(tree, ast.Store) - arguments


def _all_names(tree, context):
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, context)}
