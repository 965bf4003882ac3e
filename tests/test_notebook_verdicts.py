from helpers import notebook_verdicts as evidence

import warnings

import nbformat
import numpy as np
import pytest
import scipy.stats

BASE = np.array([90.0, 91.0, 89.5, 90.5, 90.2])
AHEAD = np.add(BASE, [0.5, 0.7, 0.4, 0.6, 0.8])
AROUND = np.add(BASE, [0.5, -0.7, 0.4, -0.6, 0.2])


@pytest.fixture(autouse=True)
def no_claim_has_turned(monkeypatch):
    monkeypatch.setattr(evidence, "TURNED", ())


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [(AHEAD, BASE, "supported"), (BASE, AHEAD, "refuted"), (AROUND, BASE, "undecided")],
)
def test_verdict_on_paired_results(a, b, result):
    assert evidence.verdict("S2.5", "A is higher", a, b).result == result


@pytest.mark.parametrize(
    ("number", "result"), [(89, "supported"), (92, "refuted"), (90.2, "undecided")]
)
def test_verdict_against_a_published_figure(number, result):
    found = evidence.verdict(
        "S2.1", "accuracy is higher than published", BASE, number, names=("ours", "theirs")
    )
    assert found.result == result
    assert f"ours - {number:.2f} = " in found.text
    assert "theirs" not in found.text
    assert found.difference == pytest.approx(BASE.mean() - number)


@pytest.mark.parametrize(
    ("margin", "result"),
    [(1.0, "supported"), (0.7, "undecided"), (0.5, "undecided"), (0.3, "refuted")],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_margin_asks_whether_a_is_about_b(margin, result, sign):
    """The interval of these differences is 0.404 to 0.796, or its mirror image."""
    found = evidence.verdict(
        "S2.3", "A is about B", BASE + sign * (AHEAD - BASE), BASE, margin=margin
    )
    assert found.result == result
    assert f", margin {margin:.2f}, 5 seeds" in found.text


def test_several_claims_from_the_same_runs_widen_the_interval():
    """A difference that one claim alone would call supported."""
    a, b = np.add(BASE, [0.5, 0.1, 0.4, 0.1, 0.5]), BASE
    assert evidence.verdict("S0.3", "A is higher", a, b).result == "supported"
    found = evidence.verdict("S0.3", "A is higher", a, b, claims=9)
    assert found.result == "undecided"
    low, high = scipy.stats.ttest_1samp(np.subtract(a, b), 0).confidence_interval(1 - 0.05 / 9)
    assert found.interval == pytest.approx((low, high))
    assert f"99.4 % CI [{low:.2f}, {high:.2f}], 5 seeds" in found.text


@pytest.mark.parametrize("claims", [0, -1, 2.5, None])
def test_number_of_claims_is_a_whole_number_from_one_on(claims):
    with pytest.raises(
        ValueError, match="give the number of claims judged from the same runs, 1 or more"
    ):
        evidence.verdict("S0.3", "A is higher", AHEAD, BASE, claims=claims)


def test_margin_takes_a_published_figure():
    assert evidence.verdict("S2.3", "about 90", BASE, 90, margin=2).result == "supported"
    assert evidence.verdict("S2.3", "about 80", BASE, 80, margin=2).result == "refuted"


def test_wide_interval_around_the_margin_is_undecided():
    assert evidence.verdict("S2.3", "A is about B", AROUND, BASE, margin=0.1).result == "undecided"


def test_line_is_what_scipy_finds():
    a, b = (
        np.array([88.10, 87.95, 88.40, 88.02, 88.31, 87.77]),
        np.array([88.52, 88.30, 88.41, 88.77, 88.50, 88.61]),
    )
    paired = scipy.stats.ttest_rel(a, b).confidence_interval(0.95)
    found = evidence.verdict("S9.9", "A reaches a higher validation accuracy than B", a, b)
    assert repr(found) == (
        f"S9.9 refuted: A reaches a higher validation accuracy than B: A - B = {np.mean(a - b):.2f} points, "
        f"95 % CI [{paired.low:.2f}, {paired.high:.2f}], 6 seeds"
    )
    assert found.interval == pytest.approx((paired.low, paired.high))
    assert found.difference == pytest.approx(np.mean(a) - np.mean(b))


def test_line_of_an_example_computed_by_hand():
    """Differences 1 to 5: mean 3, standard error 0.7071, t quantile 2.7764 for 4 degrees of freedom."""
    found = evidence.verdict(
        "S0.9", "it is slower", [2, 3, 4, 5, 6], [1, 1, 1, 1, 1], unit="s", digits=3
    )
    assert (
        repr(found)
        == "S0.9 supported: it is slower: A - B = 3.000 s, 95 % CI [1.037, 4.963], 5 seeds"
    )


def test_names_and_unit_are_used():
    found = evidence.verdict(
        "S0.2", "claim", AHEAD, BASE, names=("relu", "sigmoid"), unit="% of epochs"
    )
    assert "relu - sigmoid = 0.60 % of epochs," in found.text


def test_pairing_matters():
    """The same values in another order: the spread over seeds hides the difference."""
    uneven = 10 * BASE
    ahead = uneven + AHEAD - BASE
    assert evidence.verdict("S2.5", "A is higher", ahead, uneven).result == "supported"
    assert evidence.verdict("S2.5", "A is higher", ahead, np.roll(uneven, 1)).result == "undecided"


@pytest.mark.parametrize(
    ("shift", "result"), [(0.5, "supported"), (-0.5, "refuted"), (0.0, "undecided")]
)
def test_equal_differences_have_an_interval_without_width(shift, result):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evidence.verdict("S2.5", "A is higher", np.arange(5) + shift, np.arange(5))
    assert found.result == result
    assert found.interval == (shift, shift)


def test_equal_results_are_about_equal():
    assert evidence.verdict("S2.4", "A is about B", BASE, BASE, margin=0.01).result == "supported"


def test_interval_that_touches_zero_or_the_margin_decides_nothing():
    same = np.full(5, 0.25)
    assert evidence.verdict("S2.5", "A is about B", same, 0.0, margin=0.25).result == "undecided"
    assert evidence.verdict("S2.5", "A is higher", same, 0.25).result == "undecided"


@pytest.mark.parametrize("seeds", [1, 2, 4])
def test_fewer_than_five_seeds_are_refused(seeds):
    with pytest.raises(
        ValueError, match=f"{seeds} seeds are too few for a verdict: train at least 5"
    ):
        evidence.verdict("S2.5", "A is higher", AHEAD[:seeds], BASE[:seeds])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (AHEAD, BASE[:4]),
        (AHEAD, BASE[:1]),
        (AHEAD[:, None], BASE[:, None]),
        (91.0, BASE),
        (91.0, 90.0),
        (AHEAD, BASE[:, None]),
    ],
)
def test_arrays_of_other_shapes_are_refused(a, b):
    with pytest.raises(ValueError, match="give one number a seed each"):
        evidence.verdict("S2.5", "A is higher", a, b)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_diverged_runs_are_refused(bad):
    spoiled = np.array([*BASE[:4], bad])
    for a, b in ((spoiled, BASE), (BASE, spoiled), (BASE, bad)):
        with pytest.raises(ValueError, match="holds NaN or infinity: a run diverged"):
            evidence.verdict("S2.5", "A is higher", a, b)


