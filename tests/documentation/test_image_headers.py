"""The size that an image declares, without decoding it."""

from __future__ import annotations

import pytest

from app.documentation.image_headers import check_dimensions, declared_size
from app.kernel.errors import InvalidInput
from tests.documentation.pictures import gif, jpeg, png, png_bomb, webp

LOSSLESS = b"\x2f" + ((639) | (479 << 14)).to_bytes(4, "little")
LOSSY = b"\x00\x00\x00\x9d\x01\x2a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little")
EXTENDED = b"\x00" * 4 + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")


@pytest.mark.parametrize(
    "content",
    [
        png(640, 480),
        gif(640, 480),
        gif(10, 10, ((640, 10), (10, 480))),
        gif(640, 480, colours=False),
        gif(640, 480)[:-1],
        jpeg(640, 480),
        jpeg(640, 480, before=b"\xff\xff\xe0\x00\x04ab\xff\x01\xff\xd0"),
        webp(b"VP8L", LOSSLESS),
        webp(b"VP8 ", LOSSY),
        webp(b"VP8X", EXTENDED),
    ],
    ids=[
        "png",
        "gif",
        "gif-frames",
        "gif-bare",
        "gif-cut",
        "jpeg",
        "jpeg-fill",
        "webp-lossless",
        "webp-lossy",
        "webp-extended",
    ],
)
def test_the_declared_size_is_read(content: bytes) -> None:
    assert declared_size(content) == (640, 480)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"BM not one of ours",
        png()[:18],
        png()[:12] + b"IDAT" + png()[16:],
        png(0, 5),
        gif(640, 480)[:8],
        gif(640, 480, ((5, 5),))[:-4],
        jpeg(640, 480)[:6],
        b"\xff\xd8\xff\xe0\x00\x00",
        b"\xff\xd8\x00\x00\x00",
        webp(b"VP8L", b"\x00" + LOSSLESS[1:]),
        webp(b"ALPH", EXTENDED),
        webp(b"VP8X", EXTENDED[:6]),
    ],
)
def test_what_cannot_be_read_has_no_size(content: bytes) -> None:
    assert declared_size(content) is None


@pytest.mark.parametrize(
    "content", [png_bomb(), jpeg(60_000, 60_000), gif(10, 10, ((65_535, 65_535),)), png(10_001, 1)]
)
def test_an_image_bomb_is_refused_by_its_header(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="pixels") as refusal:
        check_dimensions("capture.png", content, field="image")
    assert refusal.value.field == "image"


def test_a_damaged_image_is_refused() -> None:
    with pytest.raises(InvalidInput, match="endommagé"):
        check_dimensions("capture.png", b"\x89PNG\r\n\x1a\n", field="image")
