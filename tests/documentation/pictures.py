"""Small images made on the spot, and headers that lie about their size."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 2, height: int = 2) -> bytes:
    """A grey PNG, whole and readable."""
    rows = (b"\x00" + b"\x80" * width) * height
    return _png_of(width, height, zlib.compress(rows))


def png_bomb() -> bytes:
    """A few octets that declare a picture of 400 million pixels."""
    return _png_of(20_000, 20_000, zlib.compress(b""))


def _png_of(width: int, height: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def gif(width: int, height: int, images: tuple[tuple[int, int], ...] = (), colours: bool = True) -> bytes:
    """A GIF of that screen and these images, each behind an extension block."""
    flags, table = (0x80, b"\x00" * 6) if colours else (0, b"")
    content = b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + table
    for image_width, image_height in images:
        content += b"\x21\xf9\x04\x00\x00\x00\x00\x00"
        content += b"\x2c" + struct.pack("<HHHHB", 0, 0, image_width, image_height, flags) + table
        content += b"\x02\x02\x4c\x01\x00"
    return content + b"\x3b"


def jpeg(width: int, height: int, *, before: bytes = b"\xff\xe0\x00\x04ab") -> bytes:
    """The head of a JPEG: a segment, then a frame."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + before + b"\xff\xc2" + frame + b"\xff\xd9"


def webp(kind: bytes, payload: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk
