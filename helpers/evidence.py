"""What the study found on each claim: `show` for one, `Ledger` for all, `Advice` for what follows, figures over all."""

import html
import textwrap

import IPython.display
import numpy as np
import pandas as pd
from . import answers, measures, plots, results, verdicts
from .findings import (
    NOT_RUN,
    WORDS,
    IncompleteError,
    experiments,
    find,
    interval_text,
    label_of,
    mean_and_interval,
    measure_table,
    middle,
    number,
    range_of,
    register,
    rows_of,
    sentence,
)

SOURCES = {
    "S0": "Day 4: Compare Activation Functions (ReLU, Sigmoid, Tanh) on Fashion MNIST (tutorial post)",
    "S1": "Activation functions and optimizers in Keras and TensorFlow (long blog post)",
    "S2": "Exploring Activation Functions for Neural Networks (blog post, 2017)",
    "S4": "ReLU vs sigmoid in mnist example (question with three answers)",
}


def show(*claims, yours=None):
    """Print what the study found on claims, and draw the runs that it rests on, one dot each.

    claims: their numbers, such as "S0.2", or those of parts, such as "S0.1a"; several share a figure.
        Of a question, such as "S3.Q1", its answer is shown, a table.
    yours: None, or your own runs, drawn on top: {what the figure calls it: run}, such as
        {"ReLU": history, "sigmoid": other}. A run is what Keras' fit returned, the Runs of
        fit_seeds, or a number, or several, in the unit of the figure's axis (accuracies in per cent).
    Raises ValueError for a number that no claim has, with a list of the claims there are, and for a
    label in yours that the figure does not have, or a run that does not tell what it shows.
    """
    if not claims:
        raise ValueError('show needs the number of a claim, such as evidence.show("S0.2").')
    for question in [claim for claim in claims if str(claim).startswith("S3")]:
        _show_answer(question)
    claims = [claim for claim in claims if not str(claim).startswith("S3")]
    names = [name for claim in claims for name in rows_of(claim)]
    yours = yours or {}
    _check_labels(yours, names)
    panels, sentences, words, drawn = {}, [], {}, set()
    for name in names:
        found = find(name)
        sentences.append(sentence(name, found))
        print(sentences[-1])
        words[name] = found[0].word
        if found[0].values:
            _add_to_panel(panels, name, found[0])
            drawn.add(name)
    for panel in panels.values():
        for label, run in yours.items():
            if label in panel["runs"]:
                side = panel["sides"][label]
                panel["yours"][label] = _own_values(run, panel["measure"], side)
    if panels:
        shown = [claim for claim in claims if drawn & {*rows_of(claim)}]
        if len(shown) < 3:
            titles = [_title(rows_of(claim), words, len(shown) > 1) for claim in shown]
        else:  # too many to state
            found = "; ".join(f"{claim} {_words(rows_of(claim), words)}" for claim in shown)
            titles = [textwrap.fill(found, 90)]
        plots.hundred_runs(list(panels.values()), "\n".join(titles))
        spoken = " ".join(" ".join(sentences).split())
        plots.show(f"Every run as a dot, one row per network. {spoken}")


def _show_answer(question):
    try:
        table = answers.answer(question)
    except (results.ResultsFileError, IncompleteError) as error:
        print(
            f"{question} {answers.questions().text[question]} {NOT_RUN.capitalize()}: {str(error).rstrip('.')}."
        )
        return
    print(f"{question} {table.attrs['text']}\n    Answered by {table.attrs['answered by']}.")
    IPython.display.display(table)


def _title(names, words, numbered):
    """A claim, with its number if `numbered`, and what was found, for a figure."""
    rows = register().loc[names]
    first = rows.iloc[0]
    statement = (first.folded if len(names) > 1 else "") or first.statement
    number = f"{names[0] if len(names) == 1 else first.claim}  " * numbered
    folded = _words(names, words)
    if numbered and len(number + statement + folded) < 95:
        return f"{number}{statement.rstrip('.')}: {folded}"
    lines = 1 + len(number + statement) // 90
    width = 90 if lines == 1 else len(number + statement) // lines + 12  # no line of one word
    return f"{textwrap.fill(number + statement, width)}\n{folded}"


def _words(names, words):
    """What was found on the rows of a claim."""
    claims = register().claim[names]
    return _folded_words(pd.DataFrame({"claim": claims, "word": [words[name] for name in names]}))


def _check_labels(yours, names):
    """Raises ValueError for a label of `yours` that no side of these rows has."""
    rows = register().loc[names]
    sides = ", ".join([*rows.a, *rows.b]).split(", ")
    labels = sorted({label_of(side) for side in sides if side})
    unknown = [label for label in yours if label not in labels]
    if unknown:
        raise ValueError(
            f"yours names {', '.join(map(repr, unknown))}: the figure shows {', '.join(labels) or 'no runs'}."
        )


