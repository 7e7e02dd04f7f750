"""The whole base as a ZIP of Markdown files with their images: safe to open whoever made it. Pure.

se-connecter-avec-proconnect.md
images/0f3a….png
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from stat import S_ISLNK

from app.kernel.errors import InvalidInput

IMAGES = "images/"
MOST_MEMBERS = 3_000
MOST_TEXT_BYTES = 300_000
MOST_IMAGE_BYTES = 10 * 1024 * 1024
MOST_BYTES = 80 * 1024 * 1024
_ARTICLE_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.md")
_IMAGE_NAME = re.compile(r"images/[A-Za-z0-9][\w.-]{0,118}\.(?:png|jpe?g|gif|webp)", re.IGNORECASE)
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Problem:
    """A member that is left out, and why, as a sentence."""

    name: str
    message: str


@dataclass(frozen=True)
class Members:
    """What an archive holds: the texts by slug, the images by their name there, what is wrong with the rest."""

    texts: Mapping[str, str]
    images: Mapping[str, bytes]
    problems: tuple[Problem, ...]


def packed(texts: Mapping[str, str], images: Mapping[str, bytes]) -> bytes:
    """The archive of these articles, by slug, and images, by name. The same content gives the same octets."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for slug, text in sorted(texts.items()):
            archive.writestr(zipfile.ZipInfo(f"{slug}.md"), text, zipfile.ZIP_DEFLATED)
        for name, content in sorted(images.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_STORED)
    return buffer.getvalue()


def unpacked(content: bytes, *, field: str = "archive") -> Members:
    """Read an archive within bounds; nothing is written anywhere, whatever its names say.

    Raises InvalidInput for `field` when it is no archive, or one made to fill the memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive, field)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        raise InvalidInput("Ce fichier n’est pas une archive ZIP lisible.", field=field) from error


def _read(archive: zipfile.ZipFile, field: str) -> Members:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise InvalidInput(f"L’archive compte plus de {MOST_MEMBERS} fichiers.", field=field)
    texts: dict[str, str] = {}
    images: dict[str, bytes] = {}
    problems: list[Problem] = []
    left = MOST_BYTES
    for member in members:
        is_image = _IMAGE_NAME.fullmatch(member.filename) is not None
        reason = _refusal(member, is_image)
        most = MOST_IMAGE_BYTES if is_image else MOST_TEXT_BYTES
        # What a member declares may be a lie: it is read to its bound, and one octet more.
        data = b"" if reason else _bounded(archive, member, most + 1)
        left -= len(data)
        if left < 0:
            raise InvalidInput("L’archive est trop volumineuse une fois ouverte.", field=field)
        if not reason and len(data) > most:
            reason = f"est trop volumineux\u00a0: {most // 1000}\u00a0ko au plus."
        if not reason and not is_image and not _is_text(data):
            reason = "n’est pas un texte en UTF-8."
        if reason:
            problems.append(Problem(_printable(member.filename), reason))
        elif is_image:
            images[member.filename] = data
        else:
            texts[member.filename.removesuffix(".md")] = data.decode("utf-8-sig")
    return Members(texts, images, tuple(problems))


def _refusal(member: zipfile.ZipInfo, is_image: bool) -> str:
    if member.flag_bits & _ENCRYPTED:
        return "est chiffré."
    if S_ISLNK(member.external_attr >> 16):
        return "est un lien, et non un fichier."
    if not is_image and not _ARTICLE_NAME.fullmatch(member.filename):
        return "n’est ni un article («\u00a0titre-de-l-article.md\u00a0») ni une image du dossier «\u00a0images\u00a0»."
    return ""


def _bounded(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(member) as stream:
        return stream.read(most)


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name)[:120]
