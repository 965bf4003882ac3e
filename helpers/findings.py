"""What the study found on each row of its register, by the rules that study/README.md states.

Computed from study/claims.csv, study/measures.csv and study/results; nothing is typed in by hand.
"""

import dataclasses
import functools
import pathlib
import re
import runpy

import numpy as np
import pandas as pd
from . import measures, results, verdicts

STUDY = pathlib.Path(__file__).parents[1] / "study"
NOT_RUN = "not run yet"
MINUS = "\u2212"
COUNT_DIVERGED = (
    *("fails_at_100_times", "fails_at_3_times"),
    *("diverges_where_other_does_not", "loss_above_100"),
)
WORDS = (
    *("supported", "supported, but small", "reproduced", "true", "a lesser part"),
    *("no difference that matters", "undecided", "not shown here", "nothing to explain"),
    *("refuted", "not reproduced", "false", NOT_RUN),
)


@functools.cache
def register():
    """study/claims.csv as a pandas.DataFrame of strings, by the name of the row, such as "S0.1a"."""
    claims = pd.read_csv(STUDY / "claims.csv", dtype=str, keep_default_na=False)
    return claims.set_index(claims.claim + claims.part)


@functools.cache
def measure_table():
    return pd.read_csv(STUDY / "measures.csv", keep_default_na=False).set_index("measure")


@functools.cache
def experiments():
    """{name: Experiment} of study/experiments.py."""
    return runpy.run_path(str(STUDY / "experiments.py"))["EXPERIMENTS"]


@dataclasses.dataclass(frozen=True)
class Finding:
    """What the study found on one row of the register, by one measure.

    word: the verdict; sentence: sizes first, without the verdict; short: the sizes alone.
    low, high: the 99 % interval of size, in the unit of the measure, signed as the claim is; runs:
    how many seeds.
    readers: None, or their share with its interval (share, low, high), 0 to 1; chance: their share
    if nobody knew anything, or None. turns: at which δ or mark the verdict would change, or "".
    values: {side: Series of one number per seed}, for the figure; differences: [(side, side, mean, low, high)],
    the first one minus the second, in the unit of the measure. diverged: how many runs.
    """

    name: str
    word: str
    sentence: str
    short: str = ""
    size: float = np.nan
    low: float = np.nan
    high: float = np.nan
    runs: int = 0
    readers: tuple | None = None
    chance: float | None = None
    turns: str = ""
    measure: str = ""
    values: dict = dataclasses.field(default_factory=dict)
    differences: list = dataclasses.field(default_factory=list)
    diverged: int = 0


class IncompleteError(RuntimeError):
    """Runs of an experiment are missing: no result is looked at before it is complete."""


def table_of(name):
    """The results of an experiment, complete; raises ResultsFileError or IncompleteError."""
    return _complete(name, results.version(name))


@functools.lru_cache
def _complete(name, version):  # version: of the file, so that a new one is read
    experiment = experiments()[name]
    missing = IncompleteError(f"the runs of {name} are not complete")
    if version is None:
        raise missing
    table = results.load(name)
    if set(table.settings) != {experiment.hash}:
        raise results.ResultsFileError(
            f"study/results/{name}.csv.gz was recorded with other settings than those of {name} in "
            "study/experiments.py."
        )
    table = table[table.seed.isin(experiment.seeds)]
    seeds = table.seed.nunique()
    if seeds < experiment.runs:
        raise missing  # without their number: what notebooks show changes once, when all are there
    rows = table.groupby("epoch").size()
    runs = seeds * table.learning_rate.nunique(dropna=False)
    if table.duplicated(results.KEYS).any() or (rows != runs).any():
        raise results.ResultsFileError(
            f"study/results/{name}.csv.gz has lost rows, or has some twice: restore it with "
            f"'git checkout -- study/results/{name}.csv.gz'."
        )
    return table