def _add_to_panel(panels, name, finding):
    """Add the runs, marks and differences of a finding to the panel of its measure."""
    row, measure = register().loc[name], finding.measure
    key = axis = measure_table().axis[measure]
    if measure == "accuracy_lost":  # to what, only the claim tells
        key, axis = row.primary, f"{row.primary} (points)"
    empty = {
        **{"axis": axis, "measure": measure},
        **{"runs": {}, "sides": {}, "yours": {}},
        **{"marks": [], "differences": [], "difference_marks": []},
    }
    panel = panels.setdefault(key, empty)
    for side, values in finding.values.items():
        label = _panel_label(side, measure)
        panel["runs"][label], panel["sides"][label] = values, side
    kind, mark = row.kind.rstrip("?"), row["mark"]
    either_way = row.relation == "≠"
    for a, b, mean, low, high in finding.differences:
        delta = float(mark if mark and either_way else row.delta or 0)
        found = f"{label_of(a)} minus {label_of(b)}", mean, low, high
        if found not in [known[:4] for known in panel["differences"]]:  # two claims can ask for it
            panel["differences"].append((*found, delta))
    if finding.differences:
        if mark and not either_way:
            sign = -1 if row.relation == "<" else 1
            panel["difference_marks"].append((sign * float(mark), mark))
    elif kind == "V":
        panel["marks"].append((middle(mark), f"published: {mark}"))
    elif kind == "E" and mark:
        panel["marks"] += [(end, f"{end:g}") for end in range_of(mark)]
    else:
        limit = float(mark or row.delta or 0)
        limits = [-limit, limit] if kind == "L" else [limit]  # like: near 0 on either side
        panel["marks"] += [(end, f"{end:g}".replace("-", "−")) for end in limits if limit]


def _panel_label(side, measure):
    return "the four pairs" if measure.startswith("four_and_nine") else label_of(side)


def _own_values(run, measure, side):
    """A learner's run as numbers in a measure's unit; raises ValueError if it does not tell them."""
    if hasattr(run, "history"):  # what Keras' fit returns
        epochs = range(1, len(run.history["loss"]) + 1)
        table = pd.DataFrame({"epoch": epochs, "seed": 0, "learning_rate": 0.0, **run.history})
    elif hasattr(run, "table"):
        table = run.table.drop(columns="copy")
    else:
        return np.atleast_1d(np.asarray(run, float))
    planned = experiments()[side.split(" + ")[0]].settings.get("epochs")
    if planned and table.epoch.max() != planned:
        raise ValueError(
            f"your run of {label_of(side)} has {table.epoch.max()} epochs, the study's have {planned}: train for "
            "as many, or give the number itself."
        )
    try:
        values = measures.MEASURES[measure](table.rename(columns=results.COLUMNS)).to_numpy()
    except (KeyError, IndexError, ValueError):
        values = np.array([np.nan])
    if np.isnan(values).any():
        raise ValueError(
            f"what Keras records of a run does not tell {measure_table().axis[measure]}: give validation_data=(x_test, "
            f"y_test) to fit, or give the number itself, such as yours={{{label_of(side)!r}: 0.5}}."
        )
    return values


def paired_interval(a, b):
    """The 95 % t interval (low, high) of the mean of a - b, one number per seed each, of the same seeds."""
    a, b = _paired(a, b)
    return verdicts.mean_interval(a - b, confidence=0.95)


