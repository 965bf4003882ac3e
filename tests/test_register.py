"""The register of the study: every row is complete, of a known kind, and leads to a notebook."""

import pathlib
import re

import pandas as pd
import pytest

ROOT = pathlib.Path(__file__).parents[1]
KINDS = {"R", "R?", "L", "N", "V", "D", "E", "C", "="}


@pytest.fixture(scope="module")
def claims():
    return pd.read_csv(ROOT / "study" / "claims.csv", dtype=str, keep_default_na=False)


def test_numbers_are_unique_and_in_order_within_a_source(claims):
    numbers = claims.claim + claims.part
    assert numbers.is_unique
    assert numbers.str.fullmatch(r"S[0124]\.\d+[a-e]?").all()
    places = claims.claim.str.extract(r"S(\d)\.(\d+)").astype(int)
    assert places.equals(places.sort_values([0, 1], kind="stable").reset_index(drop=True))


def test_readme_counts_the_rows(claims):
    readme = (ROOT / "study" / "README.md").read_text(encoding="utf-8")
    assert f"{claims.claim.nunique()} claims in {len(claims)} rows" in readme


def test_every_row_says_what_it_needs_for_its_kind(claims):
    assert set(claims.kind) == KINDS
    for row in claims.itertuples():
        name = row.claim + row.part
        assert row.statement.endswith("."), name
        if row.kind == "=":
            assert row.same_as, name
            continue
        assert all((row.primary, row.rule, row.where)), name
        assert bool(row.experiments) or row.kind == "D", name
        if row.kind == "V":
            assert re.fullmatch(r"[\d.]+( to [\d.]+)?", row.mark), name
        elif row.kind in ("R", "R?", "L", "N"):
            assert float(row.delta or row.mark) > 0, name


def test_equal_rows_name_rows_that_are_counted(claims):
    counted = set(claims.claim + claims.part) - set(
        (claims.claim + claims.part)[claims.kind == "="]
    )
    for names in claims.same_as[claims.kind == "="]:
        assert set(names.split()) <= counted


def test_notebooks_exist(claims):
    questions = pd.read_csv(ROOT / "study" / "questions.csv", dtype=str)
    there = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(claims.notebook) | set(questions.notebook) <= there
    assert questions.question.tolist() == [f"S3.Q{number}" for number in range(1, 8)]
