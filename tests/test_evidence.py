"""Findings: on made-up results whose answer is known, and on the study's own."""

from helpers import answers, evidence, findings, measures, plots, results, verdicts

import os
import re
import time

import IPython.display
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

ROW = dict.fromkeys(findings.register().columns, "") | {
    "claim": "S9.1",
    "kind": "R",
    "statement": "A is higher.",
    "primary": "test accuracy, epoch 10",
    "measure": "test_accuracy",
    "a": "A",
    "relation": ">",
    "b": "B",
    "delta": "0.25",
    "notebook": "08_activations_compared",
}


def runs(accuracies, epochs=2, **columns):
    """Results of an experiment: the accuracies of the last epoch, 0 to 1, one per seed."""
    rows = []
    for seed, accuracy in enumerate(accuracies):
        for epoch in range(epochs + 1):
            row = {"seed": seed, "learning_rate": 0.1, "epoch": epoch, "diverged": False}
            if epoch:
                last = accuracy if epoch == epochs else 0.5
                row |= {"test_accuracy": last, "training_accuracy": last, "test_loss": 1 - last}
                row |= {"training_loss": 1 - last}
            rows.append(row | columns)
    return pd.DataFrame(rows)


@pytest.fixture
def made_up(monkeypatch):
    """A function of (results, rows): the study then consists of them."""

    def set_up(tables, *rows):
        register = pd.DataFrame([ROW | row for row in rows])
        register.index = register.claim + register.part
        monkeypatch.setattr(findings, "register", lambda: register)
        monkeypatch.setattr(findings, "table_of", lambda name: tables[name])
        monkeypatch.setattr(findings, "label_of", lambda side: f"network {side}")
        monkeypatch.setattr(findings, "experiments", lambda: dict.fromkeys(tables))

    return set_up


SPREAD = np.linspace(-0.002, 0.002, 40)


def test_supported_sentence_puts_sizes_first(made_up):
    a, b = 0.9 + SPREAD, 0.88 + SPREAD[::-1]
    made_up(
        {"A": runs(a), "B": runs(b)},
        {
            "alternative": "test loss",
            "alternative_measure": "test_loss",
            "alternative_relation": "<",
        },
    )
    finding, alternative = findings.find("S9.1")
    assert (finding.word, finding.runs) == ("supported", 40)
    assert finding.size == pytest.approx(2.0)
    assert finding.low < 2.0 < finding.high
    assert finding.readers[0] == 1
    assert alternative.word == "supported"
    assert findings.sentence("S9.1").startswith(
        "S9.1 Network A ends 2.00 points above network B on the test images [1.90, 2.10]; 100 of 100 readers "
        "would see it: supported.\n    By test loss: 0.020 below network B ["
    )


def test_refuted_turned_round_and_hedged(made_up):
    tables = {"A": runs(0.88 + SPREAD), "B": runs(0.9 + SPREAD[::-1])}
    made_up(tables, {}, {"claim": "S9.2", "kind": "R?"}, {"claim": "S9.3", "relation": "<"})
    assert [findings.find(f"S9.{k}")[0].word for k in (1, 2, 3)] == [
        "refuted",
        "not shown here",
        "supported",
    ]
    assert "network A ends 2.00 points below network B" in findings.sentence("S9.1").replace(
        "N", "n"
    )
    assert "0 of 100 readers" in findings.sentence("S9.1")


def test_unequal_counts_are_compared_on_the_seeds_they_share(made_up):
    a, b = runs(0.9 + SPREAD), runs(0.88 + SPREAD[:20])
    made_up({"A": a, "B": b}, {})
    assert findings.find("S9.1")[0].runs == 20


def test_small_difference_says_where_it_turns(made_up):
    noise = np.random.default_rng(0).normal(0, 0.0005, 40)
    made_up({"A": runs(0.901 + noise), "B": runs(0.9 + noise[::-1])}, {})
    text = findings.sentence("S9.1")
    assert "supported, but small (otherwise with δ = 0.1" in text


