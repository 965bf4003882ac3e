"""What every notebook keeps to: CONTRIBUTING.md lists it in words."""

from helpers import answers, findings

import base64
import itertools
import pathlib
import re
import struct
import tomllib

import execute
import nbformat
import other_seeds
import pytest

ROOT = pathlib.Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
MOST_COLUMNS = 100  # about what JupyterLab shows of a cell at 1280 pixels
MOST_BYTES = 1_500_000
SLIDE = (1280, 720)  # pixels
SHOWS_CLAIMS = re.compile(r"evidence\.show\(([^()]*)")
CLAIM = re.compile(r"\"(S\d\.[\da-z.Q]+)\"")
PYTHON_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def cells(path):
    return nbformat.read(path, as_version=4).cells


@pytest.fixture
def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


@pytest.fixture
def text(cells):
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_notebooks_are_numbered_without_gaps():
    assert [path.name[:3] for path in PATHS] == [f"{number:02d}_" for number in range(len(PATHS))]
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name) for path in PATHS)


def test_title_has_its_number_and_opening_its_parts(path, cells):
    opening = cells[0].source
    assert re.match(rf"# {path.name[:2]} · \w", opening)
    positions = [
        opening.index(part) for part in ("**You will learn to**\n- ", "**You need**", "**Takes**")
    ]
    assert positions == sorted(positions)
    assert re.search(
        r"\*\*Takes\*\* \d+ seconds to run on two cores, \d+ minutes to teach", opening
    )
    assert (
        " about " not in opening.split("**You will learn to**")[1].split("**You need**")[0]
    )  # verbs, never "about"


def test_only_one_title_and_all_closing_sections_in_order(text):
    headings = re.findall(r"^(#+) (.+)$", text, flags=re.MULTILINE)
    assert [level for level, _ in headings].count("#") == 1
    assert [title for _, title in headings][-4:] == [
        "In short",
        "Exercises",
        "Next",
        "Further reading",
    ]


def test_imports_stand_in_one_cell_with_helpers_first_and_the_base_seed_last(code):
    first = code[0].source
    assert first.startswith("from helpers import ")
    assert re.search(r"^plots\.set_theme\(\)\nBASE_SEED = \d+\Z", first, re.MULTILINE)
    for cell in code[1:]:
        assert not re.search(r"^(import|from) |^BASE_SEED =", cell.source, re.MULTILINE), (
            cell.source
        )


def test_a_prediction_stands_right_before_its_cell(cells):
    for cell, after in itertools.pairwise(cells):
        if "*Before you run: " in cell.source:
            assert after.cell_type == "code", cell.source


def test_code_is_not_wider_than_a_cell(cells):
    for cell in cells:
        blocks = [cell.source] if cell.cell_type == "code" else PYTHON_BLOCK.findall(cell.source)
        for block in blocks:
            assert max(map(len, block.splitlines()), default=0) <= MOST_COLUMNS, block


def test_cells_were_executed_in_order_from_a_clean_kernel(code):
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_no_errors_and_nothing_on_stderr(code):
    for cell in code:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_outputs_are_there_and_free_of_leftovers(code):
    for cell in code:
        for output in cell.outputs:
            if output.output_type == "stream":
                assert output.text.strip(), f"an empty output: {cell.source}"
                assert "\r" not in output.text
                assert "/site-packages/" not in output.text
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2


def test_a_plotting_cell_shows_its_figure(code):
    for cell in code:
        figures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        shows = re.search(r"plt\.show\(\)|(plots|evidence)\.show\(", cell.source)
        assert bool(figures) <= bool(shows), cell.source
        if "evidence.show(" not in cell.source:  # which draws none for a claim that is derived
            assert bool(figures) == bool(shows), cell.source
        assert not cell.source.rstrip().endswith(";")


def test_figures_fit_a_slide(code):
    for cell in code:
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                shown = output.metadata.get("image/png", {})
                width, height = png_size(output.data["image/png"])
                assert (
                    shown.get("width", width) <= SLIDE[0] * 1.1
                )  # a browser shrinks what is wider
                assert shown.get("height", height) <= SLIDE[1]


def png_size(encoded):
    return struct.unpack(">2I", base64.b64decode(encoded)[16:24])


def test_every_cell_has_a_slide_type(cells):
    assert {cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells} <= SLIDE_TYPES
    assert cells[0].metadata.slideshow.slide_type == "slide"


def test_outputs_are_compared_where_there_is_text_to_compare(code):
    checked = [cell for cell in code if "nbval-check-output" in cell.metadata.get("tags", [])]
    assert checked
    for cell in checked:
        assert other_seeds.texts(cell), f"nothing to compare: {cell.source}"
    for cell in code:
        assert set(cell.metadata.get("tags", [])) <= {"nbval-check-output", "readme-figure"}


def test_metadata_is_clean(path, cells):
    metadata = nbformat.read(path, as_version=4).metadata
    assert metadata == {"kernelspec": execute.KERNEL, "language_info": execute.LANGUAGE}
    assert all(set(cell.metadata) <= {"slideshow", "tags"} for cell in cells)


def test_file_is_small(path):
    assert path.stat().st_size < MOST_BYTES


def test_nothing_switches_warnings_off_or_downloads(code):
    source = "\n".join(cell.source for cell in code)
    assert not re.search(
        r"filterwarnings|simplefilter|get_ipython|^[!%]|urlopen|requests\.|get_file",
        source,
        re.MULTILINE,
    )


def test_each_claim_is_shown_in_its_notebook_and_each_question_answered(path, code):
    """Once, and where study/claims.csv and questions.csv say."""
    shown = []
    for cell in code:
        for claims in SHOWS_CLAIMS.findall(cell.source):
            for claim in CLAIM.findall(claims):
                shown += [claim] if "Q" in claim else findings.rows_of(claim)
    register, questions = findings.register(), answers.questions()
    expected = [*register.index[register.notebook == path.stem]]
    expected += [*questions.index[questions.notebook == path.stem]]
    assert sorted(shown) == sorted(name for name in expected if name.startswith("S"))


def test_no_cell_judges_by_itself(code):
    for cell in code:
        assert not re.search(r"evidence\.(verdict|fact)\b", cell.source), cell.source


def test_links_lead_to_notebooks(text):
    assert set(re.findall(r"\]\(([^)/]+\.ipynb)\)", text)) <= {path.name for path in PATHS}


def test_readme_has_a_row_for_every_notebook_with_its_seconds(path, cells):
    (seconds,) = re.findall(r"\*\*Takes\*\* (\d+) seconds", cells[0].source)
    rows = [
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| [{path.name[:2]} ") and f"(notebooks/{path.name})" in line
    ]
    assert len(rows) == 1
    assert f"| {seconds} |" in rows[0]


def test_readme_shows_the_committed_figure():
    figures = [
        base64.b64decode(output.data["image/png"])
        for path in PATHS
        for cell in nbformat.read(path, as_version=4).cells
        if "readme-figure" in cell.metadata.get("tags", [])
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert figures == [(ROOT / "figure.png").read_bytes()]
    assert "](figure.png)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_ci_and_readme_run_the_same_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"<!-- test command -->\n```\n(.+)\n```", readme)
    assert command == "python3 install.py && .venv/bin/python -m pytest"
    assert "<!-- test command -->" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "pytest"
    ]["ini_options"]
    assert sorted(settings["testpaths"]) == ["notebooks", "tests"]