def label_of(side):
    """What a sentence calls a side, such as "ReLU"."""
    first = side.split(" + ")[0]
    return experiments()[first].label if first in experiments() else first


def values_of(side, measure):
    """One number per seed of a side (experiments joined by " + "), a pandas.Series.

    Nine decimals: what was recorded as equal is equal. Raises ResultsFileError if a number is missing.
    """
    values = measures.MEASURES[measure](*(table_of(name) for name in side.split(" + "))).round(9)
    if values.isna().any():
        missing = ", ".join(map(str, values.index[values.isna()]))
        raise results.ResultsFileError(f"{side}: no {measure} can be had of seed {missing}")
    return values


def find(name):
    """(Finding, Finding or None): by the primary and by the alternative measure of a row."""
    row = register().loc[name]
    primary = _safely(name, row, _part(row))
    alternative = None
    if row.alternative_measure or (row.kind.startswith("C") and row.alternative_a):
        alternative = _safely(name, row, _alternative(row))
        if row.kind.startswith("C") and row.alternative_a and " " not in row.same_as:
            # Another cause than the alleged one, or the complement: a size, no verdict.
            kept = alternative.word in (NOT_RUN, "nothing to explain")
            alternative = alternative if kept else dataclasses.replace(alternative, word="")
    return primary, alternative


def _safely(name, row, part):
    try:
        return KINDS[part["kind"].rstrip("?")](name, row, part)
    except (results.ResultsFileError, IncompleteError) as error:
        return Finding(name, NOT_RUN, str(error))


def _part(row):
    return {
        "kind": row.kind,
        "measure": row.measure,
        "a": row.a,
        "relation": row.relation,
        "b": row.b,
        "among": row.among,
        "delta": float(row.delta or "nan"),
        "mark": row.mark,
        "effect": row.same_as.split(" ")[0],  # of kind C
        "effect relation": "",  # of kind C, where its measure is another than the effect's
    }


def _alternative(row):
    """The same for the alternative: what is empty is as in the primary."""
    part = _part(row)
    for key in ("measure", "a", "relation", "b", "mark"):
        part[key] = row[f"alternative_{key}"] or part[key]
    if row.kind.startswith(("C", "V")):
        part["effect"] = row.same_as.split(" ")[-1]
        part["effect relation"] = row.alternative_relation if row.alternative_measure else ""
        return part
    unit, primary_unit = (measure_table().unit.get(one) for one in (part["measure"], row.measure))
    if unit != primary_unit:
        part["delta"] = float(measure_table().delta[part["measure"]])
        if part["mark"]:  # a mark holds in its own unit only
            part["mark"] = ""
            part["kind"] = part["kind"] if part["b"] else "print"
    if row.kind == "L" and part["relation"] in "<>":
        part["kind"] = "R"
    return part


def _sign(relation):
    return -1 if relation == "<" else 1


def mean_and_interval(differences):
    return float(np.mean(differences)), *verdicts.mean_interval(differences)


def _pair(a, b, mean, low, high, measure):
    """(sentence, short form) of a difference a - b, with its interval."""
    row, digits = measure_table().loc[measure], _digits(measure, low, high)
    size, ends, words = mean, (low, high), row.more
    if mean < 0:
        size, ends, words = -mean, (-high, -low), row.less
    interval = interval_text(*ends, digits)
    difference = f"{number(size, digits)} {words}"
    text = row.pair.format(a=label_of(a), b=label_of(b), difference=difference)
    return f"{text} {interval}", f"{difference} {label_of(b)} {interval}"


def _alone(a, mean, low, high, measure):
    """(sentence, short form) of a value, with its interval."""
    digits = _digits(measure, low, high)
    value, interval = number(mean, digits), interval_text(low, high, digits)
    short = f"{value} {measure_table().unit[measure]}".rstrip()
    if mean < 0 and measure_table().alone_below[measure]:
        value, interval = number(-mean, digits), interval_text(-high, -low, digits)
    return (
        f"{_value_text(a, measure, mean, value)} {interval}",
        f"{short} {interval_text(low, high, digits)}",
    )


