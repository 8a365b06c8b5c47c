"""What is written is read back whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.hsds import HsdsImport, IntakeRecord, ProgramRecord, dumps, read_services
from federation.vocabularies import load as vocabularies
from tests.federation.hsds.files import codes, words

skills = st.sampled_from(["listening", "speaking", "reading", "writing"])
items = st.builds(
    lambda code, level: {"kind": "clb", "code": code, "level": level}, skills, st.integers(1, 12)
) | st.builds(lambda code: {"kind": "credential", "code": code, "level": 0}, codes)
intakes = st.builds(
    IntakeRecord,
    st.dates(),
    st.integers(1, 520),
    st.integers(0, 100_000),
    st.integers(0, 100_000_000),
    st.none() | st.sampled_from(vocabularies().codes("region")),
)
both = st.builds(lambda en, fr: {"en": en, "fr": fr}, words, words)
programs = st.builds(
    ProgramRecord,
    id=words,
    provider=words,
    names=both,
    description=both,
    stream=st.none() | st.sampled_from(vocabularies().codes("program_streams")),
    url=st.none() | codes.map("https://example.org/{}".format),
    requires=st.lists(st.lists(items, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    gives=st.lists(items, max_size=3).map(tuple),
    weekly_hours=st.integers(0, 168),
    languages=st.frozensets(st.sampled_from(vocabularies().codes("languages")), max_size=3).map(sorted).map(tuple),
    last_true_on=st.none() | st.dates(),
    source=st.just("programs.json"),
    intakes=st.lists(intakes, unique_by=lambda one: (one.starts_on, one.weeks, one.region), max_size=3).map(tuple),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(programs, min_size=1, max_size=3, unique_by=lambda program: program.id))
def test_what_is_written_is_read_back_whole(tmp_path_factory: pytest.TempPathFactory, written: list[ProgramRecord]):
    path = tmp_path_factory.mktemp("written") / "programs.json"
    path.write_text(dumps(tuple(written)), encoding="utf-8")

    assert read_services(path) == HsdsImport(tuple(written), ())
