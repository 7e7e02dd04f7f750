"""What an article must be, its states, its address, its placeholders."""

from __future__ import annotations

from typing import Any

import pytest

from app.documentation.rules import (
    BODY_LENGTH,
    NEXT_STATES,
    PLACEHOLDERS,
    RESERVED_SLUGS,
    ArticleText,
    check_publishable,
    check_text,
    check_transition,
    fill,
    is_web_address,
    miss_key,
    slug_for,
    unknown_placeholders,
)
from app.documentation.vocabulary import Audience, Kind, State
from app.kernel.errors import Impossible, InvalidInput

NIR = "1 85 05 78 006 084 91"


def text(**changes: Any) -> ArticleText:
    return ArticleText(**{"title": "Titre", "body": "Texte.", **changes})


@pytest.mark.parametrize(
    "accepted",
    [
        text(),
        text(kind=Kind.LINK, url="https://francetravail.io/contact"),
        text(
            kind=Kind.CANNED,
            audience=Audience.CORRESPONDENTS,
            body="Bonjour, {Référence} {outil} {structure}.",
        ),
        text(body='Un {"json": 1} reste du texte.'),
    ],
)
def test_articles_that_may_be_kept(accepted: ArticleText) -> None:
    check_text(accepted)


@pytest.mark.parametrize(
    ("refused", "field"),
    [
        (text(title=" "), "title"),
        (text(body="\n "), "body"),
        (text(body="a" * (BODY_LENGTH + 1)), "body"),
        (text(title=f"Dossier {NIR}"), "title"),
        (text(body=f"Dossier {NIR}"), "body"),
        (text(url=f"https://exemple.test/{NIR.replace(' ', '')}"), "url"),
        (text(kind=Kind.LINK), "url"),
        (text(url="javascript:alert(1)"), "url"),
        (text(kind=Kind.CANNED), "audience"),
        (text(kind=Kind.CANNED, audience=Audience.CORRESPONDENTS, body="{reference} {nom}"), "body"),
    ],
)
def test_articles_that_may_not(refused: ArticleText, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_text(refused)
    assert refusal.value.field == field


def test_an_image_without_description_is_not_published() -> None:
    check_publishable("![L’écran](x) [texte](y)")
    for body in ("![](x)", "![ ](x)", "![Décrivez l’image](x)"):
        with pytest.raises(InvalidInput, match="description"):
            check_publishable(body)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://exemple.test/a", True),
        ("http://exemple.test", False),
        ("https://", False),
        ("https://exemple.test@evil.test", False),
        ("https://[::1", False),
        ("//exemple.test", False),
    ],
)
def test_web_addresses(address: str, expected: bool) -> None:
    assert is_web_address(address) is expected


def test_states_go_their_way() -> None:
    check_transition(State.DRAFT, State.PUBLISHED)
    with pytest.raises(Impossible):
        check_transition(State.ARCHIVED, State.PUBLISHED)
    assert set(NEXT_STATES) == set(State)


def test_placeholders_are_filled_and_those_unknown_are_told() -> None:
    body = "{référence}, {Outil}, {structure}, {mystère}"
    assert fill(body, {"reference": "7F3K-M2QX", "outil": "OuiForm", "structure": ""}) == (
        "7F3K-M2QX, OuiForm, {structure}, {mystère}"
    )
    assert unknown_placeholders(body) == ["mystère"]
    assert unknown_placeholders(" ".join(f"{{{name}}}" for name in PLACEHOLDERS)) == []


def test_addresses_are_made_of_titles_and_free() -> None:
    assert slug_for("L’accès est « bloqué » ?", ()) == "l-acces-est-bloque"
    assert slug_for("Œuvre", {"oeuvre", "oeuvre-2"}) == "oeuvre-3"
    assert slug_for("???", ()) == "article"
    assert len(slug_for("a" * 200, ())) == 70
    for reserved in RESERVED_SLUGS:
        assert slug_for(reserved, ()) == f"{reserved}-2"


def test_a_search_is_the_same_in_any_order() -> None:
    assert miss_key(["jeton", "api", "jeton"]) == miss_key(["api", "jeton"]) == "api jeton"