def _value_text(a, measure, mean, value):
    """The sentence of a value; of one below 0 in other words, if the measure has them."""
    row = measure_table().loc[measure]
    words = row.alone_below if mean < 0 and row.alone_below else row.alone
    return words.format(a=label_of(a), value=value)


def number(value, digits):
    if not np.isfinite(value):
        return "any"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace(
        "-", MINUS
    )  # + 0.0: no minus before a zero


def interval_text(low, high, digits):
    if not np.isfinite(low) and not np.isfinite(high):
        return "[any]"
    return f"[{number(low, digits)}, {number(high, digits)}]"


def turning_point(at, measure):
    """A δ or mark at which a verdict turns, with one digit other than 0 at least."""
    text = number(at, _digits(measure))
    return text if text.strip("0.") else f"{at:.1g}"


def _digits(measure, low=0.0, high=np.inf):
    """The measure's digits, one more where the ends of an interval would look equal."""
    digits = int(measure_table().digits[measure])
    return digits + (0 < high - low < 2 * 10.0**-digits)


def _diverged(measure, *sides):
    """How many runs of these sides diverged; 0 where the measure itself counts them."""
    if measure in COUNT_DIVERGED:
        return 0
    names = {name for side in sides for name in side.split(" + ") if name in experiments()}
    count = 0
    for name in names:
        table = table_of(name)
        chosen = table[measures.at_rate(table)]
        count += int(chosen.groupby("seed").diverged.any().sum())
    return count


def _ranking(name, row, part):
    """Kind R: a above (below) b, several b, a mark or 0."""
    measure, sign = part["measure"], _sign(part["relation"])
    hedged = part["kind"].endswith("?")
    rivals = part["b"].split(", ") if part["b"] else []
    a = values_of(part["a"], measure)
    found = [values_of(rival, measure) for rival in rivals]
    values = dict(zip([part["a"], *rivals], [a, *found], strict=True))
    delta, mark = part["delta"], float(part["mark"] or "nan")
    either = part["relation"] == "≠"
    if either and part["mark"]:
        delta = mark
    slightly = "slightly" in row.statement
    judged = []
    for rival, b in zip(rivals or [""], found or [0 * a], strict=True):
        shared = a.index.intersection(b.index)
        difference = (sign * (a[shared] - b[shared])).round(9)
        mean, low, high = mean_and_interval(difference)
        if either:
            word = verdicts.judge_either_side(low, high, delta)
        elif part["mark"]:
            word = verdicts.judge_mark(low, high, mark)
        else:
            word = verdicts.judge_ranking(low, high, delta, slightly)
        judged.append((mean, low, high, word, rival, b[shared], difference))
    word = verdicts.judge_rivals([one[3] for one in judged]) if len(judged) > 1 else judged[0][3]
    mean, low, high, _, rival, b, difference = min(judged, key=lambda one: one[0])  # the nearest
    ends = (sign * mean, *sorted((sign * low, sign * high)))
    texts = _pair(part["a"], rival, *ends, measure) if rival else _alone(part["a"], *ends, measure)
    if len(judged) > 1:
        texts = [f"{text} (the nearest of {len(judged)} rivals)" for text in texts]
    runs, chance = len(difference), None
    limit = mark if part["mark"] else 0.0
    if either:
        share = verdicts.readers(a[b.index], b, delta) + verdicts.readers(b, a[b.index], delta)
        # Two runs of one network differ, too: in either direction, a mean over both networks.
        chance = sum(verdicts.readers(runs_of, runs_of, delta) for runs_of in (a[b.index], b))
    elif measure.startswith("four_and_nine"):
        share = mean / 100  # of all runs of all pairs
    elif part["among"]:
        others = [values_of(one, measure) for one in part["among"].split(", ") if one != part["a"]]
        share = verdicts.readers_first(sign * a, [sign * other for other in others])
        runs, chance = min(len(a), *map(len, others)), 1 / (1 + len(others))
    elif rival:
        share = verdicts.readers(sign * a[b.index], sign * b, limit)
        chance = None if part["mark"] else 0.5
    else:
        share = float(np.mean(difference > limit) + np.mean(difference == limit) / 2)
    return Finding(
        name,
        verdicts.hedge(word) if hedged and not either else word,
        *texts,
        *(mean, low, high, len(difference)),
        readers=(share, *verdicts.wilson_interval(share, runs)),
        chance=chance,
        turns=_where_ranking_turns(part, word, judged, (low, high)),
        measure=measure,
        values=values,
        differences=[
            (part["a"], one[4], sign * one[0], *sorted((sign * one[1], sign * one[2])))
            for one in judged
            if one[4]
        ],
        diverged=_diverged(measure, part["a"], *rivals),
    )


