"""The CSV file of structures: what is understood, what is refused line by line, what would change."""

from __future__ import annotations

import pytest

from app.kernel.errors import InvalidInput
from app.partners.structure_file import HEADS, MAX_LINES, Known, Plan, read_plan

TOOLS = {"ouiform": "OuiForm", "suivi-de-parcours": "Suivi de parcours"}
ACCUEIL = Known("accueil", "Accueil", "service", shares=True, tools=("ouiform",))
POLE = Known("pole", "Pôle Insertion", "delegataire", siret="22590001801244", active=False)


def plan(text: str, *known: Known, encoding: str = "utf-8") -> Plan:
    return read_plan(text.encode(encoding), known, TOOLS)


def faults(text: str, *known: Known) -> dict[int, str]:
    return {fault.line: fault.message.replace("\u00a0", " ") for fault in plan(text, *known).faults}


class TestTheTable:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_however_a_spreadsheet_writes_it(self, encoding: str, delimiter: str, newline: str) -> None:
        lines = [delimiter.join(("Nom", "Nature")), delimiter.join(("Pôle d’œuvre", "délégataire"))]
        (change,) = plan(newline.join(lines), encoding=encoding).created
        assert (change.after.name, change.after.kind, change.line) == ("Pôle d’œuvre", "delegataire", 2)

    @pytest.mark.parametrize(
        "heads",
        [
            "nom;partage",
            "NOM;Sollicitations partagées",
            " Intitulé ;PARTAGE DES SOLLICITATIONS",
            "denomination;Partage",
        ],
    )
    def test_headings_forgive_case_and_accents(self, heads: str) -> None:
        (change,) = plan(f"{heads}\nAccueil;oui").created
        assert change.after == Known("accueil", "Accueil", shares=True)

    def test_every_column_of_the_export_is_understood(self) -> None:
        assert plan(";".join(HEADS) + "\n").ignored == ()

    def test_unknown_headings_are_told_and_left(self) -> None:
        read = plan("Nom;Remarque;;Ligne;Erreur\nAccueil;x;y;2;Le nom manque.")
        assert read.ignored == ("Remarque",)
        assert len(read.created) == 1

    def test_lines_are_numbered_as_the_spreadsheet_does(self) -> None:
        read = plan('Nom;Nature\n\n"Deux\nlignes";service\n;service\n')
        assert [change.after.name for change in read.created] == ["Deux lignes"]
        assert [fault.line for fault in read.faults] == [5]

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "il est vide"),
            (b";;\r\n", "il est vide"),
            (b"Nature;Code\nservice;x\n", "pas de colonne"),
            (b"Nom;Structure\nAccueil;Accueil\n", "est deux fois"),
            (b"PK\x03\x04rest", "classeur"),
            (b"Nom\n\x81\x00\n", "ni de l’UTF-8"),
            (b"\xff\xfeN", "ni de l’UTF-8"),
            (b"Nom\nA\x00B\n", "ni de l’UTF-8"),
            (b'Nom\n"' + b"x" * 200_000 + b'"\n', "trop longue"),
            (b"x" * 1_000_001, "1 Mo"),
            (b"Nom\n" + b"a\n" * (MAX_LINES + 1), "plus de 2000 lignes"),
        ],
    )
    def test_what_is_no_such_file_is_refused_whole(self, content: bytes, why: str) -> None:
        with pytest.raises(InvalidInput, match=why) as refusal:
            read_plan(content, (), TOOLS)
        assert refusal.value.field == "file"


