"""The statistics of the study: intervals, readers' shares, and the rules that turn them into words.

study/README.md states the rules. A difference is signed so that the claim says "above 0".
"""

import itertools

import numpy as np
import scipy.stats

CONFIDENCE = 0.99
RESAMPLES = 10_000
SOFTENED = ("refuted", "no difference that matters")


def mean_interval(differences, confidence=CONFIDENCE):
    """The t interval (low, high) of the mean of differences, (seeds,); 99 % if nothing is said."""
    differences = np.asarray(differences, dtype=float)
    if np.ptp(differences) == 0:  # the t interval of equal numbers is that number
        return float(differences[0]), float(differences[0])
    low, high = scipy.stats.ttest_1samp(differences, 0).confidence_interval(confidence)
    return float(low), float(high)


def prediction_interval(values):
    """The interval (low, high) that holds one more run with 99 %: mean plus or minus t s root(1 + 1/n)."""
    n = len(values)
    reach = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * np.std(values, ddof=1)
    reach *= np.sqrt(1 + 1 / n)
    return float(np.mean(values) - reach), float(np.mean(values) + reach)


def wilson_interval(share, n):
    """Wilson's 99 % interval (low, high) of a share seen in n runs; Wilson 1927, JASA 22."""
    z = scipy.stats.norm.ppf((1 + CONFIDENCE) / 2)
    middle = share + z**2 / (2 * n)
    reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return float((middle - reach) / (1 + z**2 / n)), float((middle + reach) / (1 + z**2 / n))


def share_interval(causes, effects):
    """Share of an effect that goes with a cause, mean(causes) / mean(effects), and its 99 % interval.

    causes, effects: (seeds,), of the same seeds. Percentile bootstrap over seeds; a resample whose
    effect is not above 0 counts as any share.
    """
    causes, effects = np.asarray(causes, float), np.asarray(effects, float)
    generator = np.random.default_rng(0)
    chosen = generator.integers(0, len(effects), (RESAMPLES, len(effects)))
    effect = effects[chosen].mean(axis=1)
    positive = effect > 0
    shares = causes[chosen].mean(axis=1) / np.where(positive, effect, 1.0)
    tail = round((1 - CONFIDENCE) / 2, 12)  # 1 - 0.99 is a little more than 0.01
    low = np.quantile(np.where(positive, shares, -np.inf), tail, method="inverted_cdf")
    high = np.quantile(np.where(positive, shares, np.inf), 1 - tail, method="inverted_cdf")
    return float(causes.mean() / effects.mean()), float(low), float(high)


def readers(a, b, mark=0.0):
    """Share of readers who would see a above b (by more than `mark`), each side run once.

    a, b: (seeds,), of the same seeds. All pairs of different seeds; ties count half.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    b = (b + mark).round(9)  # 88.12 + 1 is 89.12
    n, ordered = len(a), np.sort(b)
    below = np.searchsorted(ordered, a, "left")
    ties = np.searchsorted(ordered, a, "right") - below
    own = np.where(a > b, 1.0, np.where(a == b, 0.5, 0.0))
    return float((below + ties / 2 - own).sum() / (n * (n - 1)))


def readers_first(a, others):
    """Share of readers who would see a above all others, each run once; k equal bests share 1/k each.

    a: (runs,); others: a list of arrays (runs,), of any lengths. All combinations, also of equal seeds.
    """
    below, equal = [], []
    for other in others:
        ordered = np.sort(other)
        left, right = (np.searchsorted(ordered, a, side) for side in ("left", "right"))
        below.append(left / len(other))
        equal.append((right - left) / len(other))
    total = 0.0
    for ties in itertools.product((False, True), repeat=len(others)):
        parts = [e if tie else b for tie, b, e in zip(ties, below, equal, strict=True)]
        total += np.mean(np.prod(parts, axis=0)) / (1 + sum(ties))
    return float(total)


def judge_ranking(low, high, delta, slightly=False):
    """Kind R without a mark."""
    if low > 0:
        return "supported, but small" if high <= delta and not slightly else "supported"
    if -delta <= low and high <= delta:
        return "no difference that matters"
    return "refuted" if high < 0 else "undecided"


def judge_mark(low, high, mark):
    """Kind R against a mark."""
    return "supported" if low > mark else "refuted" if high < mark else "undecided"


def judge_rivals(words):
    """Kind R against several rivals: what `judge_ranking` said of each."""
    if "refuted" in words:
        return "refuted"
    if all(word.startswith("supported") for word in words):
        return max(words, key=len)  # "supported, but small" if it is that against one
    return next((word for word in words if word.startswith("no diff")), "undecided")


def judge_either_side(low, high, delta):
    """Kind R? of a difference in either direction."""
    if low > delta or high < -delta:
        return "supported"
    return "not shown here" if -delta <= low and high <= delta else "undecided"


def judge_alike(low, high, delta):
    """Kind L."""
    if -delta < low and high < delta:
        return "supported"
    return "refuted" if low > delta or high < -delta else "undecided"


def judge_no_gain(low, high, delta):
    """Kind N: of a gain or a loss."""
    return "supported" if high < delta else "refuted" if low > delta else "undecided"


def judge_published(values, lowest, highest):
    """Kind V: a published figure from lowest to highest, and the results of our runs."""
    predicted = prediction_interval(values)
    for low, high in (predicted, (min(values), max(values))):
        if low <= highest and lowest <= high:
            return "reproduced"
    return "not reproduced"


def judge_exists(shown, runs):
    """Kind E: in how many runs it was shown."""
    return "supported" if 20 * shown >= runs else "not shown here"


def judge_cause(low, high):
    """Kind C: of the interval of a share."""
    if low > 0.5:
        return "supported"
    if high < 0.5:
        return "a lesser part" if low > 0 else "refuted"
    return "undecided"


def hedge(word):
    """What the source only said "can" of is not refuted by a mean."""
    return "not shown here" if word in SOFTENED else word