def _where_ranking_turns(part, word, judged, ends):
    measure, farthest = part["measure"], max(map(abs, ends))
    nearest = min(map(abs, ends)) if ends[0] * ends[1] > 0 else 0.0
    if part["relation"] == "≠":
        at = {"supported": [nearest], "not shown here": [farthest]}
        return _otherwise("δ =", at.get(word, [nearest, farthest]), measure)
    if part["mark"]:
        at = {"supported": [ends[0]], "refuted": [ends[1]]}
        return _otherwise("a mark of", at.get(word, ends), measure)
    if word in ("supported, but small", "no difference that matters"):
        of_word = [max(map(abs, one[1:3])) for one in judged if one[3] == word]
        return _otherwise("δ =", [min(of_word)], measure)
    return ""


def _otherwise(what, places, measure):
    """Where a verdict turns, in words; only places above 0 can be a δ or a mark."""
    texts = [turning_point(at, measure) for at in places if at > 0]
    return f"with {what} {' or '.join(texts)}" if texts else ""


def _one_difference(part):
    """(a minus b or a alone, a Series; {side: values}) of kinds L and N."""
    measure = part["measure"]
    a = values_of(part["a"], measure)
    if not part["b"]:
        return a, {part["a"]: a}
    b = values_of(part["b"], measure)
    shared = a.index.intersection(b.index)
    difference = (a[shared] - b[shared]).round(9)
    if measure_table().unit[measure] == "%":  # in per cent of the second one
        difference = 100 * difference / b[shared].mean()
    return difference, {part["a"]: a, part["b"]: b}


def _alike(name, row, part):
    """Kind L."""
    return _within(name, part, verdicts.judge_alike, np.abs)


def _no_gain(name, row, part):
    """Kind N."""
    return _within(name, part, verdicts.judge_no_gain, lambda values: values)


def _within(name, part, judge, size_of):
    measure, delta = part["measure"], part["delta"]
    difference, values = _one_difference(part)
    mean, low, high = mean_and_interval(difference)
    word = judge(low, high, delta)
    if part["b"]:
        texts = _pair(part["a"], part["b"], mean, low, high, measure)
    else:
        texts = _alone(part["a"], mean, low, high, measure)
    outside = min(abs(low), abs(high)) if low * high > 0 else 0.0
    if judge is verdicts.judge_alike:
        turns = {"supported": [max(abs(low), abs(high))], "refuted": [outside]}
    else:
        outside = low
        turns = {"supported": [high], "refuted": [low]}
    at = turns.get(word, [outside, max(abs(low), abs(high))])
    share = float(np.mean(size_of(difference) < delta))
    if word == "refuted" and part["kind"].endswith("?"):
        word = "not shown here"
    return Finding(
        name,
        word,
        *texts,
        *(mean, low, high, len(difference)),
        readers=(share, *verdicts.wilson_interval(share, len(difference))),
        turns=_otherwise("δ =", at, measure),
        measure=measure,
        values=values,
        differences=[(part["a"], part["b"], mean, low, high)] if part["b"] else [],
        diverged=_diverged(measure, *values),
    )


