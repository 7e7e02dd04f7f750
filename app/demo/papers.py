"""Small attachments made on the spot: a grey screen capture, a spreadsheet of technical identifiers."""

from __future__ import annotations

import struct
import zlib
from random import Random

WIDTH, HEIGHT = 160, 90
_NAMES = ("capture.png", "erreur-ecran.png", "page-blanche.png", "message-affiche.png")
_EXTRACTS = ("appels-en-echec.csv", "identifiants-techniques.csv", "journal-des-appels.csv")


def capture(rng: Random) -> tuple[str, bytes]:
    """The name and content of an image: a window with its title bar and a few grey lines."""
    return rng.choice(_NAMES), _png([_row(line, rng) for line in range(HEIGHT)])


def extract(rng: Random) -> tuple[str, bytes]:
    """The name and content of a table for a French spreadsheet (UTF-8 with its mark, semicolons)."""
    lines = ["heure;statut;code;identifiant de la requête"]
    for _ in range(rng.randint(5, 20)):
        status, code = rng.choice((("401", "invalid_token"), ("403", "R001"), ("429", ""), ("503", "")))
        hour = f"{rng.randint(8, 17):02}:{rng.randint(0, 59):02}"
        lines.append(f"{hour};{status};{code};req-{rng.getrandbits(40):010x}")
    return rng.choice(_EXTRACTS), ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _row(line: int, rng: Random) -> bytes:
    """One line of grey pixels."""
    if line < 10:
        return bytes([90] * WIDTH)
    if line % 12 == 0:
        return bytes([250] * 12 + [200] * rng.randint(30, 120)).ljust(WIDTH, b"\xfa")
    return bytes([250] * WIDTH)


def _png(rows: list[bytes]) -> bytes:
    """An 8-bit grey image (PNG specification, § 11: IHDR, IDAT, IEND)."""
    header = struct.pack(">IIBBBBB", WIDTH, len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + row for row in rows))
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
