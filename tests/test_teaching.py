"""The instructor's guide says what the notebooks say: sections, questions, minutes, links, and exact answers."""

import functools
import itertools
import pathlib
import re

import nbformat
import numpy as np
import pytest
from scipy.special import softmax

ROOT = pathlib.Path(__file__).parents[1]
TEACHING = ROOT / "teaching"
PAGES = sorted(TEACHING.glob("*.md"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
QUIZZES = ("pre_quiz", "post_quiz")
OUTSIDE_OF_CLASS = ("Exercises", "Next", "Further reading", "Go deeper")
MOST_WORDS = 720  # of a lesson, so that it fits a printed page
# Guessing, wrong guesses of a room, levels of intervals, what a question asks for, a formula of notebook 16.
EXACT = {"10", "20", "50", "85", "1", "95", "99", "100", "2.3"}
QUESTION = re.compile(r"^\*Before you run: (.*)\*$", re.MULTILINE)
ITEM = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)
ASKED = re.compile(r"(?:\*\*(.+?)\*\* )?\*([^*]+)\* \*\*Expect\*\* .+ \*\*Say\*\* .+")
MINUTES = re.compile(r"^\| (.+) \| (\d+) \|$", re.MULTILINE)
SLOT = re.compile(r"^\| (\d\d):(\d\d) \| *(\d*) \| (.*?) \| .*\|$", re.MULTILINE)
LINK = re.compile(r"\[([^]]+)\]\(([^)]+)\)")
MEASURED = re.compile(r"(\d+(?:\.\d+)?)(?= ?%| points| of 100)")


def page(name):
    return (TEACHING / f"{name}.md").read_text(encoding="utf-8")


def sections_of(text):
    """{heading of level 2: what is below it}"""
    _, *others = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(others[::2], others[1::2], strict=True))


@functools.cache
def cells_of(path):
    return nbformat.read(path, as_version=4).cells


def lesson_of(path):
    """The guide's text for a notebook."""
    title = cells_of(path)[0].source.splitlines()[0].removeprefix("# ")
    return sections_of(page("lessons"))[title]


def minutes_of(lesson):
    return {section: int(minutes) for section, minutes in MINUTES.findall(lesson)}


def headings_and_questions(path):
    """A notebook's headings of level 2, and (heading above, question) for each *Before you run*."""
    headings, questions = [], []
    for cell in cells_of(path):
        if cell.cell_type == "markdown":
            headings += re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE)
            questions += [(headings[-1], text) for text in QUESTION.findall(cell.source)]
    return headings, questions


def answered_questions(lesson):
    """(heading, words of the question) for each item of a lesson's list, one line each."""
    found, heading = [], None
    for item in ITEM.findall(lesson):
        asked = ASKED.fullmatch(" ".join(item.split()))
        assert asked, f"no question, *Expect* and *Say*: {item}"
        heading = (asked[1] or heading).removesuffix(".")
        found.append((heading, asked[2]))
    return found


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def lesson(path):
    return lesson_of(path)


def test_a_lesson_is_one_page_with_all_its_parts(path, lesson):
    parts = ("**The one idea:**", "**Skip**", "**Words that cause trouble:**", "**In class:**")
    for part in (f"(../notebooks/{path.name})", *parts):
        assert part in lesson
    assert len(lesson.split()) <= MOST_WORDS


def test_minutes_name_each_section_in_order_and_add_up(path, lesson):
    headings, _ = headings_and_questions(path)
    in_class = [heading for heading in headings if not heading.startswith(OUTSIDE_OF_CLASS)]
    opening = cells_of(path)[0].source
    assert list(minutes_of(lesson)) == in_class
    assert sum(minutes_of(lesson).values()) == int(re.search(r"(\d+) minutes to teach", opening)[1])


def test_each_question_has_an_answer_in_its_own_words(path, lesson):
    _, questions = headings_and_questions(path)
    answered = answered_questions(lesson)
    assert len(answered) == len(questions)
    for (heading, words), (expected, question) in zip(answered, questions, strict=True):
        assert heading == expected
        assert words.lower() in question.lower()


def test_what_may_be_skipped_is_there(path, lesson):
    headings, _ = headings_and_questions(path)
    advice = " ".join(lesson.split("**Skip** ")[1].split("\n\n")[0].split())
    for name in re.findall(r"\*([^*]+)\*", advice):
        assert any(name in heading for heading in headings), name


def test_exercise_for_the_class_is_there(path, lesson):
    number = re.search(r"\*\*In class:\*\* exercise (\d)", lesson)[1]
    source = "\n".join(cell.source for cell in cells_of(path))
    assert f"**{number}. " in source.split("## Exercises")[1]


def test_claims_that_the_guide_names_are_shown_in_the_notebook(path, lesson):
    source = path.read_text(encoding="utf-8")
    for claim in re.findall(r"\bS\d\.\d+[a-e]?\b|\bS3\.Q\d\b", lesson):
        assert claim in source, claim


def test_no_measured_number_is_copied():
    """Numbers of a run are read from the page. The questions, whose words are held above, may have some."""
    text = re.sub(r"\*[^*]+\* \*\*Expect", "", " ".join(page("lessons").split()))
    assert set(MEASURED.findall(text)) <= EXACT


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert links
    for _, address in links:
        file, _, place = address.partition("#")
        target = (path.parent / file).resolve()
        assert target.is_file(), address
        if place:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert place in [heading.lower().replace(" ", "-") for heading in headings], address


