from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.rules import FORMATS, MAX_BYTES, MAX_NAME_LENGTH, AcceptedFile, clean_file_name
from app.files.service import examine
from app.kernel.errors import InvalidInput


def package(**parts: str) -> bytes:
    """A zip; in the names of the parts `__` stands for a slash and `_DOT_` for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return buffer.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(30)
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n%%EOF\n"
DOCX = package(word__document_DOT_xml="<w/>")

GOOD = {
    "capture.png": PNG,
    "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(40),
    "photo.JPEG": b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes(40),
    "anime.gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "capture.webp": b"RIFF\x24\x00\x00\x00WEBPVP8L" + bytes(30),
    "courrier.pdf": PDF,
    "erreur.txt": "Accès refusé\r\n".encode(),
    "ancien.txt": "Accès refusé".encode("cp1252"),
    "windows.txt": "Accès refusé".encode("utf-16"),
    "portail.log": b"09:00:00 \x1b[31mERROR\x1b[0m 500\n",
    "liste.csv": "\ufeffnom;valeur\n".encode(),
    "reponse.json": b'{"codeRetour": "R001"}',
    "reponse.xml": b'<?xml version="1.0"?><reponse><code>R001</code></reponse>',
    "message.eml": b"From: agent@exemple.test\r\nSubject: x\r\n\r\n<html>bonjour</html>",
    "note.docx": DOCX,
    "tableau.xlsx": package(xl__workbook_DOT_xml="<w/>"),
    "note.odt": package(mimetype=ODT, content_DOT_xml="<o/>"),
    "tableau.ods": package(mimetype=ODS, content_DOT_xml="<o/>"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_people_send_is_accepted(name: str) -> None:
    accepted = examine(name, GOOD[name])
    extension = name.rpartition(".")[2].lower()
    assert accepted == AcceptedFile(name, FORMATS[extension].media_type, GOOD[name])


def test_every_accepted_type_has_an_example() -> None:
    assert {name.rpartition(".")[2].lower() for name in GOOD} == set(FORMATS)


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        examine(name, content, field="captures")
    assert refused.value.field == "captures"
    return refused.value.message


TYPES_REFUSED = [
    "page.html", "dessin.svg", "outil.exe", "script.js", "macro.docm", "macro.xlsm", "archive.zip",
    "facture.pdf.exe", "sans-extension", ".htaccess", "page.xhtml", "lien.lnk", "note.pdf\u202egnp.exe",
]  # fmt: skip


@pytest.mark.parametrize("name", TYPES_REFUSED)
def test_other_types_are_refused_and_the_accepted_ones_are_named(name: str) -> None:
    message = refusal(name, PDF)
    assert "n’est pas d’un type accepté" in message
    assert "PNG" in message


CONTENTS_REFUSED = [
    ("capture.png", PDF),
    ("capture.jpg", PNG),
    ("courrier.pdf", b"bonjour"),
    ("courrier.pdf", b"MZ\x90\x00" + bytes(60)),
    ("erreur.txt", b"MZ\x90\x00\x03" + bytes(60)),
    ("erreur.txt", b"\x7fELF\x02\x01\x01" + bytes(20)),
    ("erreur.txt", b"\x81\x8d bonjour"),
    ("message.eml", b"bonjour"),
    ("note.docx", package(xl__workbook_DOT_xml="<w/>")),
    ("note.docx", PDF),
    ("note.odt", package(mimetype=ODS, content_DOT_xml="<o/>")),
    ("tableau.ods", DOCX),
]


@pytest.mark.parametrize(("name", "content"), CONTENTS_REFUSED)
def test_a_content_that_is_not_what_the_extension_says_is_refused(name: str, content: bytes) -> None:
    extension = name.rpartition(".")[2]
    assert refusal(name, content) == (
        f"«\u00a0{name}\u00a0» ne contient pas ce que son extension «\u00a0.{extension}\u00a0» annonce."
    )


ACTIVE = [
    "<html><script>alert(1)</script></html>",
    "\ufeff \n<!DOCTYPE html><p>",
    "<!-- a --><!-- b -->\n<svg onload='x'/>",
    "<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN'><svg/>",
    "<?xml version='1.0'?><s:svg xmlns:s='http://www.w3.org/2000/svg'/>",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", ACTIVE)
@pytest.mark.parametrize("name", ["reponse.xml", "erreur.txt", "liste.csv"])
def test_a_page_or_a_drawing_in_disguise_is_refused(name: str, text: str) -> None:
    assert "une page web ou un dessin SVG" in refusal(name, text.encode())


def test_a_drawing_hidden_behind_declarations_is_refused() -> None:
    hidden = b"<!DOCTYPE x [<!ENTITY y 'z'>]><svg xmlns='http://www.w3.org/2000/svg'/>"
    assert "dessin SVG" in refusal("reponse.xml", hidden)


def test_many_comments_do_not_slow_the_check() -> None:
    assert examine("long.txt", b"<!-- x -->" * 6000)


def test_macros_are_refused() -> None:
    with_macros = package(word__document_DOT_xml="<w/>", word__vbaProject_DOT_bin="x")
    assert "contient des macros" in refusal("note.docx", with_macros)
    with_scripts = package(mimetype=ODT, content_DOT_xml="<o/>", Basic__Standard__script_DOT_xml="x")
    assert "contient des macros" in refusal("note.odt", with_scripts)


def test_a_damaged_package_is_refused() -> None:
    assert "est endommagé" in refusal("note.docx", DOCX[:-10])


@given(st.integers(0, len(DOCX) - 1), st.integers(0, 255))
def test_no_damage_does_worse_than_a_refusal(position: int, value: int) -> None:
    damaged = DOCX[:position] + bytes([value]) + DOCX[position + 1 :]
    with suppress(InvalidInput):
        examine("note.docx", damaged)


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=200))
def test_no_content_does_worse_than_a_refusal(extension: str, content: bytes) -> None:
    try:
        examine(f"fichier.{extension}", content)
    except InvalidInput as refused:
        assert refused.message.startswith("«\u00a0fichier.")


def test_an_empty_file_is_refused() -> None:
    assert refusal("erreur.txt", b"") == "«\u00a0erreur.txt\u00a0» est vide."


def test_the_limit_is_ten_megabytes() -> None:
    assert examine("grand.txt", b"a" * MAX_BYTES)
    assert refusal("grand.txt", b"a" * (MAX_BYTES * 3 // 2)) == (
        "«\u00a0grand.txt\u00a0» pèse 15,0\u00a0Mo\u00a0: 10\u00a0Mo au plus sont acceptés par fichier."
    )


@pytest.mark.parametrize(
    "name", ["269054958815780.png", "dossier 2 69 05 49 588 157 80.png", "2_69_05_49_588_157_80.png"]
)
def test_a_social_security_number_in_the_name_is_refused_and_not_repeated(name: str) -> None:
    message = refusal(name, PNG)
    assert "numéro de sécurité sociale" in message
    assert "69" not in message


@pytest.mark.parametrize(
    ("hostile", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\agent\\capture d’écran.png", "capture d’écran.png"),
        ("a\x00b\r\nc.png", "abc.png"),
        ("note\u202etxt.pdf", "notetxt.pdf"),
        ('x" onclick="y<z>|?*.png', "x_ onclick=_y_z____.png"),
        ("  .. .cache .png ", "cache .png"),
        ("con.txt", "_con.txt"),
        ("cafe\u0301.png", "café.png"),
        ("", "fichier"),
        ("///", "fichier"),
    ],
)
def test_hostile_names_are_cleaned(hostile: str, clean: str) -> None:
    assert clean_file_name(hostile) == clean


@given(st.text(alphabet=st.characters(), max_size=300))
def test_a_clean_name_is_short_storable_and_stays_clean(name: str) -> None:
    clean = clean_file_name(name)
    clean.encode()
    assert 0 < len(clean) <= MAX_NAME_LENGTH
    assert not set(clean) & set('/\\:<>"|?*\x00\n\r')
    assert clean_file_name(clean) == clean
