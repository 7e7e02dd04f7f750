from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import InvalidInput
from app.kernel.personal_data import contains_nir, find_personal_data, mask, nir_key, refuse_nir

SEPARATORS = ["", " ", "\u00a0", "\u202f", "\u2009", ".", "-", "\u2011", " - ", "\t"]
GROUPS = [(1, 2, 2, 2, 3, 3), (1, 2, 2, 5, 3), (13,), (3, 4, 3, 3), (1,) * 13]
MONTHS = [f"{month:02}" for month in (*range(1, 13), *range(20, 100))]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Thirteen positions within the ranges of rules.md, without their key."""
    department = draw(
        st.one_of(st.integers(0, 99).map("{:02}".format), st.sampled_from(["2A", "2B", "2a", "2b"]))
    )
    return "".join(
        [
            draw(st.sampled_from("123478")),
            f"{draw(st.integers(0, 99)):02}",
            draw(st.sampled_from(MONTHS)),
            department,
            f"{draw(st.integers(0, 999)):03}",
            f"{draw(st.integers(0, 999)):03}",
        ]
    )


def with_key(number: str) -> str:
    return f"{number}{nir_key(number.upper()):02}"


def written(nir: str, groups: tuple[int, ...], separator: str) -> str:
    parts, start = [], 0
    for size in (*groups, 2):
        parts.append(nir[start : start + size])
        start += size
    return separator.join(parts)


def test_the_key_follows_the_published_rule() -> None:
    # Worked by hand: 97 − (2690549588157 mod 97) = 80; Corsica takes 19 and 18 in the place of 2A and 2B.
    assert nir_key("2690549588157") == 80
    assert nir_key("1850519006084") == nir_key("185052A006084")
    assert nir_key("1850518006084") == nir_key("185052B006084")


@given(numbers(), st.sampled_from(GROUPS), st.sampled_from(SEPARATORS))
def test_a_valid_number_is_found_in_every_written_form(
    number: str, groups: tuple[int, ...], separator: str
) -> None:
    nir = written(with_key(number), groups, separator)
    for text in (
        nir,
        f"NIR{nir}",
        f"Son n° de sécu ({nir}), née le 12.03.1985",
        f"12.03.1985 {nir} 01 02 03",
        json.dumps({"nir": nir}, ensure_ascii=False),
        json.dumps({"nir": nir.replace("\u2009", " ").replace("\u2011", "-")}),
        f"ligne\n{nir}\nligne",
    ):
        assert find_personal_data(text).nirs, text
        assert nir[3:] not in mask(text)
        assert not contains_nir(mask(text))


@given(numbers(), st.integers(1, 96), st.sampled_from(["", " "]))
def test_a_wrong_key_is_not_refused(number: str, shift: int, separator: str) -> None:
    wrong = (nir_key(number.upper()) - 1 + shift) % 97 + 1
    assert not contains_nir(f"{number}{separator}{wrong:02}")


@pytest.mark.parametrize("key", ["00", "98", "99"])
def test_keys_out_of_range_are_none(key: str) -> None:
    assert not contains_nir(f"2690549588157{key}")


@pytest.mark.parametrize(
    "number",
    [
        "5690549588157",
        "6690549588157",
        "9690549588157",
        "0690549588157",
        "2690049588157",
        "2691349588157",
        "2691949588157",
    ],
)
def test_what_is_out_of_the_ranges_is_none(number: str) -> None:
    findings = find_personal_data(f"{number}{nir_key(number):02} et {number}")
    assert not findings.nirs
    assert not findings.possible_nirs


def test_thirteen_digits_without_a_key_only_warn() -> None:
    for text in ("2690549588157", "né(e) 2 69 05 49 588 157, à vérifier", "2 69 05 49 588 157 81"):
        findings = find_personal_data(text)
        assert findings.possible_nirs
        assert not findings.nirs
        assert mask(text) == text
        refuse_nir(text, "description")


def test_a_longer_number_is_none() -> None:
    assert not find_personal_data("269054958815780123")
    assert not find_personal_data("00269054958815780")


def test_the_refusal_names_the_field_and_not_the_number() -> None:
    with pytest.raises(InvalidInput) as refusal:
        refuse_nir("Dossier 2 69 05 49 588 157 80", "subject", "Objet")
    assert refusal.value.field == "subject"
    assert refusal.value.message.startswith(
        "«\u00a0Objet\u00a0» contient un numéro de sécurité sociale (NIR)."
    )
    assert "69" not in refusal.value.message


def log_line(rng: Random) -> str:
    """A line such as those that people paste from an API's log: times in ms, identifiers, codes."""
    milliseconds = rng.randrange(1_600_000_000_000, 1_900_000_000_000)
    identifier = "".join(rng.choice("0123456789abcdef") for _ in range(32))
    return rng.choice(
        [
            f"{milliseconds} INFO GET /partenaire/ouiform/v1/individus 200 {rng.randrange(5, 900)}ms",
            f"2026-03-1{rng.randrange(10)}T09:{rng.randrange(60):02}:12.{rng.randrange(1000):03}Z id={identifier} 403 R001",
            f'{{"timestamp":{milliseconds},"codeHttp":500,"duree":{rng.randrange(5, 900)},"id":{rng.randrange(10**15)}}}',
            f"x-request-id: {identifier[:8]}-{identifier[8:12]}-{identifier[12:16]}-{identifier[16:20]}-{identifier[20:]}",
            f"SIRET {rng.randrange(10**13, 10**14)} appel {rng.randrange(10**11, 10**12)} en {rng.randrange(100)} s",
            f"10.0.{rng.randrange(256)}.{rng.randrange(256)} - - [10/Mar/2026:09:00:{rng.randrange(60):02} +0100] 200 {rng.randrange(10**5)}",
            f"X-Ratelimit-Reset: {milliseconds // 1000} Retry-After: {rng.randrange(60)}",
        ]
    )


