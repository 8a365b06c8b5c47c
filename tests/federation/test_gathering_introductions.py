"""An envelope of a gathering opens for one recipient, one question, two yeses, these people; everything else is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe

from federation.envelopes import ALGORITHMS, OF_GATHERING, OF_PROPOSAL, digest, enclose
from federation.gathering_introductions import (
    Introduced,
    Occasion,
    open_gathered,
    seal_gathered,
    sign_gathered_receipt,
    verify_gathered_receipt,
)
from federation.gathering_yes import commit, sign_yes
from federation.introductions import MOST_CONTACT_BYTES, open_introduction, seal, sign_acceptance, sign_receipt
from federation.keys import OrganisationKeys, generate_keys, sign, verify
from federation.problems import Problem
from tests.federation.gatherings import CIRCLE, CONSENT, GROUP, KEYS, NOW, PAIR, SALT, question, view_of, yes_of

ERIEC, CRIEC, AREC = (KEYS[name] for name in ("eriec", "criec", "arec"))
AMINA = Introduced("place-eriec-0", CONSENT, {"name": "Amina Yusufi", "email": "amina@example.org"})
ASKED = question()
OCCASION = Occasion(ASKED, yes_of("eriec", ASKED), yes_of("criec", ASKED))


def sealed(people: Sequence[Introduced] = (AMINA,), occasion: Occasion = OCCASION, salt: str = SALT) -> str:
    return seal_gathered(people, salt, ERIEC, view_of(CRIEC), occasion, NOW)


def opened(
    envelope: str,
    occasion: Occasion = OCCASION,
    keys: OrganisationKeys = CRIEC,
    sender: OrganisationKeys = ERIEC,
    days: int = 0,
) -> dict[str, dict[str, str]]:
    return open_gathered(envelope, keys, view_of(sender), occasion, NOW + timedelta(days=days))


def refused(envelope: str, **changes: Any) -> str:
    with pytest.raises(Problem) as problem:
        opened(envelope, **changes)
    assert problem.value.kind == "invalid-signature"
    return problem.value.detail


def inside() -> dict[str, Any]:
    """What the sender signed in an envelope that opens."""
    genuine = jwe.decrypt_compact(sealed(), CRIEC.encryption, algorithms=ALGORITHMS)
    return verify((genuine.plaintext or b"").decode().rstrip(), ERIEC.identity, "passerelle-gathering-introduction")


def sealed_anew(said: dict[str, Any], kind: str = OF_GATHERING, typ: str = "passerelle-gathering-introduction") -> str:
    """An envelope with whatever a sender chose to sign."""
    return enclose(sign(ERIEC.identity, typ, said), CRIEC.encryption, kind)


PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)
CONTACTS = st.lists(st.dictionaries(PRINTABLE, PRINTABLE, max_size=3), min_size=1, max_size=6)


@given(contacts=CONTACTS)
@settings(max_examples=25, deadline=None)
def test_the_recipient_reads_what_the_sender_wrote_and_every_envelope_has_one_length(contacts: list[dict[str, str]]):
    people = [Introduced(f"p{number}", CONSENT, contact) for number, contact in enumerate(contacts)]
    commitments = {"member": commit(SALT, [(one.place, CONSENT) for one in people]), "mentor": commit(SALT, [])}
    yes = sign_yes(ERIEC, ASKED, commitments, view_of(ERIEC).head, NOW)
    occasion = replace(OCCASION, sender_yes=yes)

    envelope = sealed(people, occasion)

    assert opened(envelope, occasion) == {one.place: one.contact for one in people}
    assert len(envelope) == len(sealed())


def test_six_contacts_of_the_most_bytes_have_room():
    people = [Introduced(f"p{number}", CONSENT, {"name": "n" * (MOST_CONTACT_BYTES - 13)}) for number in range(6)]
    commitments = {"member": commit(SALT, [(one.place, CONSENT) for one in people]), "mentor": commit(SALT, [])}
    occasion = replace(OCCASION, sender_yes=sign_yes(ERIEC, ASKED, commitments, view_of(ERIEC).head, NOW))

    assert len(sealed(people, occasion)) == len(sealed()) < 65_536
    with pytest.raises(ValueError, match="holds 24576 bytes"):
        enclose("x" * 24_577, CRIEC.encryption, OF_GATHERING)


def test_an_envelope_shows_nothing_of_a_contact():
    assert not any(value in sealed() for value in AMINA.contact.values())


def test_in_a_group_the_mentor_is_introduced_to_members_and_members_to_nobody_else():
    asked = question(GROUP)
    yeses = {name: yes_of(name, asked, role="mentor" if name == "arec" else "member") for name in KEYS}
    mentor = Introduced("place-arec-0", CONSENT, {"name": "Omar Haddad"})
    to_criec = Occasion(asked, yeses["arec"], yeses["criec"])

    envelope = seal_gathered([mentor], SALT, AREC, view_of(CRIEC), to_criec, NOW)

    assert open_gathered(envelope, CRIEC, view_of(AREC), to_criec, NOW) == {"place-arec-0": mentor.contact}
    with pytest.raises(Problem, match="meets nobody of ours"):
        sealed(occasion=Occasion(asked, yeses["eriec"], yeses["criec"]))
    with pytest.raises(Problem, match="meets nobody of ours"):
        open_gathered(envelope, ERIEC, view_of(CRIEC), to_criec, NOW)


def test_nothing_is_sealed_for_who_was_not_asked():
    triec = generate_keys("triec")
    for occasion in (OCCASION, replace(OCCASION, recipient_yes=yes_of("triec", ASKED, keys=triec))):
        with pytest.raises(Problem, match="triec meets nobody of ours"):
            seal_gathered([AMINA], SALT, ERIEC, view_of(triec), occasion, NOW)


def test_nothing_is_sealed_without_the_recipient_s_yes_to_this_question():
    for yes in (yes_of("criec", question(gathering="g2")), yes_of("eriec", ASKED), yes_of("criec", question(CIRCLE))):
        with pytest.raises(Problem) as stopped:
            sealed(occasion=replace(OCCASION, recipient_yes=yes))
        assert stopped.value.kind == "invalid-signature"


OTHERS: dict[str, tuple[Sequence[Introduced], str]] = {
    "another place": ([replace(AMINA, place="place-eriec-1")], SALT),
    "another consent": ([replace(AMINA, consent="0" * 64)], SALT),
    "one more": ([AMINA, replace(AMINA, place="place-eriec-1")], SALT),
    "nobody": ([], SALT),
    "another salt": ([AMINA], "6b" * 32),
}


@pytest.mark.parametrize(("people", "salt"), OTHERS.values(), ids=OTHERS)
def test_nothing_is_sealed_of_other_people_than_the_own_yes_was_for(people: Sequence[Introduced], salt: str):
    with pytest.raises(Problem, match="not the people"):
        sealed(people, salt=salt)


def test_a_contact_that_nobody_could_open_is_not_sealed():
    with pytest.raises(Problem) as stopped:
        sealed([replace(AMINA, contact={"name": "Amina\u0000"})])
    assert stopped.value.kind == "malformed-json"
    with pytest.raises(ValueError, match="2048 bytes"):
        sealed([replace(AMINA, contact={"name": "a" * MOST_CONTACT_BYTES})])


def test_nobody_but_the_recipient_opens_it():
    assert "not sealed for us" in refused(sealed(), keys=generate_keys("criec"))


def test_another_cannot_pass_for_the_sender():
    assert "not signed by the key expected" in refused(sealed(), sender=generate_keys("eriec"))


def test_an_envelope_of_one_gathering_does_not_open_for_another_of_the_same_organisations():
    asked = question(gathering="g2")
    other = Occasion(asked, yes_of("eriec", asked), yes_of("criec", asked))

    assert "another occasion" in refused(sealed(), occasion=other)


@pytest.mark.parametrize("yes", ["sender_yes", "recipient_yes"])
def test_an_envelope_is_bound_to_both_yeses(yes: str):
    name = "eriec" if yes == "sender_yes" else "criec"
    later = yes_of(name, ASKED, now=NOW + timedelta(seconds=1))

    assert "another occasion" in refused(sealed(), occasion=replace(OCCASION, **{yes: later}))


def test_an_envelope_expires():
    assert opened(sealed(), days=14)
    assert "has expired" in refused(sealed(), days=15)


def test_an_envelope_of_a_proposal_is_none_of_a_gathering_nor_the_other_way_round():
    acceptance = sign_acceptance(CRIEC, "eriec", "g1", CONSENT, view_of(CRIEC).head, NOW)
    proposal = seal(AMINA.contact, ERIEC, view_of(CRIEC), "g1", acceptance, CONSENT, NOW)

    assert "another occasion" in refused(proposal)
    with pytest.raises(Problem, match="another occasion"):
        open_introduction(sealed(), CRIEC, view_of(ERIEC), "g1", acceptance, NOW)


def test_the_kind_stands_in_the_header_and_under_the_signature():
    assert "another occasion" in refused(sealed_anew(inside(), kind=OF_PROPOSAL))
    assert "this is not a passerelle-gathering-introduction" in refused(
        sealed_anew(inside(), typ="passerelle-introduction")
    )
    header, *rest = sealed().split(".")
    swapped = sealed_anew(inside(), kind=OF_PROPOSAL).split(".")[0]
    assert swapped != header
    assert "not sealed for us" in refused(".".join([swapped, *rest]))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "arec"},
        {"aud": "arec"},
        {"to": "another"},
        {"gathering": "g2"},
        {"kind": "circle"},
        {"sender_yes": "0" * 64},
        {"recipient_yes": "0" * 64},
    ],
    ids=str,
)
def test_whatever_names_another_occasion_is_refused(changes: dict[str, Any]):
    assert "another occasion" in refused(sealed_anew(inside() | changes))


def person(**changes: Any) -> dict[str, Any]:
    return {"place": AMINA.place, "consent": AMINA.consent, "contact": AMINA.contact} | changes


BAD_PEOPLE: dict[str, tuple[Any, str]] = {
    "none": (None, "a part of it is missing"),
    "text": ("Amina", "a part of it is missing"),
    "not a person": (["Amina"], "a part of it is missing"),
    "no place": ([person(place=None)], "a part of it is missing"),
    "a place with a space": ([person(place="g1 eriec p")], "a part of it is missing"),
    "no contact": ([person(contact=None)], "a part of it is missing"),
    "numbers": ([person(contact={"phone": 1})], "a part of it is missing"),
    "one place for two": ([person(), person()], "two people stand in one place"),
    "one more": ([person(), person(place="other")], "other people than they said yes for"),
    "nobody": ([], "other people than they said yes for"),
}


@pytest.mark.parametrize(("people", "said"), BAD_PEOPLE.values(), ids=BAD_PEOPLE)
def test_people_whom_the_sender_said_no_yes_for_are_not_shown(people: Any, said: str):
    assert said in refused(sealed_anew(inside() | {"people": people}))


def test_the_contact_is_whoever_s_the_sender_says():
    """What nobody can check: the agency itself may write a wrong contact of its own person."""
    assert opened(sealed_anew(inside() | {"people": [person(contact={"name": "Bahar"})]}))


@pytest.mark.parametrize("position", range(5))
def test_whatever_is_changed_on_the_way_does_not_open(position: int):
    parts = sealed().split(".")
    parts[position] = parts[position][:-2] + ("AA" if parts[position][-2:] != "AA" else "BB")

    refused(".".join(parts))


ENVELOPE = "a.b.c.d.e"


def test_a_receipt_confirms_one_envelope_of_one_sender_in_one_gathering():
    receipt = sign_gathered_receipt(CRIEC, "eriec", "g1", ENVELOPE, NOW)
    verify_gathered_receipt(receipt, view_of(CRIEC), "eriec", "g1", digest(ENVELOPE))

    for keys, sender, gathering, envelope in (
        (ERIEC, "eriec", "g1", ENVELOPE),
        (CRIEC, "arec", "g1", ENVELOPE),
        (CRIEC, "eriec", "g2", ENVELOPE),
        (CRIEC, "eriec", "g1", "another"),
    ):
        with pytest.raises(Problem) as stopped:
            verify_gathered_receipt(receipt, view_of(keys), sender, gathering, digest(envelope))
        assert stopped.value.kind == "invalid-signature"


def test_a_receipt_of_a_proposal_confirms_nothing_here():
    with pytest.raises(Problem, match="this is not a passerelle-gathering-receipt"):
        verify_gathered_receipt(
            sign_receipt(CRIEC, "g1", ENVELOPE, NOW), view_of(CRIEC), "eriec", PAIR["gathering"], digest(ENVELOPE)
        )
