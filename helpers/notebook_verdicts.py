"""From measurements to verdicts: does a claim of one of the five sources hold in the set-up that was measured?"""

import dataclasses
import html
import numbers
import pathlib
import re

import nbformat
import numpy as np
import pandas as pd
import scipy.stats

FEWEST_SEEDS = 5
CONFIDENCE = 0.95
BOXES = {
    "supported": "success",
    "exact": "success",
    "refuted": "danger",
    "false": "danger",
    "undecided": "warning",
}
GROUPS = {
    "held": ("supported", "exact"),
    "undecided": ("undecided",),
    "did not hold": ("refuted", "false"),
    "missing": ("missing",),
}
# Claims that the saved run decides, and another base seed or another processor does not, or otherwise: undecided until
# the study of a hundred runs decides.
TURNED = ("S0.6", "S2.5", "S2.7")
CLAIMS = pathlib.Path(__file__).with_name("claims.csv")
NOTEBOOKS = pathlib.Path(__file__).parents[1] / "notebooks"
# How a verdict shows itself, and what `verdict` writes after its statement.
LINE = re.compile(
    rf"^(?P<claim>S\d\.\d+) (?P<verdict>{'|'.join(BOXES)}): (?P<text>.+)$", re.MULTILINE
)
MEASURED = re.compile(
    r": (?P<measured>[^:]+ = \S+ [^:]+, \S+ % CI \[.+\](, margin \S+)?), (?P<seeds>\d+) seeds$"
)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What was found on a claim; shows itself as one line, `S9.9 refuted: ...`.

    claim: its number; result: "supported", "refuted", "undecided", "exact" or "false".
    difference and interval: of a - b, in the unit of the line; None for facts.
    """

    claim: str
    result: str
    text: str
    difference: float | None = None
    interval: tuple | None = None

    def __repr__(self):
        return f"{self.claim} {self.result}: {self.text}"

    def _repr_html_(self):
        box = f'<div class="alert alert-{BOXES[self.result]}">'
        return f"{box}<b>{self.claim} {self.result}</b>: {html.escape(self.text)}</div>"


def verdict(
    claim, statement, a, b, *, names=("A", "B"), unit="points", margin=None, claims=1, digits=2
):
    """Judge a claim from paired results, one number a seed: the verdict on "a is higher than b".

    claim: its number, such as "S2.5"; statement: the claim in words and the set-up; without a margin it says that a is
        higher than b, with one that a is about b.
    a, b: arrays (seeds,) in `unit`, a[k] and b[k] from the same seed; b may be one number, a published figure.
    margin: None, or, for a claim that a is about b: how far from b still counts as about b, in `unit`.
    claims: how many claims are judged from the same runs. Each interval is then one of 1 - 0.05 / claims instead of
        95 %, so that all of them together hold with 95 % (Bonferroni).
    Supported when the whole 95 % paired t interval of a - b (scipy.stats.ttest_1samp) lies above zero, or inside
    -margin to margin; refuted when it lies wholly on the other side, or outside; otherwise undecided, and so are the
    claims in TURNED.
    Raises ValueError for fewer than five seeds, other shapes, values that are not finite, a margin not above 0, or
    claims below 1.
    """
    _check_claim(claim)
    if not isinstance(claims, numbers.Integral) or claims < 1:
        raise ValueError(
            f"claims is {claims!r}: give the number of claims judged from the same runs, 1 or more."
        )
    if margin is not None and not margin > 0:
        raise ValueError(f"margin is {margin!r}: give a number above 0, or None.")
    differences = _differences(a, b)
    confidence = 1 - (1 - CONFIDENCE) / claims
    interval = _interval(differences, confidence)
    claimed = (0.0, np.inf) if margin is None else (-margin, margin)
    result = _result(*interval, *claimed)
    if claim in TURNED:
        result, statement = "undecided", f"{statement} (turns with another seed or processor)"
    mean = differences.mean()
    low, high = interval
    second = names[1] if np.ndim(b) else f"{b:.{digits}f}"
    text = (
        f"{statement}: {names[0]} - {second} = {mean:.{digits}f} {unit}, "
        f"{100 * confidence:.3g} % CI [{low:.{digits}f}, {high:.{digits}f}], "
        + (f"margin {margin:.{digits}f}, " if margin is not None else "")
        + f"{len(differences)} seeds"
    )
    return Verdict(claim, result, text, float(mean), interval)


def paired_interval(a, b):
    """The 95 % paired t interval (low, high) of the mean of a - b (scipy.stats.ttest_1samp); errors as in `verdict`."""
    return _interval(_differences(a, b))


def fact(claim, statement, holds):
    """Judge a claim that needs no statistics: an identity, a default value, a shape. "exact" if it holds, else "false".

    holds: True or False, computed on the page, next to an assertion. Raises ValueError for anything else.
    """
    _check_claim(claim)
    if not isinstance(holds, (bool, np.bool_)):
        raise ValueError(f"holds is {holds!r}: give True or False, the result of a comparison.")
    return Verdict(claim, "exact" if holds else "false", statement)


def _check_claim(claim):
    if not re.fullmatch(r"S\d\.\d+", str(claim)):
        raise ValueError(f"claim is {claim!r}: give the number of a claim, such as 'S2.5'.")


def _differences(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 1 or b.shape not in ((), a.shape):
        raise ValueError(
            f"a has shape {a.shape} and b {b.shape}: give one number a seed each, in the same order."
        )
    if len(a) < FEWEST_SEEDS:
        raise ValueError(
            f"{len(a)} seeds are too few for a verdict: train at least {FEWEST_SEEDS}."
        )
    if not np.isfinite(a - b).all():
        raise ValueError(
            "a or b holds NaN or infinity: a run diverged. Say how many did instead of comparing means."
        )
    return a - b


def _interval(differences, confidence=CONFIDENCE):
    if np.ptp(differences) == 0:  # the t interval of equal numbers is that number
        return float(differences[0]), float(differences[0])
    low, high = scipy.stats.ttest_1samp(differences, 0).confidence_interval(confidence)
    return float(low), float(high)


def _result(low, high, lowest_claimed, highest_claimed):
    if lowest_claimed < low and high < highest_claimed:
        return "supported"
    if high < lowest_claimed or low > highest_claimed:
        return "refuted"
    return "undecided"


def collect_verdicts(folder=NOTEBOOKS):
    """The ledger: what the notebooks in `folder` found on every claim of the five sources, from their saved outputs.

    Returns a pandas.DataFrame, a row a claim, in the order of the sources: claim, its number; statement, what the
    source says, in our words; verdict, "missing" where no saved notebook shows one; tested, the statement that was put
    to the test, with its set-up; measured, the difference with its interval, "" for facts; seeds, their number
    (missing for facts); notebook, its name without ".ipynb".
    Raises ValueError for a folder without notebooks, a file that is none, and for two verdicts that disagree.
    """
    paths = sorted(pathlib.Path(folder).glob("*.ipynb"))
    if not paths:
        raise ValueError(
            f"there are no notebooks in {str(folder)!r}: give the folder that holds them."
        )
    found = {}
    for path in paths:
        for line in _verdict_lines(path):
            row = {**line, "notebook": path.stem}
            first = found.setdefault(line["claim"], row)
            if first["verdict"] != row["verdict"]:
                raise ValueError(
                    f"{row['claim']} is {first['verdict']} in {first['notebook']} and {row['verdict']} in {path.stem}: "
                    "run both again, or remove the copy that you do not want to count."
                )
    claims = pd.read_csv(CLAIMS)
    missing = {"verdict": "missing", "tested": "", "measured": "", "seeds": None, "notebook": ""}
    rows = [
        {"claim": claim, "statement": statement, **missing, **found.get(claim, {})}
        for claim, statement in claims.values
    ]
    return pd.DataFrame(rows).astype({"seeds": "Int64"})


def count_verdicts(ledger):
    """How many claims of each source held: a pandas.DataFrame, a row a source, a column a group of verdicts.

    ledger: as `collect_verdicts` returns it. Columns: held (supported or exact), undecided, did not hold (refuted or
    false), missing.
    """
    groups = ledger.verdict.map(
        {verdict: group for group, verdicts in GROUPS.items() for verdict in verdicts}
    )
    counts = pd.crosstab(ledger.claim.str.split(".").str[0].rename("source"), groups)
    return counts.reindex(columns=pd.Index(GROUPS), fill_value=0)


def _verdict_lines(path):
    """The verdicts that the outputs of a notebook show, a dictionary each."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError) as error:
        raise ValueError(
            f"{path} cannot be read as a notebook: save it again in JupyterLab, or remove it."
        ) from error
    for cell in cells:
        for output in cell.get("outputs", []):
            for line in LINE.finditer(output.get("data", {}).get("text/plain", "")):
                row = {"claim": line["claim"], "verdict": line["verdict"], "tested": line["text"]}
                measured = MEASURED.search(line["text"])
                if measured:
                    row["tested"] = line["text"][: measured.start()]
                    row |= {"measured": measured["measured"], "seeds": int(measured["seeds"])}
                yield row