def _paired(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(
            f"shapes {a.shape} and {b.shape}: give two arrays of one number per seed each."
        )
    return a, b


def judge(ours, theirs, delta):
    """What the study would say of "ours is above theirs", a sentence: its rule for rankings (R in study/README.md).

    ours, theirs: one number per seed each, of the same seeds, two or more. delta: the smallest difference
    that matters, in the same unit. The sentence has the mean difference with its 99 % interval, how many of
    100 readers would see ours above if each ran both once, and the verdict.
    """
    ours, theirs = _paired(ours, theirs)
    if not delta > 0:
        raise ValueError(f"delta is {delta!r}: give a number above 0, in the unit of the others.")
    mean, low, high = mean_and_interval((ours - theirs).round(9))  # equal ones are equal
    word, side = verdicts.judge_ranking(low, high, delta), "above"
    if mean < 0:
        mean, low, high, side = -mean, -high, -low, "below"
    digits = max(0, 1 - int(np.floor(np.log10(delta))))  # 0.25 points: two, as in the study
    size = f"{number(mean, digits)} {side} theirs {interval_text(low, high, digits)}"
    seen = f"{100 * verdicts.readers(ours, theirs):.0f} of 100 readers would see it above"
    return f"Ours is {size}; {seen}: {word} (with δ = {delta:g})."


class Advice:
    """Choices with what they were worth in the study; a notebook shows a table.

    rows: (if you have, then, name of a row of the register such as "S2.3b"), one per choice. Size, measure and
    notebook are the study's. Raises ValueError for a name that no row has, and for a claim with several.
    """

    def __init__(self, rows):
        claims, table = register(), []
        for condition, choice, name in rows:
            if rows_of(name) != [name]:
                raise ValueError(f"{name!r} has several parts: choose one of {rows_of(name)}.")
            size, row = _size(find(name)[0]), claims.loc[name]
            table.append((condition, choice, size, f"{row.primary} ({name})", row.notebook))
        heads = ["if you have", "then", "what it was worth", "measured by", "notebook"]
        self.rows = pd.DataFrame(table, columns=heads)

    def __repr__(self):
        lines = []
        for condition, choice, size, measured, notebook in self.rows.itertuples(index=False):
            lines.append(f"If you have {condition}: {choice}")
            lines.append(f"    {size}; {measured}; notebook {notebook[:2]}")
        return "\n".join(lines)

    def _repr_html_(self):
        rows = [
            _html_row(*map(html.escape, row[:-1]), _link(row[-1]))
            for row in self.rows.itertuples(index=False)
        ]
        return _html_table(self.rows.columns, rows)


class Ledger:
    """All claims with what the study found; a notebook shows one row per claim, opening to its parts.

    rows: a pandas.DataFrame, one row per row of the register: claim, statement, word, found (sizes), readers
    (of 100, or missing), notebook, counted (False for claims that say the same as another).
    """

    def __init__(self, source=None):
        rows = []
        for name, row in register().iterrows():
            if source and not row.claim.startswith(source + "."):
                continue
            finding = find(name)[0]
            ranked = finding.readers and row.kind.startswith("R")
            rows.append(
                {
                    "name": name,
                    "claim": row.claim,
                    "statement": row.statement,
                    "folded": row.folded or row.statement,
                    "word": finding.word,
                    "found": _size(finding),
                    "readers": round(100 * finding.readers[0]) if ranked else pd.NA,
                    "notebook": row.notebook,
                    "counted": not row.kind.startswith("="),
                }
            )
        if not rows:
            raise ValueError(f"unknown source {source!r}: choose one of {', '.join(SOURCES)}.")
        self.rows = pd.DataFrame(rows).astype({"readers": "Int64"}).set_index("name")

    def counts(self):
        """How many rows got each word, a DataFrame: one row per source, one column per word."""
        counted = self.rows[self.rows.counted]
        table = pd.crosstab(counted.claim.str[:2].rename("source"), counted.word)
        order = [word for word in WORDS if word in table]
        return table[order + [word for word in table if word not in order]]

    def folded(self):
        """One row per claim: claim, statement, finding, readers, notebook."""
        found = []
        for claim, parts in self.rows.groupby("claim", sort=False):
            readers = parts.readers.dropna()
            found.append(
                {
                    "claim": claim,
                    "statement": parts.folded.iloc[0],
                    "finding": _folded_words(parts),
                    "readers": _span(readers),
                    "notebook": parts.notebook.iloc[0],
                }
            )
        return pd.DataFrame(found).set_index("claim")

    def __repr__(self):
        lines, source = [], None
        for claim, row in self.folded().iterrows():
            if claim[:2] != source:
                source = claim[:2]
                lines.append(_source_title(source))
            lines.append(f"{claim} {row.statement}\n    {row.finding}{_of_100(row.readers)}")
            parts = self.rows[self.rows.claim == claim]
            for name, part in parts.iterrows():
                lines.append(f"      {name} {part.word}: {part.found}")
        return "\n".join(lines)

    def _repr_html_(self):
        heads = ("claim", "in plain words", "finding", "size", "readers of 100", "notebook")
        rows, source = [], None
        for claim, row in self.folded().iterrows():
            if claim[:2] != source:
                source = claim[:2]
                title = html.escape(_source_title(source))
                rows.append(f"<tr><th colspan='{len(heads)}' {_LEFT}>{title}</th></tr>")
            parts = self.rows[self.rows.claim == claim]
            if len(parts) == 1:
                size = html.escape(parts["found"].iloc[0])
            else:
                listed = "".join(
                    f"<li>{html.escape(f'{name} {part.statement} {part.word}: {part.found}')}</li>"
                    for name, part in parts.iterrows()
                )
                size = f"<details><summary>{len(parts)} parts</summary><ul>{listed}</ul></details>"
            said = map(html.escape, (claim, row.statement, row.finding))
            rows.append(_html_row(*said, size, row.readers, _link(row.notebook)))
        return _html_table(heads, rows)


_LEFT = "style='text-align:left'"


def _html_table(heads, rows):
    head = "".join(f"<th {_LEFT}>{one}</th>" for one in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _html_row(*cells):
    return f"<tr>{''.join(f'<td {_LEFT}>{cell}</td>' for cell in cells)}</tr>"


def _link(notebook):
    return f"<a href='{notebook}.ipynb'>{notebook[:2]}</a>"


def _source_title(source):
    return f"{source}: {SOURCES.get(source, 'a source of your own')}"


def _size(finding):
    """The sizes of a finding in short; of one without, what it says instead."""
    return finding.short or finding.sentence


def _folded_words(parts):
    """ "supported" if all parts say so, else "a, b supported; c refuted"."""
    if parts.word.nunique() == 1:
        return parts.word.iloc[0]
    groups = {}
    for name, part in parts.iterrows():
        letter = name.removeprefix(part.claim) or "first"
        groups.setdefault(part.word, []).append(letter)
    return "; ".join(f"{', '.join(letters)} {word}" for word, letters in groups.items())


def _span(readers):
    if not len(readers):
        return ""
    low, high = readers.min(), readers.max()
    return f"{low}" if low == high else f"{low} to {high}"


def _of_100(readers):
    return f"; {readers} of 100 readers" if readers else ""


def readers_by_claim():
    """The README's figure as a DataFrame: one row per ranking claim that readers can see for themselves.

    Those are the claims on the sources' own experiments; they have a short form in the register.

    Of a claim with parts the one that fewest readers would see. Columns: statement, readers, low,
    high (of 100), chance, word.
    """
    rows = []
    claims = register()
    for _, parts in claims[claims.short != ""].groupby("claim", sort=False):
        found = [find(name)[0] for name in parts.index]
        found = [one for one in found if one.readers]
        if not found:
            continue
        least = min(found, key=lambda one: one.readers[0])
        share, low, high = (100 * number for number in least.readers)
        rows.append(
            {
                "claim": least.name,
                "statement": register().short[least.name],
                "readers": share,
                "low": low,
                "high": high,
                "chance": 100 * (least.chance or np.nan),
                "word": least.word,
            }
        )
    return pd.DataFrame(rows)


def wrong_orders(numbers=(1, 3, 5, 10, 20), draws=2_000):
    """How often so few seeds would have given the other order, a DataFrame: one row per ranking claim.

    From the recorded runs: `draws` times, so many different seeds are taken (generator seed 0), and
    the sign of their mean difference is compared with that of all seeds; per cent.
    """
    rows = {}
    claims = register()
    for name in claims.index[claims.kind.isin(["R", "R?"]) & claims.b.ne("")]:
        finding = find(name)[0]
        if len(finding.values) != 2:
            continue
        a, b = finding.values.values()
        shared = a.index.intersection(b.index)
        difference = (a[shared] - b[shared]).to_numpy()
        sign = np.sign(difference.mean())
        generator = np.random.default_rng(0)
        shares = []
        for seeds in numbers:
            if seeds > len(difference) // 2:
                shares.append(np.nan)
                continue
            drawn = generator.permuted(np.tile(difference, (draws, 1)), axis=1)[:, :seeds]
            means = sign * drawn.mean(axis=1)
            shares.append(100 * np.mean((means < 0) + 0.5 * (means == 0)))
        rows[name] = shares
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(numbers))


def grid(activation="relu"):
    """All runs of S3's grid with an activation, a tidy DataFrame: one row per run and trained epoch.

    Columns: optimizer ("SGD" or "Adam"), learning_rate, seed, epoch (from 1), training_loss,
    validation_accuracy and test_accuracy (per cent). Raises ValueError for an activation that S3 lacks.
    """
    optimizers = [optimizer for name, optimizer in answers.PAIRS if name == activation]
    if not optimizers:
        choices = ", ".join(dict.fromkeys(name for name, _ in answers.PAIRS))
        raise ValueError(f"S3 has no activation {activation!r}: choose one of {choices}.")
    columns = ["learning_rate", "seed", "epoch", "training_loss"]
    accuracies = ["validation_accuracy", "test_accuracy"]
    tables = []
    for optimizer in optimizers:
        runs = answers.grid(activation, optimizer)
        table = runs.loc[runs.epoch > 0, columns + accuracies]
        table[accuracies] *= 100
        table.insert(0, "optimizer", answers.NAMES[optimizer])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)