class TestItsLines:
    def test_a_new_structure_by_default(self) -> None:
        (change,) = plan("Nom\nMaison de l’emploi n° 2").created
        assert change.before is None
        assert change.after == Known("maison-de-l-emploi-n-2", "Maison de l’emploi n° 2")

    def test_two_new_names_that_give_one_code_get_two(self) -> None:
        read = plan("Nom\nA b\nA-b\n!!!")
        assert [change.after.code for change in read.created] == ["a-b", "a-b-2", "sans-nom"]

    def test_a_line_changes_what_it_says_and_nothing_else(self) -> None:
        (change,) = plan("Nom;Nature\naccueil;prestataires", ACCUEIL).changed
        assert change.before == ACCUEIL
        assert change.after == Known("accueil", "accueil", "prestataire", shares=True, tools=("ouiform",))

    def test_a_code_finds_a_structure_whose_name_changes(self) -> None:
        (change,) = plan("Code;Nom\npole;Pôle Emploi et insertion", POLE).changed
        assert (change.after.code, change.after.name, change.after.siret) == (
            "pole",
            "Pôle Emploi et insertion",
            POLE.siret,
        )

    def test_the_same_again_changes_nothing(self) -> None:
        text = (
            "Code;Nom;Nature;SIRET;Partage;Active;Outils\n"
            "accueil;Accueil;service;;oui;oui;OuiForm\n"
            ";Pôle Insertion;délégataire;225 900 018 01244;non;non;tous\n"
        )
        read = plan(text, ACCUEIL, POLE)
        assert (read.created, read.changed, read.faults) == ((), (), ())
        assert read.unchanged == (ACCUEIL, POLE)

    @pytest.mark.parametrize(("word", "active"), [("x", True), ("VRAI", True), ("n", False), ("0", False)])
    def test_yes_and_no(self, word: str, active: bool) -> None:
        (change,) = plan(f"Nom;Active\nAccueil bis;{word}").created
        assert change.after.active is active

    @pytest.mark.parametrize(
        ("cell", "tools"),
        [
            ("ouiform | Suivi de parcours", ("ouiform", "suivi-de-parcours")),
            ("OUIFORM, ouiform,", ("ouiform",)),
            ("Tous", ()),
            ("", ("ouiform",)),
        ],
    )
    def test_tools_by_name_or_code(self, cell: str, tools: tuple[str, ...]) -> None:
        read = plan(f"Nom;Outils\nAccueil;{cell}", ACCUEIL)
        ((after, *_),) = [[change.after for change in read.changed] or list(read.unchanged)]
        assert after.tools == tools

    def test_the_apostrophe_of_our_exports_is_taken_back(self) -> None:
        (change,) = plan("Nom\n'=Alpha").created
        assert change.after.name == "=Alpha"
        (change,) = plan("Nom\n'Alpha").created
        assert change.after.name == "'Alpha"

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (";service", "Le nom manque."),
            ("x" * 201 + ";service", "200 au plus"),
            ("Alpha;planète", "Nature « planète » inconnue"),
            ("Alpha;;peut-être", "écrivez oui ou non"),
            ("Alpha;;;peut-être", "écrivez oui ou non"),
            ("Alpha;;;;123", "14 chiffres"),
            ("Alpha;;;;12345678900011", "clé de contrôle"),
            ("Alpha;;;;;minitel", "Outil inconnu"),
            ("Alpha;;;;;;Pas Bon", "Code « Pas Bon » incorrect"),
            ("Accueil;;;;;;autre", "porte déjà ce nom, avec le code « accueil »"),
            ("Double", "Plusieurs structures portent ce nom"),
        ],
    )
    def test_each_fault_names_its_line(self, line: str, message: str) -> None:
        twice = (Known("d-1", "Double"), Known("d-2", "double"))
        found = faults(f"Nom;Nature;Partage;Active;SIRET;Outils;Code\nBon\n{line}", ACCUEIL, *twice)
        assert list(found) == [3]
        assert message in found[3]

    @pytest.mark.parametrize("again", [";Alpha", "alpha;Alpha bis", ";ALPHA"])
    def test_a_structure_is_given_once(self, again: str) -> None:
        assert faults(f"Code;Nom\nalpha;Alpha\n{again}", Known("alpha", "Alpha")) == {
            3: "Cette structure est déjà donnée à la ligne 2."
        }

    def test_what_was_previewed_has_its_digest(self) -> None:
        first, same, other = plan("Nom\nA"), plan("Nom\nA"), plan("Nom\nA", Known("a", "A"))
        assert first.digest == same.digest != other.digest
