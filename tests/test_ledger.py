"""The verdicts of the saved notebooks: all there, each only once, and nowhere told otherwise."""

from helpers import evidence

import pathlib
import re

import nbformat
import pytest

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS = "supported|refuted|undecided|exact|false"
# "S1.4 is *exact*", "(S0.2, S0.7 undecided)", and a row of the ledger
TOLD = re.compile(rf"((?:S\d\.\d+(?:, | and )?)+) (?:is |are )?\**({WORDS})\b")
ROW = re.compile(rf"^ *(S\d\.\d+) .*?  ?({WORDS}|missing)\b", re.MULTILINE)


@pytest.fixture(scope="module")
def ledger():
    return evidence.collect_verdicts()


@pytest.fixture(scope="module")
def verdicts(ledger):
    return dict(zip(ledger.claim, ledger.verdict, strict=True))


@pytest.fixture(scope="module")
def cells():
    return {
        path.stem: nbformat.read(path, as_version=4).cells
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    }


def told(text):
    """(claim, verdict) pairs in prose."""
    return [
        (claim, word)
        for claims, word in TOLD.findall(text)
        for claim in re.findall(r"S\d\.\d+", claims)
    ]


def test_every_claim_has_a_verdict(ledger):
    assert ledger[ledger.verdict == "missing"].claim.tolist() == []
    judged = ledger[ledger.verdict.isin(["supported", "refuted", "undecided"])]
    assert (judged.seeds >= evidence.FEWEST_SEEDS).all()
    assert judged.measured.str.contains(" % CI [", regex=False).all()
    assert ledger[~ledger.index.isin(judged.index)].measured.eq("").all()


def test_told_is_found_in_prose():
    text = "S1.4 is *exact*: so. The rest (S0.2, S0.7 undecided) and S0.1 and S0.3 are refuted; "
    text += "S2.7 was supported there."
    assert told(text) == [
        ("S1.4", "exact"),
        ("S0.2", "undecided"),
        ("S0.7", "undecided"),
        ("S0.1", "refuted"),
        ("S0.3", "refuted"),
    ]


def test_prose_tells_no_other_verdict(cells, verdicts):
    texts = {"README": README}
    texts |= {
        name: "\n\n".join(cell.source for cell in of_one if cell.cell_type == "markdown")
        for name, of_one in cells.items()
    }
    found = [(name, *pair) for name, text in texts.items() for pair in told(text)]
    assert len(found) > 10  # the pattern still finds something
    assert [triple for triple in found if verdicts[triple[1]] != triple[2]] == []


def test_notebook_16_shows_the_ledger_as_it_is(cells, verdicts):
    shown = [
        row
        for cell in cells["16_choosing"]
        if re.match(r"(long_post = .*\n)?show\(", cell.source)
        for output in cell.get("outputs", [])
        for row in ROW.findall(output.get("data", {}).get("text/plain", ""))
    ]
    assert sorted(shown) == sorted(verdicts.items())


def test_readme_shows_the_counts_of_the_ledger(ledger):
    counts = evidence.count_verdicts(ledger)[["held", "undecided", "did not hold"]]
    counts.loc["all"] = counts.sum()
    rows = re.findall(r"^\| (S\d|all)\b[^|]*\| (\d+) \| (\d+) \| (\d+) \|$", README, re.MULTILINE)
    assert {source: [*map(int, numbers)] for source, *numbers in rows} == counts.T.to_dict("list")
    assert README.index("| all") < README.index("## Two commands")  # near the top
