"""`flask deadlines due`, as a person or a script calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.deadlines.cli import deadlines_cli
from tests.deadlines.material import NBSP

ANSWERED = {
    "convention": "pas-de-calais-2024",
    "clock": "return-to-service",
    "type": "application",
    "from": "2026-10-23T10:00",
}


def run(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(deadlines_cli, ["due", *arguments], **options)


def ask(*more: str, **changes: str | None) -> Result:
    asked = {**ANSWERED, **{name.rstrip("_"): value for name, value in changes.items()}}
    return run(
        *[part for name, value in asked.items() if value is not None for part in (f"--{name}", value)], *more
    )


def batch(*lines: str) -> Result:
    return run("--batch", "-", input="\n".join(lines))


class TestOneQuestion:
    @pytest.mark.parametrize(
        ("clock", "type_", "start", "due"),
        [
            ("return-to-service", "application", "2026-10-23T10:00", "2026-10-29T10:00:00+01:00"),
            ("return-to-service", "availability", "2026-03-13T16:30", "2026-03-16T16:30:00+01:00"),
            ("take-up", "availability", "2026-10-25T00:50Z", "2026-10-25T02:05:00+01:00"),
            ("take-up", "availability", "2026-10-25T02:50", "2026-10-25T02:05:00+01:00"),
            ("information", "availability", "2026-03-29T02:30", "2026-03-29T04:30:00+02:00"),
            ("notification", "personal-data-breach", "2026-03-13 18:00:59", "2026-03-15T18:00:00+01:00"),
            (
                "cnil-notification",
                "personal-data-breach",
                "2026-03-13T18:00+04:00",
                "2026-03-16T15:00:00+01:00",
            ),
            ("answer", "data-subject-request", "2026-01-31T09:00", "2026-02-28T09:00:00+01:00"),
        ],
    )
    def test_prints_the_due_instant_in_the_partners_zone(
        self, clock: str, type_: str, start: str, due: str
    ) -> None:
        result = ask(clock=clock, type=type_, from_=start)
        assert (result.stdout, result.stderr, result.exit_code) == (f"{due}\n", "", 0)

    def test_a_reference_objective_is_said_to_be_one(self) -> None:
        result = ask("--explain", convention="nord-2025")
        assert result.exit_code == 0
        assert result.stderr.replace(NBSP, " ") == (
            "Objectif de référence, non contractuel : nord-2025 ne fixe pas ce délai, il est repris de pas-de-calais-2024.\n"
        )
        assert "non contractuel" in result.stdout

    def test_explain_tells_the_steps_under_the_due_time(self) -> None:
        lines = ask("--explain").stdout.replace(NBSP, " ").splitlines()
        assert lines[0] == "2026-10-29T10:00:00+01:00"
        assert lines[1] == "- Départ : vendredi 23/10/2026 à 10 h 00."
        assert lines[-1] == "- Échéance : jeudi 29/10/2026 à 10 h 00, cette minute comprise."

    def test_a_tool_may_be_named(self) -> None:
        assert ask(tool="suivi-de-parcours").stdout == "2026-10-29T10:00:00+01:00\n"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"convention": None}, "--convention : cette valeur est obligatoire."),
            ({"clock": ""}, "--clock : cette valeur est obligatoire."),
            ({"convention": "nord"}, "nord-2025"),
            ({"clock": "pendule"}, "return-to-service"),
            ({"type": "panne"}, "availability"),
            ({"tool": "minitel"}, "suivi-de-parcours"),
            ({"from_": "demain"}, "--from : date illisible : « demain ». Exemple : 2026-10-23T10:00."),
            ({"from_": "2026-02-30T10:00"}, "--from : date illisible"),
            ({"from_": "2026-10-23"}, "--from : il manque l’heure."),
            ({"from_": "1999-12-31T10:00"}, "--from : l’année doit être comprise entre 2000 et 2099."),
            ({"from_": "9999-12-31T23:59"}, "--from : l’année doit être comprise entre 2000 et 2099."),
        ],
    )
    def test_bad_input_is_answered_in_french_by_option_with_exit_code_2(
        self, changes: dict[str, str | None], said: str
    ) -> None:
        result = ask(**changes)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith(f"Erreur{NBSP}: --{next(iter(changes)).rstrip('_')}{NBSP}: ")
        assert said in result.stderr.replace(NBSP, " ")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--horloge", "x"], "l’option --horloge n’existe pas"),
            (["--clock"], "l’option --clock est mal employée"),
            (["pas-de-calais-2024"], "un argument est en trop"),
            (["--batch", "-", "--explain"], "--batch ne se combine pas avec les autres options."),
            (["--batch", "-", "--type", "availability"], "--batch ne se combine pas"),
            (["--batch", "/nulle/part.jsonl"], "le fichier « /nulle/part.jsonl » ne peut pas être lu."),
        ],
    )
    def test_misuse_is_answered_in_french_too(self, arguments: list[str], said: str) -> None:
        result = run(*arguments)
        assert result.exit_code == 2
        assert said in result.stderr.replace(NBSP, " ")


class TestBatch:
    def test_adds_due_after_the_keys_as_they_came(self) -> None:
        asked = {"from": "2026-10-23T10:00", "note": "été", **ANSWERED, "due": "?"}
        result = batch(json.dumps(asked, ensure_ascii=False))
        assert result.exit_code == 0
        assert result.stdout == (
            '{"from": "2026-10-23T10:00", "note": "été", "convention": "pas-de-calais-2024", '
            '"clock": "return-to-service", "type": "application", "due": "2026-10-29T10:00:00+01:00"}\n'
        )
        assert result.stderr == ""

    def test_bad_lines_get_an_error_and_the_others_their_answer(self) -> None:
        good = json.dumps(ANSWERED)
        result = batch(
            good,
            "pas du JSON",
            "",
            "[1]",
            json.dumps({**ANSWERED, "convention": "nord"}),
            json.dumps({**ANSWERED, "clock": 3}),
            json.dumps({"convention": "nord-2025"}),
            "[" * 100_000,
            "\ufeff",
            good,
        )
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        assert result.exit_code == 1
        assert [answer.get("due", "")[:10] for answer in answers] == ["2026-10-29", *[""] * 7, "2026-10-29"]
        errors = [answer["error"].replace(NBSP, " ") for answer in answers if "error" in answer]
        assert errors[0] == "cette ligne n’est pas du JSON."
        assert errors[1].startswith("cette ligne doit être un objet JSON")
        assert errors[2].startswith("convention : ")
        assert "nord-2025" in errors[2]
        assert errors[3] == "clock : cette valeur doit être un texte."
        assert errors[4] == "clock : cette valeur est obligatoire."
        assert result.stderr.replace(NBSP, " ") == "Lignes en erreur : 7.\n"

    def test_says_how_many_are_reference_objectives(self) -> None:
        result = batch(json.dumps(ANSWERED), json.dumps({**ANSWERED, "convention": "nord-2025"}))
        assert result.exit_code == 0
        assert result.stderr.replace(NBSP, " ") == (
            "Échéances tirées d’un objectif de référence, non contractuel : 1.\n"
        )

    def test_reads_a_file_and_any_characters(self, tmp_path: Path) -> None:
        questions = tmp_path / "questions.jsonl"
        questions.write_bytes(
            json.dumps({**ANSWERED, "note": "\ud800 é"}).encode()
            + b"\n\xff\xfe\n"
            + json.dumps(ANSWERED).encode()
        )
        result = run("--batch", str(questions))
        assert result.exit_code == 1
        first, unreadable, last = (json.loads(line) for line in result.stdout.splitlines())
        assert first["note"] == "\ud800 é"
        assert first["due"] == last["due"]
        assert "error" in unreadable

    def test_agrees_with_one_question_at_a_time(self) -> None:
        questions = [
            {
                **ANSWERED,
                "convention": convention,
                "clock": clock,
                "type": type_,
                "from": f"2026-{month:02}-28T16:5{month % 10}",
            }
            for convention in ("alsace-2025", "jalle-eau-bourde-2026", "ouiform-nord-2023")
            for clock, type_ in (("return-to-service", "availability"), ("answer", "data-subject-request"))
            for month in range(1, 13, 5)
        ]
        answers = [json.loads(line) for line in batch(*map(json.dumps, questions)).stdout.splitlines()]
        one_by_one = [
            ask(
                **{("from_" if key == "from" else key): value for key, value in question.items()}
            ).stdout.strip()
            for question in questions
        ]
        assert [answer["due"] for answer in answers] == one_by_one