def test_log_lines_hardly_ever_look_like_a_number_with_its_key() -> None:
    rng = Random(20260310)
    lines = [log_line(rng) for _ in range(5_000)]
    refused = [line for line in lines if contains_nir(line)]
    assert len(refused) / len(lines) < 0.01, refused[:5]
    assert sum(bool(find_personal_data(line).secrets) for line in lines) == 0


SECRETS = [
    ("Authorization: Basic dXNlcjpzZWNyZXQ=", "dXNlcjpzZWNyZXQ="),
    ("authorization: 8f14e45fceea167a5a36", "8f14e45fceea167a5a36"),
    ('-H "Authorization: Bearer abcDEF123456"', "abcDEF123456"),
    ('{"Authorization": "Bearer abcDEF123456"}', "abcDEF123456"),
    ("le jeton Bearer 0123456789abcdefXYZ a expiré", "0123456789abcdefXYZ"),
    ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl-_", "eyJzdWIiOiIxMjM0In0"),
    ("grant_type=client_credentials&client_id=a&client_secret=s3cretvalue&scope=x", "s3cretvalue"),
    ('{"client_secret": "motqueseul"}', "motqueseul"),
    (r'"{\"client_secret\": \"motqueseul\"}"', "motqueseul"),
    ("client-secret: motqueseul", "motqueseul"),
    ("PASSWORD='azerty'", "azerty"),
    ("DB_PASSWORD=azerty12", "azerty12"),
    ("Mot de passe : Azerty123!", "Azerty123!"),
    ("mdp=Soleil59", "Soleil59"),
    ('{"refresh_token":"abc.def"}', "abc.def"),
    ("X-Api-Key: abcdefghij", "abcdefghij"),
    ("Cookie: session=abcdef; theme=clair", "abcdef"),
    ("https://agent:Motdepasse@exemple.fr/api", "Motdepasse"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEvQ", "MIIEvQ"),
]


@pytest.mark.parametrize(("text", "hidden"), SECRETS)
def test_secrets_are_found_and_masked(text: str, hidden: str) -> None:
    assert find_personal_data(text).secrets
    masked = mask(text)
    assert hidden not in masked
    assert "[secret masqué]" in masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "J’ai oublié mon mot de passe : impossible de me connecter.",
        "Mot de passe : oublié. Le jeton : expiré.",
        "Le token a expiré, le secret est bien gardé",
        "Erreur 401 : authorization: missing",
        "client_secret=*** password=<votre mot de passe> token=null api_key=${API_KEY}",
        "https://exemple.fr:8443/etat@sante",
        "Les cookies : acceptés",
        "expires_in=1499",
    ],
)
def test_sentences_about_secrets_are_left_alone(text: str) -> None:
    assert not find_personal_data(text)
    assert mask(text) == text


@given(st.text())
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)) == mask(text)