def _published(name, row, part):
    """Kind V."""
    measure = part["measure"]
    lowest, highest = range_of(part["mark"])
    values = values_of(part["a"], measure)
    low, high = verdicts.prediction_interval(values)
    mean = float(values.mean())
    digits = _digits(measure)
    value = number(mean, digits)
    text = _value_text(part["a"], measure, mean, value)
    limit = middle(part["mark"])
    below = int((values < limit).sum())
    rest = (
        f"on average, one more run in {interval_text(low, high, digits)}, ours from "
        f"{number(values.min(), digits)} to {number(values.max(), digits)}; published: "
        f"{part['mark']}, {below} of {len(values)} runs are below {limit:g}"
    )
    return Finding(
        name,
        verdicts.judge_published(values.to_numpy(), lowest, highest),
        f"{text} {rest}",
        f"{value} {rest}",
        *(mean, low, high, len(values)),
        readers=None,
        measure=measure,
        values={part["a"]: values},
        diverged=_diverged(measure, part["a"]),
    )


def range_of(mark):
    ends = [float(end) for end in mark.split(" to ")]
    return ends[0], ends[-1]


def middle(mark):
    """The figure behind a mark: 95 of "92.5 to 97.5", but 50 of "0 to 50"."""
    lowest, highest = range_of(mark)
    return highest if lowest == 0 else (lowest + highest) / 2


def _exists(name, row, part):
    """Kind E: of several settings the best one."""
    measure = part["measure"]
    if measure.startswith("reversals"):
        return _reversals(name, measure)
    counted = []
    for side in part["a"].split(", "):
        values = values_of(side, measure)
        if part["relation"] == "in":
            lowest, highest = range_of(part["mark"])
            shown = (values >= lowest) & (values <= highest)
        else:
            shown = values > part["delta"]
        counted.append((shown.mean(), side, int(shown.sum()), values))
    share, side, shown, values = max(counted, key=lambda one: one[0])
    mean = float(values.mean())
    value, unit = number(mean, _digits(measure)), measure_table().unit[measure]
    if unit == "% of runs":
        rest = f"({shown} of {len(values)})"
    else:
        limit = f"{part['mark']}" if part["relation"] == "in" else f"more than {part['delta']:g},"
        rest = f"on average; {limit} in {shown} of {len(values)} runs"
    return Finding(
        name,
        verdicts.judge_exists(shown, len(values)),
        f"{_value_text(side, measure, mean, value)} {rest}",
        " ".join(f"{value} {unit} {rest}".split()),
        *(mean, values.min(), values.max(), len(values)),
        readers=(float(share), *verdicts.wilson_interval(float(share), len(values))),
        measure=measure,
        values={one[1]: one[3] for one in counted},
        diverged=_diverged(measure, side),
    )


REVERSED_NAMES = {
    **{"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh"},
    **{"sgd": "SGD", "mom": "momentum", "adam": "Adam"},
}
ACTIVATION_PAIRS = (("relu", "sigmoid"), ("relu", "tanh"), ("tanh", "sigmoid"))
ACTIVATION_SETUPS = {
    "S0": "S0-{}",
    "S0 on raw pixels": "S0-raw-{}",
    "S0 with eight layers": "S0-deep-{}",
    "A with Adam": "A-{}-adam",
    "A with SGD": "A-{}-sgd",
    "S4": "S4-{}",
    "S3 with SGD": "S3-best-{}-sgd",
    "S3 with Adam": "S3-best-{}-adam",
}
OPTIMIZER_PAIRS = (("sgd", "adam"), ("mom", "adam"))
OPTIMIZER_SETUPS = {
    "A with tanh": "A-tanh-{}",
    "A with sigmoid": "A-sigmoid-{}",
    "B": "B-judge-{}",
    "S3 with sigmoid": "S3-best-sigmoid-{}",
    "S3 with tanh": "S3-best-tanh-{}",
    "S3 with ReLU": "S3-best-relu-{}",
}


