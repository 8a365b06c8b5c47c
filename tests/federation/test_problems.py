"""Refusals: one registry in both languages, the same after a trip over the wire or between processes."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.problems import REGISTRY, TYPE_PREFIX, FieldError, Problem, field_errors, from_document, pointer

texts = st.text(max_size=12)
errors = st.lists(st.builds(FieldError, texts, texts), max_size=3)
taken = {"type", "title", "status", "detail", "errors", "instance"}
extras = st.dictionaries(texts.filter(lambda key: key not in taken), st.integers(), max_size=3)
problems = st.builds(
    lambda kind, detail, errors, extra, wait: Problem(kind, detail, errors=errors, extra=extra, retry_after=wait),
    st.sampled_from(sorted(REGISTRY)),
    st.text(min_size=1, max_size=12),
    errors,
    extras,
    st.none() | st.integers(1, 90),
)


def parts(problem: Problem) -> tuple[object, ...]:
    return problem.kind, problem.detail, problem.errors, problem.extra, problem.status


@given(problems, st.sampled_from(["en", "fr"]))
def test_a_problem_means_the_same_on_the_other_side_of_the_wire(problem: Problem, locale: str):
    assert parts(from_document(problem.document(locale))) == parts(problem)


@given(problems)
def test_a_problem_survives_a_trip_between_processes(problem: Problem):
    copied = pickle.loads(pickle.dumps(problem))

    assert (parts(copied), copied.retry_after, str(copied)) == (parts(problem), problem.retry_after, str(problem))


@given(st.dictionaries(st.sampled_from([*taken, "other"]), st.none() | texts | st.integers() | st.lists(texts)))
def test_whatever_another_system_answers_becomes_a_problem(document: dict[str, object]):
    problem = from_document(document)

    assert problem.kind in REGISTRY
    assert problem.detail


def test_an_unknown_kind_keeps_what_was_said():
    problem = from_document({"type": "about:blank", "title": "Gone fishing", "errors": ["no", {"pointer": "/a"}]})

    assert (problem.kind, problem.detail) == ("bad-request", "Gone fishing")
    assert problem.errors == (FieldError("/a", ""),)


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_kind_has_a_status_and_a_title_of_its_own_in_each_language(kind: str):
    problem = Problem(kind, "Do this next.")

    assert 400 <= problem.status < 600
    assert problem.title("en") != problem.title("fr")
    assert [problem.title(locale) for locale in ("en", "fr", "de")] == [*REGISTRY[kind][1:], REGISTRY[kind].title_en]
    assert problem.document("fr", "/here") == {
        "type": TYPE_PREFIX + kind,
        "title": problem.title("fr"),
        "status": problem.status,
        "detail": "Do this next.",
        "instance": "/here",
    }


def test_titles_tell_kinds_apart():
    for locale in (1, 2):
        assert len({row[locale] for row in REGISTRY.values()}) == len(REGISTRY)


def test_a_kind_outside_the_registry_is_our_own_mistake():
    with pytest.raises(KeyError, match="not-a-kind"):
        Problem("not-a-kind", "…")


def test_nothing_extra_can_pretend_to_be_the_status_or_the_type():
    told = Problem("busy", "Wait.", extra={"status": 200, "type": "x", "limit": 5}).document()

    assert (told["status"], told["type"], told["limit"]) == (503, f"{TYPE_PREFIX}busy", 5)


@given(st.lists(texts, max_size=4))
def test_a_pointer_leads_back_to_its_keys(keys: list[str]):
    read = [key.replace("~1", "/").replace("~0", "~") for key in pointer(*keys).split("/")[1:]]

    assert read == keys


def test_nested_messages_become_one_error_a_field_with_its_place():
    messages = {"seats": ["low", "odd"], "consent": {"until": ["early"]}, "slots": {2: ["?"]}, "_schema": ["all"]}

    assert field_errors(messages) == [
        FieldError("/seats", "low"),
        FieldError("/seats", "odd"),
        FieldError("/consent/until", "early"),
        FieldError("/slots/2", "?"),
        FieldError("", "all"),
    ]
    assert field_errors({"a": ["b"]}, "items", 3) == [FieldError("/items/3/a", "b")]


def test_a_key_that_is_no_field_s_name_is_not_repeated():
    names = ("Amina Yusufi", "amina@example.org", "780 555 0100", "Zoë")

    assert {error.pointer for name in names for error in field_errors({name: ["?"]})} == {"/(not shown)"}
    assert field_errors({"e-mail_2": ["?"]}) == [FieldError("/e-mail_2", "?")]
