"""Random problems, fitted in random ways, have the bits of exact arithmetic (see ``fuzz.py``)."""

from __future__ import annotations

import pytest

from attack.fuzz import attack, problem

FIRST = 1_000_000


def test_some_random_problems() -> None:
    done, failed = attack(0, count=300)
    assert (done, failed) == (300, [])


@pytest.mark.slow
def test_many_random_problems() -> None:
    _, failed = attack(FIRST, seconds=180)
    assert failed == []


def test_a_problem_is_made_from_its_number_alone() -> None:
    assert str(problem(7)) == str(problem(7)) != str(problem(8))


def test_the_problems_are_of_all_kinds() -> None:
    """A fuzzer that never draws a case proves nothing of it."""
    made = [problem(number) for number in range(300)]
    assert {p.source for p in made} == {"memory", "npy", "npy-f", "1", "2", "7", "ragged", "random"}
    assert {p.start for p in made if isinstance(p.start, str)} == {
        "k-means++",
        "random",
        "k-means||",
    }
    assert {p.environ.get("CENTRA_ENGINE") for p in made} == {
        None,
        "tile",
        "boxes",
        "bounds",
        "moved",
    }
    assert any(p.called for p in made) and any(p.k == len(p.X) for p in made)
    assert any(p.weights is not None and (p.weights == 0).any() for p in made)