@pytest.mark.parametrize("margin", [0, -1, np.nan])
def test_margin_must_be_above_zero(margin):
    with pytest.raises(ValueError, match=r"margin is .*: give a number above 0"):
        evidence.verdict("S2.5", "A is about B", AHEAD, BASE, margin=margin)


@pytest.mark.parametrize("claim", ["2.5", "S2", "s2.5", "S2.5 ", "S2.5a", "S12.5", "", None, 2.5])
def test_bad_claim_number_is_refused(claim):
    with pytest.raises(ValueError, match=r"give the number of a claim, such as 'S2\.5'"):
        evidence.verdict(claim, "A is higher", AHEAD, BASE)
    with pytest.raises(ValueError, match=r"give the number of a claim, such as 'S2\.5'"):
        evidence.fact(claim, "identity", True)


@pytest.mark.parametrize(
    ("holds", "result"),
    [(True, "exact"), (False, "false"), (np.bool_(True), "exact"), (np.bool_(False), "false")],
)
def test_fact_is_exact_or_false(holds, result):
    found = evidence.fact("S1.16", "Adam is the default", holds)
    assert repr(found) == f"S1.16 {result}: Adam is the default"
    assert found.difference is None
    assert found.interval is None


@pytest.mark.parametrize("holds", [1, 0, "yes", None, np.array([True, True]), 0.5])
def test_fact_takes_true_or_false_only(holds):
    with pytest.raises(ValueError, match="give True or False"):
        evidence.fact("S1.16", "Adam is the default", holds)


@pytest.mark.parametrize(
    ("found", "colour"),
    [
        (evidence.verdict("S2.4", "words", AHEAD, BASE), "success"),
        (evidence.verdict("S2.4", "words", BASE, AHEAD), "danger"),
        (evidence.verdict("S2.4", "words", AROUND, BASE), "warning"),
        (evidence.fact("S2.4", "words", True), "success"),
        (evidence.fact("S2.4", "words", False), "danger"),
    ],
    ids=["supported", "refuted", "undecided", "exact", "false"],
)
def test_notebook_shows_each_result_in_its_box(found, colour):
    shown = found._repr_html_()
    assert shown.startswith(f'<div class="alert alert-{colour}"><b>S2.4 {found.result}</b>: words')
    assert shown.endswith("</div>")