def test_rivals_and_readers_of_all(made_up):
    tables = {"A": runs(0.9 + SPREAD), "B": runs(0.88 + SPREAD), "C": runs(0.91 + SPREAD)}
    made_up(tables, {"b": "B, C", "among": "A, B, C"}, {"claim": "S9.2", "b": "B"})
    finding = findings.find("S9.1")[0]
    assert finding.word == "refuted"
    assert finding.chance == pytest.approx(1 / 3)
    assert finding.readers[0] == 0
    assert finding.size == pytest.approx(-1)  # the nearest rival


def test_kinds_with_one_side(made_up):
    tables = {"A": runs(0.9 + SPREAD), "B": runs(0.9 + SPREAD[::-1])}
    rows = [
        {"claim": "S9.1", "kind": "L", "relation": "="},
        {"claim": "S9.2", "kind": "V", "b": "", "delta": "", "mark": "90.1"},
        {"claim": "S9.3", "kind": "V", "b": "", "delta": "", "mark": "95 to 96"},
        {"claim": "S9.4", "kind": "E", "b": "", "delta": "90.15"},
        {"claim": "S9.5", "kind": "E", "b": "", "delta": "99"},
        {"claim": "S9.6", "kind": "R", "b": "", "delta": "", "mark": "89"},
        {"claim": "S9.7", "kind": "D", "answer": "false"},
        {"claim": "S9.8", "kind": "=?", "same_as": "S9.9"},
        {"claim": "S9.9", "kind": "R", "relation": "<", "delta": "5"},
        {"claim": "S9.10", "kind": "N", "measure": "improvement_of_loss", "b": "", "delta": "0.01"},
    ]
    made_up(tables, *rows)
    words = [findings.find(f"S9.{k}")[0].word for k in range(1, 11)]
    assert words == [
        "supported",
        "reproduced",
        "not reproduced",
        "supported",
        "not shown here",
        "supported",
        "false",
        "not shown here",
        "no difference that matters",
        "refuted",
    ]


def test_cause(made_up):
    tables = {"A": runs(0.9 + SPREAD), "B": runs(0.8 + SPREAD[::-1]), "C": runs(0.83 + SPREAD)}
    cause = {"claim": "S9.2", "kind": "C", "same_as": "S9.1", "measure": "", "a": "C", "b": "B"}
    made_up(
        tables,
        {},
        cause,
        {**cause, "claim": "S9.3", "a": "A", "b": "C"},
        {**cause, "claim": "S9.4", "a": "B", "kind": "C?"},
    )
    found = [findings.find(f"S9.{k}")[0] for k in (2, 3, 4)]
    assert [one.word for one in found] == ["a lesser part", "supported", "not shown here"]
    assert found[0].size == pytest.approx(30)
    tables["A"] = tables["B"]
    assert findings.find("S9.2")[0].word == "nothing to explain"


def test_runs_that_diverged_are_counted(made_up):
    a = runs(0.9 + SPREAD)
    a.loc[(a.seed < 3) & (a.epoch == 2), "diverged"] = True
    made_up({"A": a, "B": runs(0.88 + SPREAD)}, {})
    assert "3 of the runs diverged." in findings.sentence("S9.1")


def test_measures_by_hand():
    table = runs([0.9, 0.8], epochs=3)
    table.loc[(table.seed == 0) & (table.epoch == 1), "test_accuracy"] = 0.7
    table.loc[(table.seed == 1) & (table.epoch == 2), "test_accuracy"] = 0.97
    by_hand = {
        "test_accuracy": [90, 80],
        "mean_test_accuracy": [70, (50 + 97 + 80) / 3],
        "falls": [20, 17],
        "first_97": [4, 2],
        "gap": [0, 0],
    }
    for name, values in by_hand.items():
        np.testing.assert_allclose(measures.MEASURES[name](table), values, atol=1e-9)


