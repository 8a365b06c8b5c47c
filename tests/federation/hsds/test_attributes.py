"""Our extension of HSDS: what cannot be read is told, and nothing else is lost."""

from pathlib import Path

import pytest

from tests.federation.hsds.files import attribute, read, service, told


class TestOurAttributes:
    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("gives", "clb:dancing:7", "is neither clb:"),
            ("gives", "clb:speaking:13", "from 1 to 12"),
            ("gives", "credential:", "is neither clb:"),
            ("gives", "", "is neither clb:"),
            ("intake", "soon;weeks=3;seats=4", "'soon' is not a date"),
            ("intake", "2027-01-11;weeks=0;seats=4", "weeks is '0'"),
            ("intake", "2027-01-11;seats=4", "weeks is ''"),
            ("intake", "2027-01-11;weeks=3;seats=-1", "seats is '-1'"),
            ("intake", "2027-01-11;weeks=3;seats=4;cost=9.50", "cost is '9.50'"),
            ("intake", "2027-01-11;weeks=3;seats=4;region=TX", "'TX' is not a region"),
            ("stream", "dancing", "'dancing' is not a program stream"),
            ("weekly_hours", "169", "a whole number from 0 to 168"),
            ("tuition", "900", "passerelle:tuition is not one of ours"),
        ],
    )
    def test_one_that_cannot_be_read_is_told_and_the_program_stays(
        self, tmp_path: Path, name: str, value: str, reason: str
    ):
        found = read(tmp_path, service(attribute("gives", "clb:speaking:7"), attribute(name, value)))

        ((column, said),) = told(found)
        assert column == "/attributes/1/value"
        assert reason in said
        assert found.programs[0].gives == ({"kind": "clb", "code": "speaking", "level": 7},)

    def test_without_a_requirement_the_program_would_seem_open_to_all_so_it_is_left_out(self, tmp_path: Path):
        found = read(tmp_path, service(attribute("requires", "clb:speaking:7|degree")))

        assert found.programs == ()
        assert [column for column, _ in told(found)] == ["/attributes/0/value"]
        assert "left out" in found.errors[0].reason

    @pytest.mark.parametrize(
        ("name", "value"),
        [("weekly_hours", "9"), ("name:fr", "Cours"), ("intake", "2027-01-11;weeks=3;seats=4")],
    )
    def test_what_stands_twice_is_told_and_the_first_is_kept(self, tmp_path: Path, name: str, value: str):
        found = read(tmp_path, service(attribute(name, value), attribute(name, value)))

        assert told(found) == [("/attributes/1/value", f"{name} stands twice; the first is kept")]
        assert len(found.programs) == 1

    def test_attributes_of_others_are_none_of_our_business(self, tmp_path: Path):
        others = [{"value": "x", "taxonomy_term": {"code": "other:gives"}}, {"taxonomy_term": "text"}, "text", 7, None]

        assert read(tmp_path, service(*others)).errors == ()
