"""Which files are accepted. Decides on the name, the content, and what a signature library made of it."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from app.kernel.errors import InvalidInput
from app.kernel.personal_data import contains_nir

MAX_BYTES = 10 * 1024 * 1024
MAX_NAME_LENGTH = 120
MAX_SUFFIX_LENGTH = 20


class Family(StrEnum):
    """What the content of a file is made of, whatever its extension says."""

    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    PDF = "pdf"
    TEXT = "text"
    OFFICE = "office"


@dataclass(frozen=True)
class Format:
    """An accepted extension. `inside` names what a package of an office suite must hold."""

    family: Family
    media_type: str
    inside: str = ""


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: Mapping[str, Format] = {
    "png": Format(Family.PNG, "image/png"),
    "jpg": Format(Family.JPEG, "image/jpeg"),
    "jpeg": Format(Family.JPEG, "image/jpeg"),
    "gif": Format(Family.GIF, "image/gif"),
    "webp": Format(Family.WEBP, "image/webp"),
    "pdf": Format(Family.PDF, "application/pdf"),
    "txt": Format(Family.TEXT, "text/plain"),
    "log": Format(Family.TEXT, "text/plain"),
    "csv": Format(Family.TEXT, "text/csv"),
    "json": Format(Family.TEXT, "application/json"),
    "xml": Format(Family.TEXT, "application/xml"),
    "eml": Format(Family.TEXT, "message/rfc822"),
    "docx": Format(Family.OFFICE, _WORD, inside="word/document.xml"),
    "xlsx": Format(Family.OFFICE, _SHEET, inside="xl/workbook.xml"),
    "odt": Format(Family.OFFICE, "application/vnd.oasis.opendocument.text", inside="content.xml"),
    "ods": Format(Family.OFFICE, "application/vnd.oasis.opendocument.spreadsheet", inside="content.xml"),
}
ACCEPTED_IN_WORDS = "images (PNG, JPEG, GIF, WebP), PDF, texte (TXT, LOG, CSV, JSON, XML), courriels (EML), DOCX, XLSX, ODT, ODS"

# The extensions by which the signature library knows each binary family.
_SIGNATURES: Mapping[Family, frozenset[str]] = {
    Family.PNG: frozenset({".png"}),
    Family.JPEG: frozenset({".jpg", ".jpeg"}),
    Family.GIF: frozenset({".gif"}),
    Family.WEBP: frozenset({".webp"}),
    Family.PDF: frozenset({".pdf"}),
    Family.OFFICE: frozenset({".zip", ".docx", ".xlsx", ".odt", ".ods"}),
}
# A page or a drawing that runs scripts, whatever stands before it: declarations, comments, spaces.
_ACTIVE_DOCUMENT = re.compile(
    r"(?:\s+|<\?[^>]*>|<!--.*?-->|<!doctype\s+(?!html|svg)[^>]*>)*+"
    r"<(?:!doctype\s+(?:html|svg)|(?:\w+:)?(?:html|head|body|svg|script|iframe)\b)",
    re.IGNORECASE | re.DOTALL,
)
_ACTIVE_NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml")
_MAIL_HEADER = re.compile(r"[!-9;-~]+:[^\n]*\n")
_MACRO_PARTS = re.compile(r"(?:^|/)(?:vba\w*\.bin|vbaproject\w*|macrosheets/|basic/|scripts/)", re.IGNORECASE)
_TEXT_HEAD = 64 * 1024
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]"
)  # tabs, newlines, form feeds and escapes belong in logs

_FORBIDDEN_IN_NAMES = re.compile(r'[<>:"|?*\x00-\x1f]')
_RESERVED_NAMES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True)
class AcceptedFile:
    """A file that may be kept: its cleaned name, its media type, its content."""

    name: str
    media_type: str
    content: bytes


def accept_file(
    name: str, content: bytes, signatures: Collection[str], *, field: str = "files"
) -> AcceptedFile:
    """The file under a clean name. `signatures` are the extensions (« .png ») that its first bytes suggest.

    Raises InvalidInput, in French, naming the file and what is wrong with it.
    """
    if contains_nir(name.replace("_", " ")):
        raise InvalidInput(
            "Le nom d’un fichier contient un numéro de sécurité sociale (NIR)\u00a0: renommez-le avant de le joindre.",
            field=field,
        )
    name = clean_file_name(name)
    reason = _refusal(name, content, signatures)
    if reason:
        raise InvalidInput(f"«\u00a0{name}\u00a0» {reason}", field=field)
    return AcceptedFile(name, FORMATS[_extension(name)].media_type, content)


def clean_file_name(name: str) -> str:
    """A name that is safe on every system: no folder, no invisible or reserved character, 120 at most."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(character for character in name if unicodedata.category(character) not in _INVISIBLE)
    name = " ".join(_FORBIDDEN_IN_NAMES.sub("_", visible).split()).strip(". ")
    if _RESERVED_NAMES.match(name):
        name = f"_{name}"
    path = PurePosixPath(name or "fichier")
    suffix = path.suffix[:MAX_SUFFIX_LENGTH]
    return path.stem[: MAX_NAME_LENGTH - len(suffix)] + suffix


