"""The mail that a change of contact owes: when, about what, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from app.kernel.errors import InvalidInput
from app.partners.notice_rules import ContactChange, check_sent_on, compose, effective_from, gather, is_owed

SIGNED = date(2026, 1, 1)
OLD = {
    "Fonction": "Correspondant SI",
    "Rôle": "Correspondant SI du partenaire",
    "Téléphone": "",
    "Jusqu’au": "",
}
NEW = {**OLD, "Téléphone": "03 00 00 00 00"}


def change(before: Mapping[str, str], after: Mapping[str, str], contact_id: int = 1) -> ContactChange:
    return ContactChange(contact_id, "Contact du partenaire", before, after)


@pytest.mark.parametrize(
    ("before", "signed", "first", "owed"),
    [
        (OLD, SIGNED, None, True),
        (NEW, SIGNED, None, False),  # nothing differs
        ({}, SIGNED, None, False),  # as the signed annex says
        ({}, SIGNED, date(2026, 1, 1), False),
        ({}, SIGNED, date(2026, 1, 2), True),
        ({}, None, date(2026, 1, 2), True),
    ],
)
def test_when_it_is_owed(before: dict[str, str], signed: date | None, first: date | None, owed: bool) -> None:
    assert is_owed(before, NEW, signed, first) is owed


def test_one_contact_is_told_once_from_the_first_before_to_the_last_after() -> None:
    later = {**NEW, "Fonction": "Référent numérique"}
    (told,) = gather([change(OLD, NEW)], change(NEW, later))
    assert (told.before, told.after) == (OLD, later)


def test_a_contact_put_back_as_it_was_is_not_told() -> None:
    other = change({}, NEW, 2)
    assert gather([change(OLD, NEW), other], change(NEW, OLD)) == (other,)


def test_the_day_it_counts_from() -> None:
    ends = change(OLD, {**OLD, "Jusqu’au": "31/03/2026"})
    begins = change({}, {**NEW, "À partir du": "15/04/2026"}, 2)
    assert effective_from([begins, ends]) == date(2026, 4, 1)
    assert effective_from([change(OLD, NEW)]) is None


def test_its_words_for_one_change() -> None:
    letter = compose(
        "Nord", "nord-2025", "France Travail", [change(OLD, NEW)], ("Comité de pilotage", "c@exemple.test")
    )
    assert (letter.recipient, letter.address) == ("Comité de pilotage", "c@exemple.test")
    assert letter.subject == "Convention nord-2025\u00a0: changement de contact (Nord)"
    assert "du changement suivant" in letter.body
    assert "Contact du partenaire, Correspondant SI (Correspondant SI du partenaire)\u00a0:" in letter.body
    assert "- Téléphone\u00a0: avant, non renseigné\u00a0; désormais, 03 00 00 00 00" in letter.body
    assert "Fonction" not in letter.body


def test_its_words_for_several_and_for_a_new_contact() -> None:
    added = {"Fonction": "RSSI", "Rôle": "RSSI", "Téléphone": "", "Jusqu’au": ""}
    gone = {**NEW, "Téléphone": ""}
    letter = compose("Nord", "nord-2025", "France Travail", [change(NEW, gone), change({}, added, 2)], None)
    assert letter.address is None
    assert "gouvernance" in letter.recipient
    assert "changement de contacts" in letter.subject
    assert "des changements suivants" in letter.body
    assert "désormais, non renseigné" in letter.body
    assert (
        "Contact du partenaire, RSSI\u00a0: nouveau contact\n- Fonction\u00a0: RSSI\n- Rôle\u00a0: RSSI\n\n"
        in letter.body
    )


def test_the_day_it_was_sent() -> None:
    today = date(2026, 3, 10)
    check_sent_on(today, today, today)
    with pytest.raises(InvalidInput, match="futur"):
        check_sent_on(date(2026, 3, 11), today, today)
    with pytest.raises(InvalidInput, match="plus d’un an"):
        check_sent_on(date(2025, 3, 1), today, today)
