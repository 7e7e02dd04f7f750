"""Finds what the desk must not keep: social-security numbers (NIR) and secrets (rules.md, « NIR »)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.errors import InvalidInput

NIR_MASK = "[NIR masqué]"
CREDENTIAL_MASK = "[secret masqué]"

# Sex, year, month, department, commune, order: thirteen positions, then a key of two digits. People and
# programs group them in every way, so that separators, perhaps escaped as in JSON, may stand between any two.
_SEPARATOR = r"(?:[ \t\u00a0\u2007\u2009\u202f.\-\u2010\u2011]|\\t|\\u00a0|\\u202f)"
_GAP = rf"{_SEPARATOR}{{0,3}}"
_POSITIONS = ["[123478]", "[0-9]", "[0-9]"]
_MONTH = rf"(?:0{_GAP}[1-9]|1{_GAP}[0-2]|[2-9]{_GAP}[0-9])"
_DEPARTMENT = rf"(?:[0-9]{_GAP}[0-9]|2{_GAP}[ABab])"
_NUMBER = _GAP.join([*_POSITIONS, _MONTH, _DEPARTMENT, *["[0-9]"] * 6])
_KEY = rf"[0-9]{_GAP}[0-9]"
# The lookahead tries every starting digit, for a date written just before must not hide the number.
_NIR = re.compile(
    rf"(?<![0-9])(?=(?P<number>{_NUMBER})(?:{_GAP}(?P<key>{_KEY})(?![0-9])|(?P<alone>(?![0-9]))))"
)
_SEPARATORS = re.compile(_SEPARATOR, re.IGNORECASE)

# Every repetition that a hostile text could make fail late is bounded, so that the time stays linear.
_S = r"\s{0,5}"
_SS = r"\s{1,5}"
# What hides a secret already, or is none: a mask of ours, « *** », « <token> », « ${TOKEN} », « null ».
_HIDDEN = r"(?!\[secret|\*|<|\$|\{\{|x{3}|…|\.\.\.|(?:null|none|undefined|true|false)\b)"
_VALUE = rf"(?P<value>{_HIDDEN}[^\s\"'&,;<>\\]{{4,}})"
# In a sentence, only what does not look like a word: « mot de passe : oublié » hides nothing.
_ODD_VALUE = rf"(?P<value>{_HIDDEN}(?=[^\s\"'»]{{0,99}}[0-9#@$%_])[^\s\"'»]{{6,}})"
# Names that only programs use, and names that people use in sentences too.
_TECHNICAL = (
    r"(?<![a-z])(?:client[_-]?(?:secret|assertion)|api[_-]?key|x-api-key|private[_-]?key|session[_-]?id"
    r"|(?:access|refresh|id|csrf|auth)[_-]?token)"
)
_PLAIN = rf"(?<![a-z])(?:pass(?:word|wd|phrase)|pwd|secret|token|mot{_SS}de{_SS}passe|mdp)"
_QUOTE = r"\\{0,9}[\"']"  # perhaps escaped, as in JSON pasted inside JSON
_SECRETS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"\bauthorization(?:{_QUOTE})?{_S}[:=]{_S}(?:{_QUOTE})?(?:basic|bearer|digest|negotiate|apikey){_SS}{_VALUE}",
        rf"\bauthorization(?:{_QUOTE})?{_S}[:=]{_S}(?:{_QUOTE})?{_ODD_VALUE}",
        rf"\bbearer{_SS}(?P<value>{_HIDDEN}[\w.~+/=-]{{16,}})",
        r"\b(?P<value>eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*)",  # a JWT: its header begins with « {" »
        rf"\bcookie(?:{_QUOTE})?{_S}:{_S}(?P<value>{_HIDDEN}[^\s;=]{{1,99}}=[^\n]+)",
        rf"(?:{_TECHNICAL}|{_PLAIN})(?:{_QUOTE})?{_S}={_S}(?:{_QUOTE})?{_VALUE}",
        rf"(?:{_TECHNICAL}|{_PLAIN}){_QUOTE}{_S}:{_S}{_QUOTE}(?P<value>{_HIDDEN}[^\"'\n\\]+)",
        rf"{_TECHNICAL}{_S}:{_S}{_VALUE}",
        rf"{_PLAIN}{_S}:{_S}[«\"']?{_S}{_ODD_VALUE}",
        rf"\b[a-z][a-z0-9+.-]{{0,19}}://[^\s/:@]{{1,99}}:(?P<value>{_HIDDEN}[^\s/@]{{1,99}})@",
        r"(?P<value>-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))",
    )
)


@dataclass(frozen=True)
class Span:
    """Where something was found; what was found is never copied out of the text."""

    start: int
    end: int


@dataclass(frozen=True)
class Findings:
    """What `find_personal_data` saw.

    `nirs` have a valid key: refuse or mask. `possible_nirs` are thirteen digits without a key: warn only,
    since a time in milliseconds looks alike. `secrets` are passwords, tokens, keys.
    """

    nirs: tuple[Span, ...]
    possible_nirs: tuple[Span, ...]
    secrets: tuple[Span, ...]

    def __bool__(self) -> bool:
        return bool(self.nirs or self.possible_nirs or self.secrets)


def find_personal_data(text: str) -> Findings:
    """The social-security numbers and secrets written in `text`, in any of their usual forms."""
    nirs: list[Span] = []
    possible: list[Span] = []
    for match in _NIR.finditer(text):
        if match["key"] is not None and _key_is_valid(match["number"], match["key"]):
            nirs.append(Span(match.start("number"), match.end("key")))
        elif match["alone"] is not None or _is_apart(text, match.end("number")):
            possible.append(Span(match.start("number"), match.end("number")))
    nirs = _merged(nirs)
    return Findings(
        nirs=tuple(nirs),
        possible_nirs=tuple(span for span in _merged(possible) if not _touches(span, nirs)),
        secrets=tuple(_merged(_secrets(text))),
    )


def contains_nir(text: str) -> bool:
    """Whether a social-security number with a valid key is written in `text`."""
    return bool(find_personal_data(text).nirs)


def refuse_nir(text: str, field: str, label: str = "") -> None:
    """Raise InvalidInput for `field`, named `label` on screen, when `text` holds a NIR with a valid key.

    The message never repeats the number.
    """
    if contains_nir(text):
        raise InvalidInput(
            f"«\u00a0{label or field}\u00a0» contient un numéro de sécurité sociale (NIR). "
            "Ce numéro ne doit jamais être enregistré ici\u00a0: retirez-le, puis envoyez de nouveau.",
            field=field,
        )


def mask(text: str) -> str:
    """`text` with each NIR that has a valid key, and each secret, replaced whole."""
    findings = find_personal_data(text)
    replacements = [(span, NIR_MASK) for span in findings.nirs]
    replacements += [
        (span, CREDENTIAL_MASK) for span in findings.secrets if not _touches(span, findings.nirs)
    ]
    for span, replacement in sorted(replacements, key=lambda pair: pair[0].start, reverse=True):
        text = text[: span.start] + replacement + text[span.end :]
    return text


def nir_key(number: str) -> int:
    """The key of the thirteen positions `number`: 97 − (number mod 97); 2A counts as 19 and 2B as 18."""
    return 97 - int(number.replace("2A", "19").replace("2B", "18")) % 97


def _key_is_valid(number: str, key: str) -> bool:
    return nir_key(_SEPARATORS.sub("", number).upper()) == int(_SEPARATORS.sub("", key))


def _is_apart(text: str, position: int) -> bool:
    """Whether the thirteen digits end there, rather than being the beginning of a longer run."""
    return not text[position : position + 1].isdigit()


def _secrets(text: str) -> Iterator[Span]:
    for pattern in _SECRETS:
        for match in pattern.finditer(text):
            yield Span(match.start("value"), match.end("value"))


def _merged(spans: Iterator[Span] | list[Span]) -> list[Span]:
    """The same places, in order, without overlaps."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _touches(span: Span, others: list[Span] | tuple[Span, ...]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)
