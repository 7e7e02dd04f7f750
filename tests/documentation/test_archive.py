"""ZIP files from anyone: read within bounds, nothing written anywhere."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable

import pytest

from app.documentation import archive
from app.documentation.archive import packed, unpacked
from app.kernel.errors import InvalidInput


def zip_of(write: Callable[[zipfile.ZipFile], object]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        write(made)
    return buffer.getvalue()


def refused(content: bytes) -> dict[str, str]:
    return {problem.name: problem.message for problem in unpacked(content).problems}


def test_what_is_packed_is_unpacked_and_packed_alike() -> None:
    content = packed({"b": "B", "a": "É"}, {"images/x.png": b"123"})
    members = unpacked(content)
    assert (members.texts, members.images, members.problems) == (
        {"a": "É", "b": "B"},
        {"images/x.png": b"123"},
        (),
    )
    assert packed({"a": "É", "b": "B"}, {"images/x.png": b"123"}) == content


@pytest.mark.parametrize(
    "name",
    [
        "../evil.md",
        "/etc/passwd.md",
        "..\\evil.md",
        "C:\\evil.md",
        "images/../../evil.png",
        "images/.hidden.png",
        "images/évil.png",
        "sous/dossier.md",
        "Majuscule.md",
        "-tiret.md",
        "a\nb.md",
        "images/x.svg",
        "x.exe",
        "images/x.png/y.md",
    ],
)
def test_names_that_lead_elsewhere_are_left_out(name: str) -> None:
    members = unpacked(zip_of(lambda made: made.writestr(name, "x")))
    assert not members.texts
    assert not members.images
    assert len(members.problems) == 1
    assert members.problems[0].name.isprintable()


def test_folders_are_nothing_and_links_are_refused() -> None:
    link = zipfile.ZipInfo("a.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    def write(made: zipfile.ZipFile) -> None:
        made.writestr("images/", "")
        made.writestr(link, "/etc/passwd")

    assert refused(zip_of(write)) == {"a.md": "est un lien, et non un fichier."}


def test_an_encrypted_member_is_refused() -> None:
    content = bytearray(zip_of(lambda made: made.writestr("a.md", "x")))
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(content)) == {"a.md": "est chiffré."}


def test_what_is_no_text_is_refused() -> None:
    def write(made: zipfile.ZipFile) -> None:
        made.writestr("a.md", b"\xff\xfe\xfa")
        made.writestr("b.md", b"a\x00b")

    assert set(refused(zip_of(write)).values()) == {"n’est pas un texte en UTF-8."}


def test_a_member_too_large_is_read_no_further_than_its_bound() -> None:
    content = zip_of(lambda made: made.writestr("a.md", b"0" * 5_000_000))
    assert len(content) < 10_000
    assert "trop volumineux" in refused(content)["a.md"]


def test_a_bomb_of_many_members_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)

    def write(made: zipfile.ZipFile) -> None:
        for number in range(5):
            made.writestr(f"a{number}.md", b"0" * 290_000)

    with pytest.raises(InvalidInput, match="trop volumineuse") as refusal:
        unpacked(zip_of(write))
    assert refusal.value.field == "archive"


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 2)
    with pytest.raises(InvalidInput, match="plus de 2 fichiers"):
        unpacked(zip_of(lambda made: [made.writestr(f"a{number}.md", "x") for number in range(3)]))


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", packed({"a": "x" * 500}, {})[:-30]])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="pas une archive ZIP"):
        unpacked(content)


def test_a_damaged_member_is_refused() -> None:
    content = bytearray(packed({"a": "un texte assez long pour être comprimé " * 20}, {}))
    content[45:60] = b"\xff" * 15
    with pytest.raises(InvalidInput, match="pas une archive ZIP"):
        unpacked(bytes(content))
