"""The size in pixels that an image declares, read in its first octets. Nothing is decoded.

A few octets may declare a picture of a billion pixels, which whoever opens it must then hold in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.kernel.errors import InvalidInput

MAX_SIDE = 10_000
MAX_PIXELS = 25_000_000

Size = tuple[int, int]

_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# Start of frame, all kinds; C4, C8 and CC are tables and reserved codes (ITU T.81, table B.1).
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_GIF_IMAGE, _GIF_EXTENSION = 0x2C, 0x21


def check_dimensions(name: str, content: bytes, *, field: str) -> Size:
    """The width and height that the image declares. Raises InvalidInput when they are too large, or unreadable."""
    size = declared_size(content)
    if size is None:
        raise InvalidInput(
            f"«\u00a0{name}\u00a0» est endommagé\u00a0: ses dimensions sont illisibles.", field=field
        )
    width, height = size
    if max(size) > MAX_SIDE or width * height > MAX_PIXELS:
        raise InvalidInput(
            f"«\u00a0{name}\u00a0» annonce {width}\u00a0×\u00a0{height}\u00a0pixels\u00a0: 25 millions de pixels au plus "
            f"sont acceptés, et {MAX_SIDE} de côté. Réduisez l’image, ou n’en gardez que la partie utile.",
            field=field,
        )
    return size


def declared_size(content: bytes) -> Size | None:
    """Width and height in pixels, the largest for an animation; None when they cannot be read or are nil."""
    for start, read in _READERS:
        if content.startswith(start):
            try:
                width, height = read(content)
            except (IndexError, ValueError):
                return None
            return (width, height) if width > 0 and height > 0 else None
    return None


def _png(content: bytes) -> Size:
    """Portable Network Graphics, §11.2.2: IHDR comes first."""
    if content[12:16] != b"IHDR":
        raise ValueError("no header")
    return _big(content, 16, 4), _big(content, 20, 4)


def _gif(content: bytes) -> Size:
    """GIF89a, §18 and §20: the screen, and each image, which may be larger than it."""
    sizes = [(_little(content, 6, 2), _little(content, 8, 2)), *_gif_images(content)]
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _gif_images(content: bytes) -> Iterator[Size]:
    place = 13 + _gif_colours(content[10])
    while content[place : place + 1]:
        if content[place] == _GIF_IMAGE:
            left, top = _little(content, place + 1, 2), _little(content, place + 3, 2)
            yield left + _little(content, place + 5, 2), top + _little(content, place + 7, 2)
            place = _after_blocks(content, place + 11 + _gif_colours(content[place + 9]))
        elif content[place] == _GIF_EXTENSION:
            place = _after_blocks(content, place + 2)
        else:
            return


def _gif_colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(content: bytes, place: int) -> int:
    while content[place]:
        place += content[place] + 1
    return place + 1


def _jpeg(content: bytes) -> Size:
    """ITU T.81, annex B: segments follow each other up to the first frame."""
    place = 2
    while content[place] == 0xFF:
        code = content[place + 1]
        if code == 0xFF:  # fill octets may stand before a marker
            place += 1
        elif code in _JPEG_STANDALONE:
            place += 2
        elif code in _JPEG_FRAMES:
            return _big(content, place + 7, 2), _big(content, place + 5, 2)
        else:
            length = _big(content, place + 2, 2)
            if length < 2:
                raise ValueError("a segment without length")
            place += 2 + length
    raise ValueError("no frame")


def _webp(content: bytes) -> Size:
    """RFC 9649, §2.5 to §2.7: lossy, lossless, or extended, whose canvas bounds every frame."""
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + _little(content, 24, 3), 1 + _little(content, 27, 3)
    if kind == b"VP8L" and content[20] == 0x2F:
        bits = _little(content, 21, 4)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        return _little(content, 26, 2) & 0x3FFF, _little(content, 28, 2) & 0x3FFF
    raise ValueError("no picture")


def _big(content: bytes, place: int, length: int) -> int:
    return int.from_bytes(_exactly(content, place, length), "big")


def _little(content: bytes, place: int, length: int) -> int:
    return int.from_bytes(_exactly(content, place, length), "little")


def _exactly(content: bytes, place: int, length: int) -> bytes:
    part = content[place : place + length]
    if len(part) < length:
        raise IndexError(place)
    return part


_READERS: tuple[tuple[bytes, Callable[[bytes], Size]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"\xff\xd8", _jpeg),
    (b"RIFF", _webp),
)
