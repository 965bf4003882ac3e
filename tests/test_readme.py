"""The README's findings are the study's."""

from helpers import findings

import pathlib
import re

README = (pathlib.Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
CLAIM = re.compile(r"\((S\d\.\d+[a-e]?)\)")


def bullets():
    start, end = README.index("<!-- findings -->"), README.index("<!-- end of findings -->")
    return [" ".join(part.split()) for part in re.split(r"^- ", README[start:end], flags=re.M)[1:]]


def unsupported(bullet):
    """Numbers of a bullet that none of the sentences of its claims has."""
    sentences = " ".join(findings.sentence(name) for name in CLAIM.findall(bullet))
    told = NUMBER.findall(CLAIM.sub("", bullet))
    return [number for number in told if number not in NUMBER.findall(sentences)]


def test_every_number_of_the_findings_is_in_the_study():
    assert len(bullets()) == 3
    for bullet in bullets():
        assert CLAIM.findall(bullet), bullet
        assert unsupported(bullet) == [], bullet


def test_another_number_is_noticed():
    assert unsupported(bullets()[0].replace("4.73", "4.74")) == ["4.74"]
