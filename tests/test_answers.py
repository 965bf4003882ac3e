"""The answers to S3's questions, on made-up runs."""

from helpers import answers, findings

import numpy as np
import pandas as pd
import pytest

RATES = (0.01, 0.1, 1.0)


def made_up(name):
    """Runs of an experiment of S3: sigmoid is slower, the largest rate diverges from epoch 2 on."""
    _, kind, *pair = name.split("-")
    if kind == "time":
        columns = {f"seconds_{a}_{o}": [1.0, 1.5] for a, o in answers.PAIRS}
        return pd.DataFrame({"seed": [0, 1], "learning_rate": np.nan, "epoch": 1, **columns})
    generator, rows = np.random.default_rng(0), []
    for seed in range(4):
        for rate in RATES if kind == "grid" else (0.1,):
            for epoch in range(11):
                noise = generator.normal(0, 0.001)
                row = {"seed": seed, "learning_rate": rate, "epoch": epoch}
                row["diverged"] = rate == 1.0 and epoch >= 2
                for layer in answers.LAYERS:
                    row[f"gradient_{layer}"] = 0.001 * 10 ** (layer - 1)
                    row[f"dead_in_training_{layer}"] = 0.1 * layer if epoch else 0.0
                if epoch:
                    accuracy = 0.1 if row["diverged"] else 0.8 + 0.01 * min(epoch, 8) + noise
                    row |= {"training_loss": 1 / epoch + (pair[0] == "sigmoid") + noise}
                    row |= {"validation_accuracy": accuracy, "training_accuracy": accuracy + 0.02}
                    row |= {"test_accuracy": accuracy - 0.01}
                rows.append(row)
    return pd.DataFrame(rows)


@pytest.fixture(autouse=True)
def runs(monkeypatch):
    monkeypatch.setattr(findings, "table_of", made_up)


def test_every_question_has_an_answer_with_a_row_for_each_pair_or_rate():
    assert list(answers.ANSWERS) == answers.questions().index.tolist()
    for question in answers.ANSWERS:
        table = answers.answer(question)
        assert table.attrs["text"].endswith("?")
        assert len(table) in (6, 2 * len(RATES), 6 * len(RATES))
        assert table.notna().all(axis=None)
    with pytest.raises(ValueError, match=r"no question 'S3.Q9': choose one of S3.Q1"):
        answers.answer("S3.Q9")


def test_numbers_by_hand():
    speed = answers.answer("S3.Q1")
    assert speed.loc["ReLU with SGD", "epochs to 85 %"].startswith("5.")
    assert speed.loc["ReLU with Adam", "Adam ahead of SGD"].endswith("of 100 pairs of runs")
    lost = answers.answer("S3.Q2").loc["tanh with Adam", "powers of ten lost, untrained"]
    assert lost == "1.00 [1.00, 1.00]"
    dead = answers.answer("S3.Q3")
    assert dead.loc[("SGD", "0.1"), "layer 2, epoch 10 (%)"] == "20.0"
    assert dead.loc[("SGD", "1"), "layer 2, epoch 10 (%)"] == "diverged"
    stability = answers.answer("S3.Q4")
    assert stability.loc[("tanh with SGD", "1"), "diverged"] == "4 of 4"
    assert stability.loc[("tanh with SGD", "0.1"), "diverged"] == "0 of 4"
    rates = answers.answer("S3.Q5").loc["tanh with SGD"]
    assert rates["good rates span"] == "1.0 powers of ten"
    assert rates["rate 3"] == "10.0"
    best = answers.answer("S3.Q6").loc["tanh with SGD"]
    assert best["test accuracy there"].startswith("87.")
    assert best["training minus validation accuracy, epoch 10"] == "2.00 [2.00, 2.00]"
    assert answers.answer("S3.Q7").iloc[0, 0].startswith("1.25 [")