def test_rises_of_a_run_that_diverged_end_at_guessing():
    losses = np.linspace(1.0, 0.4, 60)
    losses[58:] = np.inf
    columns = {f"full_loss_{step}": loss for step, loss in enumerate(losses, 1)}
    columns |= {f"gradient_norm_{step}": 1.0 for step in range(1, 61)}
    table = runs([0.9], epochs=1, **columns)
    table.loc[table.epoch == 0, "full_loss_60"] = 1.1
    assert measures.MEASURES["size_of_rises"](table).tolist() == pytest.approx([2.303 - losses[57]])
    assert measures.MEASURES["rising_steps"](table).tolist() == pytest.approx([200 / 60])
    table["gradient_norm_1"] = np.nan
    assert measures.MEASURES["gradient_growth"](table).tolist() == [38]


def test_the_middle_rate_counts_where_there_are_several():
    parts = [
        runs([accuracy]).assign(learning_rate=rate)
        for accuracy, rate in ((0.2, 0.01), (0.9, 0.1), (0.4, 1.0))
    ]
    table = pd.concat(parts)
    assert measures.MEASURES["test_accuracy"](table).tolist() == [90]
    assert measures.MEASURES["lost_at_neighbours"](table).tolist() == pytest.approx([60])


def test_a_run_that_diverged_stays_in_as_guessing(tmp_path):
    table = runs([0.9, 0.8], epochs=3).drop(columns="diverged")
    table.loc[(table.seed == 1) & (table.epoch >= 2), ["training_loss", "test_loss"]] = [
        np.nan,
        np.inf,
    ]
    table["settings"] = "abc"
    table.to_csv(tmp_path / "X.csv.gz", index=False)
    loaded = results.load("X", tmp_path)
    assert loaded[loaded.seed == 1].diverged.tolist() == [False, False, True, True]
    late = loaded[loaded.diverged]
    assert (late.training_loss == 2.303).all()
    assert (late.test_accuracy == 0.1).all()
    assert loaded[loaded.seed == 0].test_accuracy.iloc[-1] == 0.9


def test_missing_and_damaged_files_are_told(tmp_path):
    with pytest.raises(
        results.ResultsFileError, match=r"S0-relu.csv.gz is missing: .* run --only S0-relu"
    ):
        results.read("S0-relu", tmp_path)
    for content in (b"", b"not gzip", results.path_of("S0-relu").read_bytes()[:2000]):
        (tmp_path / "S0-relu.csv.gz").write_bytes(content)
        with pytest.raises(results.ResultsFileError, match=r"is damaged .*git checkout"):
            results.read("S0-relu", tmp_path)


def test_no_result_is_shown_before_an_experiment_is_complete(monkeypatch):
    table = results.load("S0-relu")
    findings._complete.cache_clear()
    monkeypatch.setattr(results, "load", lambda name: table[table.seed < 10_050])
    assert findings.find("S0.2")[0].word == findings.NOT_RUN
    assert findings.sentence("S0.2") == "S0.2 is not run yet: the runs of S0-relu are not complete."


@pytest.mark.parametrize("spoil", ["seed lost", "row lost", "row twice", "other settings"])
def test_damaged_results_are_refused(monkeypatch, spoil):
    table = results.load("S0-relu")
    changed = {
        "seed lost": table[table.seed != 10_007],
        "row lost": table.drop(index=table.index[500]),
        "row twice": pd.concat([table, table.iloc[[500]]]),
        "other settings": table.assign(settings="0123456789ab"),
    }[spoil]
    findings._complete.cache_clear()
    monkeypatch.setattr(results, "load", lambda name: changed)
    error = findings.IncompleteError if spoil == "seed lost" else results.ResultsFileError
    with pytest.raises(error, match="S0-relu"):
        findings.table_of("S0-relu")


def test_seeds_beyond_the_plan_do_not_count(monkeypatch):
    table = results.load("S0-relu")
    more = pd.concat([table, table[table.seed == 10_007].assign(seed=10_500)])
    findings._complete.cache_clear()
    monkeypatch.setattr(results, "load", lambda name: more)
    assert len(findings.table_of("S0-relu")) == len(table)