def slots(name):
    """(minute of the day, minutes or None for a break, what) of a schedule."""
    found = SLOT.findall(sections_of(page("README"))[name])
    return [
        (60 * int(hour) + int(minute), int(length or 0), what)
        for hour, minute, length, what in found
    ]


@pytest.mark.parametrize(("name", "in_all"), [("90 minutes", 90), ("One day", 360)])
def test_schedule_adds_up(name, in_all):
    plan = slots(name)
    assert plan[0][0] == 9 * 60
    assert plan[-1][2] == "End"
    for (start, length, what), (after, _, _) in itertools.pairwise(plan):
        if length:
            assert start + length == after, what
        else:
            assert what in ("Break", "Lunch")
            assert after > start
    assert sum(length for _, length, _ in plan) == in_all


@pytest.mark.parametrize("name", ["90 minutes", "One day"])
def test_schedule_gives_each_section_its_minutes(name):
    lessons = [slot for slot in slots(name) if "../notebooks/" in slot[2]]
    assert len(lessons) >= 7
    for _, length, what in lessons:
        minutes = minutes_of(
            lesson_of(ROOT / "notebooks" / re.search(r"notebooks/([^)]+)", what)[1])
        )
        chosen = list(minutes) if what.endswith(": whole") else re.findall(r"\*([^*]+)\*", what)
        assert chosen == [section for section in minutes if section in chosen], what
        assert sum(minutes[section] for section in chosen) == length, what


def quiz(name):
    """[(heading, question, {letter: answer}, right letter, reason)] of a quiz."""
    found = []
    for heading, text in sections_of(page(name)).items():
        asked, answer = text.split("<details><summary>Answer</summary>")
        options = {item[2]: " ".join(item[6:].split()) for item in ITEM.findall(asked)}
        right, reason = re.match(
            r"\s*\*\*([A-D])\.\*\* (.+)\n</details>\s*\Z", answer, re.DOTALL
        ).groups()
        question = " ".join(asked.split("\n- **A**")[0].split())
        found.append((heading, question, options, right, " ".join(reason.split())))
    return found


@pytest.mark.parametrize("name", QUIZZES)
def test_a_quiz_has_ten_questions_with_an_answer_each(name):
    questions = quiz(name)
    assert len(questions) == 10
    for number, (heading, question, options, right, reason) in enumerate(questions, start=1):
        assert heading.startswith(f"{number}. ")
        assert question.endswith("?")
        assert list(options) == ["A", "B", "C", "D"]
        assert len(set(options.values())) == 4
        assert right in options
        assert re.search(r"Taught in \[\d\d [^]]+\]\(\.\./notebooks/\d\d_\w+\.ipynb\)", reason)


def test_quizzes_ask_for_the_same_ideas_by_other_questions():
    for before, after in zip(*map(quiz, QUIZZES), strict=True):
        assert before[0] == after[0]
        assert before[1] != after[1]
        assert set(LINK.findall(before[4])) == set(LINK.findall(after[4]))


def test_no_letter_is_right_more_often_than_in_four_of_ten():
    for name in QUIZZES:
        letters = [right for _, _, _, right, _ in quiz(name)]
        assert max(letters.count(letter) for letter in "ABCD") <= 4


def numbers_in(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def right_answer(name, number):
    """The numbers of a question, and the text of its right answer."""
    _, question, options, right, _ = quiz(name)[number - 1]
    return numbers_in(question), options[right]


@pytest.mark.parametrize("name", QUIZZES)
def test_right_answers_follow_from_the_formulas(name):
    layers = {"pre_quiz": 4, "post_quiz": 3}[name]
    assert right_answer(name, 2)[1] == f"1/{4**layers}"

    (*outputs, delta), answer = right_answer(name, 3)
    gradients = np.array(outputs) * delta
    assert answer == ("All three go down" if np.all(gradients > 0) else "All three go up")

    (bias, *inputs, target), answer = right_answer(name, 4)
    sums = np.array(inputs) + bias
    assert np.mean(2 * (np.maximum(sums, 0) - target) * (sums > 0)) == 0
    assert answer == "0; b stays as it is"

    (factor, divisor), answer = right_answer(name, 5)
    assert factor == divisor
    assert answer == f"Divide it by {factor**2:.0f}"

    probabilities, answer = right_answer(name, 6)
    right_class = {"pre_quiz": 0, "post_quiz": 1}[name]
    assert np.isclose(sum(probabilities), 1)
    by_formula = softmax(np.log(probabilities)) - np.eye(3)[right_class]
    assert np.allclose(numbers_in(answer), by_formula)

    (rate, momentum), answer = right_answer(name, 8)
    assert np.isclose(float(answer), rate / (1 - momentum))

    assert "for every input" in right_answer(name, 1)[1]
    assert "the tries are unequal" in right_answer(name, 10)[1]


@pytest.mark.parametrize("name", QUIZZES)
def test_largest_rate_that_works_is_the_right_answer(name):
    (curvature,), answer = right_answer(name, 7)
    rates = [float(rate) for rate in quiz(name)[6][2].values()]
    assert float(answer) == max(rate for rate in rates if abs(1 - rate * curvature) < 1)


@pytest.mark.parametrize("name", QUIZZES)
def test_first_step_of_adam_is_the_learning_rate(name):
    (rate, _, *gradients), answer = right_answer(name, 9)
    g = np.array(gradients)
    m_hat, v_hat = 0.1 * g / (1 - 0.9), 0.001 * g**2 / (1 - 0.999)
    assert np.allclose(rate * m_hat / np.sqrt(v_hat), rate)
    assert answer == f"Both by {rate}"
