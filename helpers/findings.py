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
    values: {experiment: Series of one number per seed}, for the figure. diverged: how many runs.
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
    diverged: int = 0


class IncompleteError(RuntimeError):
    """Runs of an experiment are missing: no result is looked at before it is complete."""


def table_of(name):
    """The results of an experiment, complete; raises ResultsFileError or IncompleteError."""
    table = results.load(name)
    planned = experiments()[name].runs
    if table.seed.nunique() < planned:
        raise IncompleteError(f"{name}: {table.seed.nunique()} of {planned} seeds are recorded.")
    return table


def label_of(side):
    """What a sentence calls a side, such as "ReLU"."""
    first = side.split(" + ")[0]
    return experiments()[first].label if first in experiments() else first


def values_of(side, measure):
    """One number per seed of a side (experiments joined by " + "), a pandas.Series."""
    return measures.MEASURES[measure](*(table_of(name) for name in side.split(" + ")))


def find(name):
    """(Finding, Finding or None): by the primary and by the alternative measure of a row."""
    row = register().loc[name]
    primary = _safely(name, row, _part(row))
    alternative = None
    if row.alternative_measure or (row.kind.startswith("C") and row.alternative_a):
        alternative = _safely(name, row, _alternative(row))
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
    text = measure_table().alone[measure].format(a=label_of(a), value=value)
    return f"{text} {interval}", f"{value} {measure_table().unit[measure]} {interval}"


def number(value, digits):
    return f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0: no minus before a zero


def interval_text(low, high, digits):
    return f"[{number(low, digits)}, {number(high, digits)}]"


def _digits(measure, low=0.0, high=np.inf):
    """The measure's digits, one more where the ends of an interval would look equal."""
    digits = int(measure_table().digits[measure])
    return digits + (0 < high - low < 2 * 10.0**-digits)


def _diverged(*sides):
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
    slightly = "slightly" in row.statement
    judged = []
    for rival, b in zip(rivals or [""], found or [0 * a], strict=True):
        shared = a.index.intersection(b.index)
        difference = sign * (a[shared] - b[shared])
        mean, low, high = mean_and_interval(difference)
        if part["relation"] == "≠":
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
    digits = _digits(measure, low, high)
    runs, chance = len(difference), None
    limit = mark if part["mark"] else 0.0
    if part["relation"] == "≠":
        share = float(np.mean(np.abs(difference) > delta))
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
    turns = ""
    if part["mark"]:
        ends = [number(end, digits) for end in (low, high)]
        where = {"supported": ends[0], "refuted": ends[1]}
        turns = "with a mark of " + where.get(word, " or ".join(ends))
    elif word in ("supported, but small", "no difference that matters") or part["relation"] == "≠":
        turns = f"with δ = {number(max(abs(low), abs(high)), digits)}"
    return Finding(
        name,
        verdicts.hedge(word) if hedged and part["relation"] != "≠" else word,
        *texts,
        *(mean, low, high, len(difference)),
        readers=(share, *verdicts.wilson_interval(share, runs)),
        chance=chance,
        turns=turns,
        measure=measure,
        values=values,
        diverged=_diverged(part["a"], *rivals),
    )