def test_a_new_file_is_read_again(tmp_path):
    path = results.path_of("X", tmp_path)
    for accuracy in (0.5, 0.6):
        table = runs([accuracy]).drop(columns="diverged").assign(settings="abc")
        table.to_csv(path, index=False)
        os.utime(path, ns=(0, int(1e9 * accuracy)))
        assert results.load("X", tmp_path).test_accuracy.iloc[-1] == accuracy


def test_a_number_that_is_missing_is_no_verdict(made_up):
    a = runs(0.9 + SPREAD)
    a.loc[(a.seed == 3) & (a.epoch == 2), "test_accuracy"] = np.nan
    made_up({"A": a, "B": runs(0.88 + SPREAD)}, {})
    finding = findings.find("S9.1")[0]
    assert finding.word == findings.NOT_RUN
    assert "no test_accuracy can be had of seed 3" in finding.sentence


def test_either_side_of_a_mark(made_up):
    noise = np.random.default_rng(0).normal(0, 0.001, 40)
    tables = {name: runs(mean + noise) for name, mean in (("A", 0.9), ("B", 0.91), ("C", 0.9))}
    row = {"kind": "R?", "relation": "≠", "delta": "", "mark": "0.25"}
    made_up(tables, row, row | {"claim": "S9.2", "b": "C"})
    apart, alike = (findings.find(name)[0] for name in ("S9.1", "S9.2"))
    assert (apart.word, alike.word) == ("supported", "not shown here")
    assert apart.turns == "with δ = 1.00"
    assert apart.readers[0] > 0.99
    a = 100 * (0.9 + noise)
    pairs = np.abs(a[:, None] - a[None, :]) > 0.25
    assert alike.readers[0] == pytest.approx(pairs.sum() / (40 * 39))
    assert alike.chance == pytest.approx(alike.readers[0])  # C's runs are like A's own
    assert " readers would see a difference, either way (" in findings.sentence("S9.2")


def test_the_smallest_turning_point_of_several_rivals(made_up):
    a = 0.9 + SPREAD
    tables = {"A": runs(a), "B": runs(a - 0.001), "C": runs(a - 0.002)}
    made_up(tables, {"b": "B, C"})
    finding = findings.find("S9.1")[0]
    assert finding.word == "supported, but small"
    assert finding.turns == "with δ = 0.10"
    assert "(the nearest of 2 rivals)" in finding.sentence
    assert len(finding.differences) == 2


def test_turning_points_are_above_0(made_up):
    tables = {"A": runs(0.9 + SPREAD), "B": runs(0.9 + SPREAD + 0.0008 * np.sign(SPREAD[::-1]))}
    rows = [
        {"kind": "L", "relation": "=", "delta": "0.03"},  # undecided, around 0
        {
            "claim": "S9.2",
            "kind": "N",
            "measure": "improvement_of_accuracy",
            "b": "",
            "delta": "50",
        },
        {"claim": "S9.3", "kind": "N", "measure": "improvement_of_loss", "b": "", "delta": "0.01"},
    ]
    made_up(tables, *rows)
    first, second, third = (findings.find(f"S9.{k}")[0] for k in (1, 2, 3))
    assert (first.word, first.turns.count(" or ")) == ("undecided", 0)
    high = verdicts.mean_interval(100 * (0.4 + SPREAD))[1]
    assert second.turns == f"with δ = {high:.2f}"
    assert third.word == "refuted"
    assert third.turns.startswith("with δ = 0.3")


def test_equal_rows_take_the_verdict_before_it_is_hedged(made_up):
    tables = {"A": runs(0.88 + SPREAD), "B": runs(0.9 + SPREAD)}
    made_up(
        tables,
        {"kind": "R?"},
        {"claim": "S9.2", "kind": "=", "same_as": "S9.1"},
        {"claim": "S9.3", "kind": "=?", "same_as": "S9.1"},
    )
    words = [findings.find(f"S9.{k}")[0].word for k in (1, 2, 3)]
    assert words == ["not shown here", "refuted", "not shown here"]