def _reversals(name, measure):
    """S1.36: pairs of which one is better, supported and not small, here and the other one there."""
    activations = measure == "reversals_of_activations"
    pairs = ACTIVATION_PAIRS if activations else OPTIMIZER_PAIRS
    setups = ACTIVATION_SETUPS if activations else OPTIMIZER_SETUPS
    delta, found = float(measure_table().delta["test_accuracy"]), []
    for one, other in pairs:
        ahead = {one: [], other: []}
        for setup, pattern in setups.items():
            sides = [pattern.format(kind) for kind in (one, other)]
            if not all(side in experiments() for side in sides):
                continue
            a, b = (values_of(side, "test_accuracy") for side in sides)
            shared = a.index.intersection(b.index)
            low, high = verdicts.mean_interval(a[shared] - b[shared])
            for kind, ends in ((one, (low, high)), (other, (-high, -low))):
                if verdicts.judge_ranking(*ends, delta) == "supported":
                    ahead[kind].append(setup)
        if ahead[one] and ahead[other]:
            one_name, other_name = REVERSED_NAMES[one], REVERSED_NAMES[other]
            found.append(
                f"{one_name} is ahead in {ahead[one][0]}, {other_name} in {ahead[other][0]}"
            )
    word = "supported" if found else "not shown here"
    sentence = "; ".join(found) or "no pair changes its order from one set-up to another"
    sentence = f"of the same two {'activations' if activations else 'optimizers'}, {sentence}"
    return Finding(name, word, sentence, sentence, size=len(found), measure=measure)


def _cause(name, row, part):
    """Kind C: the share of another row's effect that goes with the alleged cause."""
    effect_name = part["effect"]
    effect = register().loc[effect_name]
    measure = part["measure"] or effect.measure
    effect_word = find(effect_name)[0].word
    if effect_word == NOT_RUN:
        raise IncompleteError(f"{effect_name} is {NOT_RUN}")
    if not effect_word.startswith("supported"):
        return Finding(
            name, "nothing to explain", f"{effect_name} is {effect_word}", measure=measure
        )
    relation = row.alternative_relation if part["measure"] != row.measure else effect.relation
    sign = _sign(relation or effect.relation)
    sides = [part["a"], part["b"], effect.a, effect.b]
    values = {side: values_of(side, measure) for side in sides}
    shared = functools.reduce(pd.Index.intersection, [one.index for one in values.values()])
    cause, whole = (
        sign * (values[a][shared] - values[b][shared])
        for a, b in ((part["a"], part["b"]), (effect.a, effect.b))
    )
    share, low, high = verdicts.share_interval(cause, whole)
    word = verdicts.judge_cause(low, high)
    if word == "refuted" and part["kind"].endswith("?"):
        word = "not shown here"
    ends, digits = (100 * low, 100 * high), sum(high - low < span for span in (0.02, 0.01))
    size = f"{number(100 * share, digits)} % {interval_text(*ends, digits)}"
    return Finding(
        name,
        word,
        f"{row.primary}: {size}",
        size,
        *(100 * share, 100 * low, 100 * high, len(shared)),
        measure=measure,
        values=values,
        diverged=_diverged(measure, *sides),
    )


def _derived(name, row, part):
    """Kind D."""
    claim = row.statement.rstrip(".")
    return Finding(name, row.answer, f"“{claim}” (derived: {row.primary})", row.primary)