def _one_difference(part):
    """(a minus b or a alone, a Series; {side: values}) of kinds L and N."""
    measure = part["measure"]
    a = values_of(part["a"], measure)
    if not part["b"]:
        return a, {part["a"]: a}
    b = values_of(part["b"], measure)
    shared = a.index.intersection(b.index)
    difference = a[shared] - b[shared]
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
    if judge is verdicts.judge_alike:
        outside = min(abs(low), abs(high)) if low * high > 0 else 0.0
        at = outside if word == "refuted" else max(abs(low), abs(high))
    else:
        at = low if word == "refuted" else high
    share = float(np.mean(size_of(difference) < delta))
    if word == "refuted" and part["kind"].endswith("?"):
        word = "not shown here"
    return Finding(
        name,
        word,
        *texts,
        *(mean, low, high, len(difference)),
        readers=(share, *verdicts.wilson_interval(share, len(difference))),
        turns=f"with δ = {number(at, _digits(measure, low, high))}",
        measure=measure,
        values=values,
        diverged=_diverged(*values),
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
    text = measure_table().alone[measure].format(a=label_of(part["a"]), value=value)
    limit = middle(part["mark"])
    below = int((values < limit).sum())
    rest = (
        f"on average; 99 of 100 single runs lie in {interval_text(low, high, digits)}, ours from "
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
        diverged=_diverged(part["a"]),
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
    value = number(mean, _digits(measure))
    text = measure_table().alone[measure].format(a=label_of(side), value=value)
    limit = f"{part['mark']}" if part["relation"] == "in" else f"more than {part['delta']:g}"
    rest = f"on average; {limit} in {shown} of {len(values)} runs"
    return Finding(
        name,
        verdicts.judge_exists(shown, len(values)),
        f"{text} {rest}",
        f"{value} {measure_table().unit[measure]} {rest}",
        *(mean, values.min(), values.max(), len(values)),
        readers=(float(share), *verdicts.wilson_interval(float(share), len(values))),
        measure=measure,
        values={one[1]: one[3] for one in counted},
        diverged=_diverged(side),
    )


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
            found.append(
                f"{one} beats {other} in {ahead[one][0]}, {other} beats {one} in {ahead[other][0]}"
            )
    word = "supported" if found else "not shown here"
    sentence = "; ".join(found) or "no pair changes its order from one set-up to another"
    return Finding(name, word, sentence, sentence, size=len(found), measure=measure)


def _cause(name, row, part):
    """Kind C: the share of another row's effect that goes with the alleged cause."""
    effect_name = part["effect"]
    effect = register().loc[effect_name]
    measure = part["measure"] or effect.measure
    effect_word = find(effect_name)[0].word
    if effect_word == NOT_RUN:
        raise IncompleteError(f"{effect_name} is {NOT_RUN}.")
    if not effect_word.startswith("supported"):
        return Finding(
            name, "nothing to explain", f"{row.same_as} is {effect_word}", measure=measure
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
    size = f"{100 * share:.0f} % {interval_text(100 * low, 100 * high, 0)}"
    return Finding(
        name,
        word,
        f"{row.primary}: {size}",
        size,
        *(100 * share, 100 * low, 100 * high, len(shared)),
        measure=measure,
        values=values,
        diverged=_diverged(*sides),
    )


def _derived(name, row, part):
    """Kind D."""
    return Finding(name, row.answer, f"derived in {row.notebook}: {row.primary}", row.primary)


def _same(name, row, part):
    """Kind =: what its partners say, softened if the source hedges."""
    partners = [find(partner)[0] for partner in row.same_as.split()]
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


def _print(name, row, part):
    """An alternative that has no mark of its own: its value alone."""
    measure = part["measure"]
    values = values_of(part["a"], measure)
    if len(values) == 1:  # one number for all seeds
        value = number(values.iloc[0], _digits(measure))
        text = measure_table().alone[measure].format(a=label_of(part["a"]), value=value)
        return Finding(name, "", text, f"{value} {measure_table().unit[measure]}", measure=measure)
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


def sentence(name):
    """One plain sentence or two on a row: sizes first, then the readers, then the verdict."""
    row = register().loc[name]
    primary, alternative = find(name)
    if primary.word == NOT_RUN:
        return f"{name} {NOT_RUN}: {primary.sentence}"
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
        text += f" By {row.alternative}: {alternative.short}"
        if alternative.readers and not row.kind.startswith("E"):
            text += f", {_readers(row, alternative).removesuffix(' would see it')}"
        text += f": {alternative.word}." if alternative.word else "."
    return text


def _readers(row, finding):
    hundred = _hundred(finding.readers[0])
    if row.kind.startswith(("L", "N")):
        return f"so in {hundred} of 100 runs"
    return f"{hundred} of 100 readers would see it"


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
