"""The register of the study: every row is complete, of a known kind, and can be computed as it stands."""

from helpers import findings, measures, results

import pathlib
import re

import pandas as pd
import pytest

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "study" / "README.md").read_text(encoding="utf-8")
KINDS = {"R", "R?", "L", "N", "N?", "V", "D", "E", "C", "C?", "=", "=?"}
SIDES = ("a", "b", "among", "alternative_a", "alternative_b")


@pytest.fixture(scope="module")
def claims():
    """The published ones; a reader may add others, of a source of their own."""
    register = findings.register()
    return register[register.claim.str.startswith("S")]


def names_in(row):
    """The experiments that a row names."""
    sides = [side for column in SIDES for side in row[column].split(", ")]
    return {name for side in sides for name in side.split(" + ") if name not in ("", "all")}


def test_numbers_are_unique_and_in_order_within_a_source(claims):
    assert claims.index.is_unique
    assert claims.index.str.fullmatch(r"S[0124]\.\d+[a-e]?").all()
    places = claims.claim.str.extract(r"S(\d)\.(\d+)").astype(int)
    assert places.equals(places.sort_values([0, 1], kind="stable"))


def test_readme_counts_the_rows_and_explains_the_columns(claims):
    assert f"{claims.claim.nunique()} claims in {len(claims)} rows" in README
    explained = README[README.index("`claims.csv`, the register") : README.index("`measures.csv`:")]
    for column in claims.columns:
        if not column.startswith("alternative_") or column == "alternative_measure":
            assert re.search(rf"^\| .*\b{column}\b", explained, re.MULTILINE), column


def test_every_row_says_what_it_needs_for_its_kind(claims):
    assert set(claims.kind) == KINDS
    for name, row in claims.iterrows():
        assert row.statement.endswith("."), name
        kind = row.kind.rstrip("?")
        if kind == "=":
            assert row.same_as, name
            continue
        assert row.primary, name
        assert row["where"], name
        if kind == "D":
            assert row.answer in ("true", "false"), name
        else:
            assert row.a, name
            assert row.relation, name
        if kind == "V":
            assert re.fullmatch(r"[\d.]+( to [\d.]+)?", row["mark"]), name
        elif kind in "RLN":
            assert bool(row.delta) != bool(row["mark"]), name
            assert float(row.delta or row["mark"]) > 0, name


def test_every_measure_is_explained_and_can_be_computed(claims):
    table = findings.measure_table()
    used = (set(claims.measure) | set(claims.alternative_measure)) - {""}
    assert used == set(table.index)
    counted = {"reversals_of_activations", "reversals_of_optimizers"}
    assert set(measures.MEASURES) | counted == set(table.index)
    assert table.definition.str.len().min() > 5


RECORDED_BY = {  # measures whose columns are recorded only if an experiment's `also` asks for them
    "gradients": {"powers_lost", "powers_lost_better", "signal_powers_lost"},
    "units": {
        *("mean_output", "mean_output_by_unit", "zeros", "always_on", "never_switches"),
        *("dead_filters", "shift_by_extremes"),
    },
    "early": {"steps_to_2"},
    "confusion": {"four_and_nine_confused", "four_and_nine_first"},
    "corrupted": {
        *("accuracy_lost_to_noise", "accuracy_left", "accuracy_lost_to_outliers"),
        "shift_by_extremes",
    },
    "full loss": {"rising_steps", "size_of_rises", "rises", "seconds_to_loss"},
    "gradient norm": {"gradient_growth"},
}


def test_experiments_record_what_their_rows_measure(claims):
    experiments = findings.experiments()
    for name, row in claims.iterrows():
        for start in ("", "alternative_"):
            measure = row[f"{start}measure"] or row.measure
            for side in (row[f"{start}a"] or row.a, row[f"{start}b"] or row.b, row.among):
                for one in re.split(r", | \+ ", side):
                    also = getattr(experiments.get(one), "settings", {}).get("also")
                    for what, needed_by in RECORDED_BY.items():
                        if also is not None and measure in needed_by:
                            assert what in also, (
                                f"{name}: {one} does not record what {measure} needs"
                            )


def test_every_experiment_exists_and_all_are_asked_for_somewhere():
    experiments = set(findings.experiments())
    named = {name for _, row in findings.register().iterrows() for name in names_in(row)}
    assert named <= experiments
    beside = re.compile(
        r"S3-|S[24]-today|[BC]-.*grid|C-valley-(gd|sgd)-0.03"
    )  # printed, not judged
    assert [name for name in sorted(experiments - named) if not beside.match(name)] == []


def test_equal_rows_name_rows_that_are_counted_and_causes_their_effect(claims):
    counted = set(claims.index[~claims.kind.str.startswith("=")])
    for row in claims[claims.same_as != ""].itertuples():
        assert set(row.same_as.split()) <= counted
    causes = claims[claims.kind.str.startswith("C")]
    effects = {name for names in causes.same_as for name in names.split()}
    assert set(claims.kind[list(effects)]) == {"R", "R?"}


def test_notebooks_exist(claims):
    questions = pd.read_csv(ROOT / "study" / "questions.csv", dtype=str)
    there = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(claims.notebook) | set(questions.notebook) <= there
    assert questions.question.tolist() == [f"S3.Q{number}" for number in range(1, 8)]


def test_the_readme_s_example_of_a_claim_of_your_own_works(claims, tmp_path, monkeypatch):
    section = README[README.index("## A claim of your own") :]
    (row,) = re.findall(r"```csv\n\s*(.+)\n", section)
    (line,) = re.findall(r"```python\n\s*(.+)\n", section)
    register = (ROOT / "study" / "claims.csv").read_text(encoding="utf-8")
    experiments = (ROOT / "study" / "experiments.py").read_text(encoding="utf-8")
    place = experiments.index("s0_deep_and_raw = [")
    (tmp_path / "claims.csv").write_text(f"{register}{row}\n", encoding="utf-8")
    changed = f"{experiments[:place]}{line}\n{experiments[place:]}"
    (tmp_path / "experiments.py").write_text(changed, encoding="utf-8")
    (tmp_path / "measures.csv").write_bytes((ROOT / "study" / "measures.csv").read_bytes())
    monkeypatch.setattr(findings, "STUDY", tmp_path)
    findings.register.cache_clear()
    findings.experiments.cache_clear()
    try:
        mine = findings.experiments()["my-elu"]
        assert (mine.runs, mine.settings["activation"]) == (20, "elu")
        table = results.load("S0-tanh")
        first = table[table.seed < 10_020]
        monkeypatch.setattr(findings, "table_of", lambda name: first if name == "my-elu" else table)
        sentence = findings.sentence("Y0.1")
        assert sentence.startswith("Y0.1 ELU ends 0.00 points")
        assert "on the test images" in sentence
        assert findings.find("Y0.1")[0].runs == 20
        assert findings.find("Y0.1")[1].measure == "mean_training_loss"
    finally:
        monkeypatch.undo()
        findings.register.cache_clear()
        findings.experiments.cache_clear()