def test_another_cause_gets_a_size_and_no_verdict(made_up):
    tables = {"A": runs(0.9 + SPREAD), "B": runs(0.8 + SPREAD[::-1]), "C": runs(0.83 + SPREAD)}
    cause = {"claim": "S9.2", "kind": "C", "same_as": "S9.1", "measure": "", "a": "C", "b": "B"}
    made_up(
        tables, {}, cause | {"alternative": "the rest", "alternative_a": "A", "alternative_b": "C"}
    )
    primary, alternative = findings.find("S9.2")
    assert (primary.word, alternative.word) == ("a lesser part", "")
    assert alternative.size == pytest.approx(70)
    assert findings.sentence("S9.2").endswith("By the rest: 70.0 % [69.3, 70.7].")


def test_measures_that_count_runs_that_diverged_do_not_count_them_twice(made_up):
    a = runs(0.9 + SPREAD)
    a.loc[(a.seed < 3) & (a.epoch == 2), "diverged"] = True
    made_up({"A": a}, {"kind": "E", "measure": "fails_at_100_times", "b": "", "delta": "0"})
    text = findings.sentence("S9.1")
    assert "(3 of 40): supported." in text
    assert "diverged" not in text


def test_below_0_a_value_is_said_in_other_words(made_up):
    a = runs(0.5 - 0.1 + SPREAD)
    made_up({"A": a}, {"kind": "N", "measure": "improvement_of_accuracy", "b": "", "delta": "0.25"})
    assert "the test accuracy of network A falls by 10.00 points" in findings.sentence(
        "S9.1"
    ).replace("T", "t")


# The study's own results


def test_all_results_load_in_two_seconds():
    results._load.cache_clear()
    started = time.process_time()
    for path in results.FOLDER.glob("*.csv.gz"):
        results.load(path.name.removesuffix(".csv.gz"))
    assert time.process_time() - started < 2
    assert sum(path.stat().st_size for path in results.FOLDER.iterdir()) < 15e6


def test_results_are_of_the_experiments_as_they_are():
    for path in results.FOLDER.glob("*.csv.gz"):
        name = path.name.removesuffix(".csv.gz")
        table, experiment = results.load(name), findings.experiments()[name]
        assert set(table.settings) == {experiment.hash}, name
        assert set(table.seed) <= set(experiment.seeds), name
        assert not table.duplicated(results.KEYS).any(), name


def test_every_row_of_the_register_has_a_finding_and_a_sentence():
    for name, row in findings.register().iterrows():
        finding = findings.find(name)[0]
        assert finding.word in findings.WORDS or row.kind.startswith("="), name
        assert findings.sentence(name).startswith(name), name


def test_the_ledger_folds_parts_and_counts_rows():
    ledger = evidence.Ledger()
    claims = findings.register()
    assert ledger.folded().index.tolist() == claims.claim.unique().tolist()
    counted = ~claims.kind.str.startswith("=")
    assert ledger.counts().to_numpy().sum() == counted.sum()
    page = ledger._repr_html_()
    sources = claims.claim.str[:2].nunique()
    assert page.count("<tr>") == 1 + sources + claims.claim.nunique()
    assert page.count("<details>") == (claims.claim.value_counts() > 1).sum()
    assert len(evidence.readers_by_claim()) <= 25
    with pytest.raises(ValueError, match="unknown source 'S9': choose one of S0, S1, S2, S4"):
        evidence.Ledger("S9")


def test_the_ledger_names_each_source_once():
    ledger = evidence.Ledger()
    for shown in (repr(ledger), ledger._repr_html_()):
        for source, title in evidence.SOURCES.items():
            assert shown.count(f"{source}: {title}") == 1
    assert "S1: " not in repr(evidence.Ledger("S0"))


def test_advice_has_the_sizes_of_the_study():
    advice = evidence.Advice([("inputs", "scale the <inputs>", "S4.3a")])
    size = findings.find("S4.3a")[0].short
    assert advice.rows.loc[0, "what it was worth"] == size
    assert size in repr(advice)
    assert size in advice._repr_html_()
    assert "<a href='05_input_scale.ipynb'>05</a>" in advice._repr_html_()
    assert "scale the &lt;inputs&gt;" in advice._repr_html_()