def _same(name, row, part):
    """Kind =: what its partners say, softened if the source hedges."""
    partners = [_unhedged(partner) for partner in row.same_as.split()]
    if any(one.word == NOT_RUN for one in partners):
        return Finding(name, NOT_RUN, f"{row.same_as} is {NOT_RUN}")
    words = [verdicts.hedge(one.word) if row.kind == "=?" else one.word for one in partners]
    said = "; ".join(f"{one.name} {word}" for one, word in zip(partners, words, strict=True))
    if len(partners) > 1:
        return Finding(name, "see " + row.same_as, said, said)
    one = partners[0]
    return dataclasses.replace(
        one, name=name, word=words[0], sentence=f"as {one.name}: {one.sentence}"
    )


def _unhedged(name):
    """What a row's measure says, whether its own source hedges or not."""
    row = register().loc[name]
    return _safely(name, row, _part(row) | {"kind": row.kind.rstrip("?")})


def _print(name, row, part):
    """An alternative that has no mark of its own: its value alone."""
    measure = part["measure"]
    values = values_of(part["a"], measure)
    if len(values) == 1:  # one number for all seeds
        value = number(values.iloc[0], _digits(measure))
        text = _value_text(part["a"], measure, values.iloc[0], value)
        short = f"{value} {measure_table().unit[measure]}".rstrip()
        return Finding(name, "", text, short, measure=measure)
    mean, low, high = mean_and_interval(values)
    texts = _alone(part["a"], mean, low, high, measure)
    return Finding(name, "", *texts, mean, low, high, len(values), measure=measure)


KINDS = {
    "R": _ranking,
    "L": _alike,
    "N": _no_gain,
    "V": _published,
    "E": _exists,
    "C": _cause,
    "D": _derived,
    "=": _same,
    "print": _print,
}


def sentence(name, found=None):
    """One plain sentence on a row: sizes first, then the readers, then the verdict.

    What another measure finds is a second sentence, on a line of its own.
    found: what `find` says of it, where the caller has that already.
    """
    row = register().loc[name]
    primary, alternative = found or find(name)
    if primary.word == NOT_RUN:
        return f"{name} is {NOT_RUN}: {primary.sentence.rstrip('.')}."
    text = f"{name} {_capital(primary.sentence)}"
    if primary.readers and not row.kind.startswith("E"):
        text += f"; {_readers(row, primary)}"
    text += f": {primary.word}"
    if primary.turns:
        text += f" (otherwise {primary.turns})"
    text += "."
    if primary.diverged:
        text += f" {primary.diverged} of the runs diverged."
    if alternative and alternative.word not in (NOT_RUN, "nothing to explain"):
        text += f"\n    By {row.alternative}: {alternative.short}"
        if alternative.readers and not row.kind.startswith("E"):
            text += f", {_readers(row, alternative).replace(' would see it', '')}"
        text += f": {alternative.word}." if alternative.word else "."
    return text


def _readers(row, finding):
    hundred = _hundred(finding.readers[0])
    if row.kind.startswith(("L", "N")):
        return f"so in {hundred} of 100 runs"
    if row.relation == "≠":
        return (
            f"{hundred} of 100 readers would see a difference, either way "
            f"({_hundred(finding.chance)} between two runs of one network)"
        )
    by_chance = ""
    if finding.chance not in (None, 0.5):
        by_chance = f" ({_hundred(finding.chance)} by chance)"
    return f"{hundred} of 100 readers would see it{by_chance}"


def _hundred(share):
    return f"{100 * share:.0f}"


def _capital(text):
    return text[:1].upper() + text[1:]


def rows_of(claim):
    """The names of the rows of a claim ("S0.1") or of one part ("S0.1a"); ValueError for others."""
    claims = register()
    names = claims.index[(claims.claim == str(claim)) | (claims.index == str(claim))].tolist()
    if names:
        return names
    source = re.match(r"S[0124]", str(claim))
    there = claims[claims.claim.str.startswith(source.group() if source else "S")]
    listed = "\n".join(f"  {name}  {row.statement}" for name, row in there.iterrows())
    raise ValueError(f"there is no claim {claim!r}. The claims{_of(source)} are\n{listed}")


def _of(source):
    return f" of {source.group()}" if source else ""