def _refusal(name: str, content: bytes, signatures: Collection[str]) -> str:
    """Why the file is refused, as the end of a sentence; empty when it is accepted."""
    accepted = FORMATS.get(_extension(name))
    if accepted is None:
        return f"n’est pas d’un type accepté. Types acceptés\u00a0: {ACCEPTED_IN_WORDS}."
    if not content:
        return "est vide."
    if len(content) > MAX_BYTES:
        megabytes = f"{len(content) / 1024 / 1024:.1f}".replace(".", ",")
        return f"pèse {megabytes}\u00a0Mo\u00a0: 10\u00a0Mo au plus sont acceptés par fichier."
    if accepted.family is Family.TEXT:
        return _text_refusal(content, _extension(name))
    if not _SIGNATURES[accepted.family] & set(signatures):
        return _mismatch(_extension(name))
    if accepted.family is Family.OFFICE:
        return _office_refusal(content, accepted, _extension(name))
    return ""


def _text_refusal(content: bytes, extension: str) -> str:
    text = _decoded(content)
    if text is None or _CONTROL.search(text):
        return _mismatch(extension)
    head = text[:_TEXT_HEAD]
    disguised = extension == "xml" and any(namespace in text for namespace in _ACTIVE_NAMESPACES)
    if disguised or _ACTIVE_DOCUMENT.match(head):
        return "contient une page web ou un dessin SVG, qui peuvent cacher un programme. Joignez plutôt une capture d’écran."
    if extension == "eml" and not _MAIL_HEADER.match(head.lstrip()):
        return _mismatch(extension)
    return ""


def _decoded(content: bytes) -> str | None:
    """The text, in one of the encodings that programs of the trade write; None when it is none."""
    in_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if in_utf_16 else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _office_refusal(content: bytes, accepted: Format, extension: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError):
        return "est endommagé\u00a0: il ne s’ouvre pas."
    if accepted.inside not in names or not _declares(content, accepted):
        return _mismatch(extension)
    if any(_MACRO_PARTS.search(name) for name in names):
        return "contient des macros. Enregistrez-le sans macros, ou joignez-en une version PDF."
    return ""


def _declares(content: bytes, accepted: Format) -> bool:
    """Whether an OpenDocument package says, uncompressed at its start as its standard asks, which type it is."""
    opendocument = accepted.inside == "content.xml"
    return not opendocument or accepted.media_type.encode() in content[:200]


def _mismatch(extension: str) -> str:
    return f"ne contient pas ce que son extension «\u00a0.{extension}\u00a0» annonce."


def _extension(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").lower()