def test_advice_of_no_row_says_which_there_are():
    with pytest.raises(ValueError, match=r"no claim 'S4\.33'[\s\S]*S4\.3a"):
        evidence.Advice([("inputs", "scale", "S4.33")])
    with pytest.raises(ValueError, match=r"'S4\.3' has several parts: choose one of .*S4\.3a"):
        evidence.Advice([("inputs", "scale", "S4.3")])


@pytest.mark.parametrize(
    ("gap", "sign", "word"),
    [
        (1.0, 1, "supported"),
        (0.2, 1, "supported, but small"),
        (0.0, 1, "no difference that matters"),
        (1.0, -1, "refuted"),
    ],
)
def test_a_claim_of_ones_own_is_judged_by_the_rule_of_the_study(gap, sign, word):
    theirs = 85 + 100 * SPREAD
    ours = theirs + sign * gap + np.tile([-0.05, 0.05], 20)
    low, high = verdicts.mean_interval(ours - theirs)
    ends = sorted(abs(end) for end in (low, high)) if gap else (low, high)
    side = "above" if sign > 0 else "below"
    text = evidence.judge(ours, theirs, 0.25)
    interval = findings.interval_text(*ends, 2)
    assert text.startswith(f"Ours is {gap:.2f} {side} theirs {interval}; ")
    assert text.endswith(f" of 100 readers would see it above: {word} (with δ = 0.25).")


def test_undecided_is_a_verdict_and_small_units_get_more_digits():
    noise = np.random.default_rng(0).normal(size=(2, 20))
    assert ": undecided (" in evidence.judge(*noise, 0.1)
    assert "Ours is 0.0500 below theirs [" in evidence.judge(
        0.01 * noise[0], 0.01 * noise[0] + 0.05, 0.005
    )


def test_judge_says_what_does_not_fit():
    with pytest.raises(ValueError, match=r"shapes \(3,\) and \(2,\)"):
        evidence.judge([1, 2, 3], [1, 2], 0.25)
    with pytest.raises(ValueError, match="delta is 0: give a number above 0"):
        evidence.judge([1, 2, 3], [1, 2, 2], 0)


def test_show_draws_the_runs_and_yours(capsys, monkeypatch):
    alt = []
    monkeypatch.setattr(plots, "show", alt.append)
    history = type(
        "History",
        (),
        {
            "history": dict.fromkeys(
                ("loss", "accuracy", "val_loss", "val_accuracy"), 9 * [0.5] + [0.8]
            )
        },
    )
    evidence.show("S0.2", yours={"ReLU": history(), "sigmoid": 81.5})
    text = capsys.readouterr().out
    assert " ".join(text.split()) in alt[0]
    assert re.match(r"S0.2 ReLU ends 0\.\d\d points \w+ sigmoid on the training images \[", text)
    dots, differences = plt.gcf().axes
    stars = [line.get_xdata().tolist() for line in dots.lines if line.get_marker() == "*"]
    assert stars == [[80], [81.5]]
    assert [len(line.get_xdata()) for line in dots.lines if line.get_marker() == "o"] == [100, 100]
    assert [label.get_text() for label in differences.get_yticklabels()] == ["ReLU − sigmoid"]
    plt.close("all")