def test_statement_is_escaped_in_html_and_plain_in_text():
    found = evidence.fact("S1.15", "loss < 0 & <script>alert('x')</script>", True)
    assert "loss &lt; 0 &amp; &lt;script&gt;" in found._repr_html_()
    assert "<script>" not in found._repr_html_()
    assert "loss < 0 & <script>" in repr(found)


def test_verdict_cannot_be_changed():
    with pytest.raises(AttributeError):
        evidence.fact("S1.15", "identity", True).result = "supported"


def notebook(path, *shown):
    """Save a notebook with an output for each line of `shown`."""
    outputs = [nbformat.v4.new_output("display_data", {"text/plain": line}) for line in shown]
    cell = nbformat.v4.new_code_cell("...", outputs=outputs)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def ledger_row(ledger, claim):
    return ledger.set_index("claim").loc[claim]


def test_ledger_has_a_row_for_each_claim_of_the_five_sources(tmp_path):
    notebook(tmp_path / "01_one.ipynb", "nothing to see")
    ledger = evidence.collect_verdicts(tmp_path)
    numbers = [
        f"S{source}.{k + 1}" for source, count in enumerate((10, 28, 8, 4, 6)) for k in range(count)
    ]
    assert ledger.claim.tolist() == numbers
    assert ledger.statement.str.len().min() > 20
    assert set(ledger.verdict) == {"missing"}
    assert ledger.seeds.isna().all()


def test_ledger_reads_what_verdicts_show(tmp_path):
    found = evidence.verdict(
        "S2.3", "with 2 layers: about 90", BASE, 90, names=("ours", "x"), margin=2, unit="points"
    )
    identity = evidence.fact("S1.8", "positive numbers: they sum to one", True)
    notebook(tmp_path / "02_two.ipynb", "12 of 56", repr(found), repr(identity))
    ledger = evidence.collect_verdicts(tmp_path)
    row = ledger_row(ledger, "S2.3")
    assert (row.verdict, row.tested, row.seeds, row.notebook) == (
        "supported",
        "with 2 layers: about 90",
        5,
        "02_two",
    )
    low, high = found.interval
    assert (
        row.measured == f"ours - 90.00 = 0.24 points, 95 % CI [{low:.2f}, {high:.2f}], margin 2.00"
    )
    row = ledger_row(ledger, "S1.8")
    assert (row.verdict, row.tested, row.measured) == (
        "exact",
        "positive numbers: they sum to one",
        "",
    )


def test_ledger_names_both_notebooks_of_verdicts_that_disagree(tmp_path):
    notebook(tmp_path / "01_one.ipynb", "S2.3 supported: so it is")
    notebook(tmp_path / "02_two.ipynb", "S2.3 supported: so it is")
    assert ledger_row(evidence.collect_verdicts(tmp_path), "S2.3").notebook == "01_one"
    notebook(tmp_path / "02_two.ipynb", "S2.3 refuted: it is not")
    with pytest.raises(
        ValueError, match=r"S2\.3 is supported in 01_one and refuted in 02_two: run both again"
    ):
        evidence.collect_verdicts(tmp_path)


def test_ledger_wants_a_folder_with_notebooks_that_can_be_read(tmp_path):
    with pytest.raises(
        ValueError, match=r"there are no notebooks in .*: give the folder that holds them"
    ):
        evidence.collect_verdicts(tmp_path)
    for text in ("", "[]", "{}"):
        (tmp_path / "01_torn.ipynb").write_text(text, encoding="utf-8")
        with pytest.raises(
            ValueError, match=r"01_torn\.ipynb cannot be read as a notebook: save it again"
        ):
            evidence.collect_verdicts(tmp_path)


def test_counts_by_source(tmp_path):
    lines = (
        "S0.1 refuted: a",
        "S0.2 false: b",
        "S0.3 exact: c",
        "S0.4 supported: d",
        "S4.6 undecided: e",
    )
    notebook(tmp_path / "01_one.ipynb", *lines)
    counts = evidence.count_verdicts(evidence.collect_verdicts(tmp_path))
    assert counts.columns.tolist() == ["held", "undecided", "did not hold", "missing"]
    assert counts.index.tolist() == ["S0", "S1", "S2", "S3", "S4"]
    assert counts.loc["S0"].tolist() == [2, 0, 2, 6]
    assert counts.loc["S4"].tolist() == [0, 1, 0, 5]
    assert counts.to_numpy().sum() == 56


def test_a_claim_that_turned_is_undecided(monkeypatch):
    lower, higher = np.arange(5.0), np.arange(5.0) + 3 + np.array([0, 0.1, 0, 0.1, 0])
    assert evidence.verdict("S2.5", "a is higher", higher, lower).result == "supported"
    monkeypatch.setattr(evidence, "TURNED", ("S2.5",))
    turned = evidence.verdict("S2.5", "a is higher", higher, lower)
    assert turned.result == "undecided"
    assert turned.text.startswith("a is higher (turns with another seed or processor): A - B = ")
    assert evidence.verdict("S2.6", "a is higher", higher, lower).result == "supported"