def test_show_puts_several_claims_into_one_figure(capsys, monkeypatch):
    alt = []
    monkeypatch.setattr(plots, "show", alt.append)
    evidence.show("S0.2", "S0.3", "S0.7")
    sentences = [line[:4] for line in capsys.readouterr().out.splitlines() if line[0] == "S"]
    assert sentences == ["S0.2", "S0.3", "S0.7"]
    assert len(alt) == 1
    runs, differences, *_ = axes = plt.gcf().axes  # training accuracy, then test accuracy
    assert len(axes) == 4
    assert [label.get_text() for label in runs.get_yticklabels()] == ["ReLU", "sigmoid", "tanh"]
    names = [label.get_text() for label in differences.get_yticklabels()]
    assert names == ["ReLU − sigmoid", "ReLU − tanh"]
    assert plt.gcf().get_suptitle() == "S0.2 supported; S0.3 supported; S0.7 refuted"
    evidence.show("S0.2", "S0.3")
    titles = plt.gcf().get_suptitle().splitlines()
    assert [title[:4] for title in titles] == ["S0.2", "S0.3"]
    assert titles[0].endswith("than sigmoid: supported")
    plt.close("all")


def test_a_difference_that_two_claims_ask_for_is_drawn_once(monkeypatch):
    monkeypatch.setattr(plots, "show", lambda alt: None)
    evidence.show("S0.1a", "S0.5b")
    assert len(plt.gcf().axes[1].get_yticks()) == 1
    plt.close("all")


def test_show_refuses_what_it_cannot_show():
    with pytest.raises(ValueError, match=r"show needs the number of a claim, such as"):
        evidence.show()
    with pytest.raises(
        ValueError, match=r"no claim 'S0.9'. The claims of S0 are\n  S0.1a .*faster"
    ):
        evidence.show("S0.9")
    with pytest.raises(ValueError, match="yours names 'relu': the figure shows ReLU, sigmoid"):
        evidence.show("S0.2", yours={"relu": 80})
    history = type("History", (), {"history": {"loss": 10 * [0.5], "accuracy": 10 * [0.8]}})
    with pytest.raises(
        ValueError, match=r"does not tell test accuracy.* validation_data=.*'tanh': 0.5"
    ):
        evidence.show("S0.7", yours={"tanh": history()})
    with pytest.raises(ValueError, match=r"does not tell distance of the mean"):
        evidence.show("S0.14", yours={"tanh": history()})
    history.history = {"loss": 3 * [0.5], "accuracy": 3 * [0.8]}
    with pytest.raises(ValueError, match=r"your run of tanh has 3 epochs, the study's have 10"):
        evidence.show("S0.13", yours={"tanh": history()})


def test_show_answers_a_question(capsys, monkeypatch):
    table = pd.DataFrame({"a": [1]})
    monkeypatch.setitem(answers.ANSWERS, "S3.Q1", lambda: table)
    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    evidence.show("S3.Q1")
    assert shown[0] is table
    question, measure = capsys.readouterr().out.splitlines()
    assert question.startswith("S3.Q1 How fast does each pair")
    assert measure.startswith("    Answered by training loss by epoch")

    def missing():
        raise findings.IncompleteError("the runs of S3-best are not complete")

    monkeypatch.setitem(answers.ANSWERS, "S3.Q1", missing)
    evidence.show("S3.Q1")
    assert "Not run yet: the runs of S3-best are not complete." in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"no question 'S3.Q8': choose one of S3.Q1"):
        evidence.show("S3.Q8")


def test_wrong_orders_fall_with_the_seeds():
    table = evidence.wrong_orders(draws=500)
    assert (table.dropna().max(axis=1) <= 60).all()
    assert table.loc["S0.1a"].max() == 0
    assert table.loc["S0.7", 1] > table.loc["S0.7", 20]


def test_grid_has_every_run_and_epoch_in_per_cent():
    table = evidence.grid("tanh")
    assert len(table) == 2 * 8 * 10 * 10  # optimizers, rates, seeds, epochs
    assert table.groupby(["optimizer", "learning_rate"]).ngroups == 16
    recorded = answers.grid("tanh", "adam").set_index(["learning_rate", "seed", "epoch"])
    row = table[table.optimizer == "Adam"].iloc[-1]
    same = recorded.loc[row.learning_rate, row.seed, row.epoch]
    assert row.test_accuracy == pytest.approx(100 * same.test_accuracy)
    assert row.training_loss == same.training_loss
    with pytest.raises(ValueError, match="no activation 'elu': choose one of sigmoid, tanh, relu"):
        evidence.grid("elu")
