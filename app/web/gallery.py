"""Every component in its states, on one page: `/composants`, for development only (setting GALLERY)."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    FileField,
    PasswordField,
    RadioField,
    SearchField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # younger than the stubs
from wtforms.validators import InputRequired

from app.web.filters import current_instant, current_zone
from app.web.htmx import render

blueprint = Blueprint("gallery", __name__, url_prefix="/composants")

STEPS = (
    "Déposer", "Prendre en compte", "Pré-diagnostiquer", "Classer", "Transmettre",
    "Prise en charge", "Convenir d’une date", "Contourner", "Rétablir et tester", "Clore",
)  # fmt: skip
KINDS = [
    SelectChoice("question", "Je ne comprends pas"),
    SelectChoice("broken", "Ça ne marche plus"),
    SelectChoice("data", "Les données sont fausses"),
    SelectChoice("access", "Je n’ai plus accès"),
    SelectChoice("security", "Sécurité"),
]
TOOLS = [SelectChoice("", "Je ne sais pas"), SelectChoice("ouiform", "OuiForm")]


class SampleForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    subject = StringField("Objet", [InputRequired("Indiquez l’objet.")])
    kind = RadioField(
        "Que se passe-t-il\u00a0?", [InputRequired("Choisissez ce qui se passe.")], choices=KINDS
    )
    tool = SelectField("Outil", choices=TOOLS)
    since = DateTimeLocalField("Depuis quand")
    detail = TextAreaField("Ce que vous avez constaté")
    files = FileField("Captures d’écran")
    secret = PasswordField("Mot de passe")
    search = SearchField("Recherche")
    agreed = BooleanField(
        "J’ai vérifié que le texte ne contient aucun numéro de sécurité sociale",
        [InputRequired("Cochez la case.")],
    )


@blueprint.get("/")
def index() -> Response:
    """The page, with a flash message of each category."""
    for category, message in (
        ("success", "La sollicitation 7F3K-M2QX est transmise à France Travail."),
        ("warning", "La convention n’a pas de remplaçant du correspondant."),
    ):
        flash(message, category)
    now = current_instant()
    return render(
        "gallery/index.html",
        title="Composants",
        now=now,
        clocks=_clocks(now),
        rows=_rows(now),
        steps=[(name, "done" if i < 4 else "current" if i == 4 else "todo") for i, name in enumerate(STEPS)],
        marks=_marks(now),
        form=SampleForm(formdata=None),
        filters=SampleForm(formdata=None, prefix="filter-"),
        minutes=lambda count: now - timedelta(minutes=count),
    )


@blueprint.get("/refus")
def refused() -> Response:
    """A form as it comes back when nothing was filled in."""
    form = SampleForm(formdata=MultiDict({"tool": ""}), meta={"csrf": False})
    form.validate()
    return render("gallery/refused.html", status=422, title="Formulaire refusé", form=form)


@blueprint.get("/erreur/<int:code>")
def error(code: int) -> Response:
    """An error page; 409 with what others did and what was typed."""
    now = current_instant()
    extra: dict[str, Any] = {}
    if code == 409:
        extra = {
            "changes": [
                {
                    "at": now - timedelta(minutes=3),
                    "who": "Correspondante 2",
                    "what": "Prise en charge par FT",
                }
            ],
            "typed": [("Commentaire", "J’ai relancé le support de France Travail par téléphone.")],
            "back_url": "/composants/",
        }
    message = "Voici ce que la page d’erreur dit de ce qui s’est passé."
    return make_response(render_template("errors/error.html", code=code, message=message, **extra), 200)


def _clocks(now: datetime) -> list[dict[str, Any]]:
    def minutes(count: int) -> datetime:
        return now + timedelta(minutes=count)

    explanation = (
        "La convention donne 15 minutes à France Travail pour prendre en charge un incident de disponibilité.",
        "Le décompte part de la transmission\u00a0: 14\u00a0h\u00a002.",
        "Les minutes comptent nuit et jour\u00a0: l’échéance est à 14\u00a0h\u00a017.",
    )
    return [
        {"name": "Prise en charge", "state": "running", "started_at": minutes(-5), "due_at": minutes(10), "explanation": explanation, "owed_by": "France Travail"},
        {"name": "Information du partenaire", "state": "running", "started_at": minutes(-55), "due_at": minutes(5)},
        {"name": "Remise en service", "state": "overdue", "started_at": minutes(-600), "due_at": minutes(-75), "contested": True, "explanation": explanation},
        {"name": "Remise en service", "state": "met", "started_at": minutes(-600), "due_at": minutes(-120), "stopped_at": minutes(-132), "reference": True},
        {"name": "Remise en service", "state": "missed", "started_at": minutes(-600), "due_at": minutes(-300), "stopped_at": minutes(-132)},
        {"name": "Remise en service", "state": "to_verify", "started_at": minutes(-600), "due_at": minutes(300), "stopped_at": minutes(-10)},
        {"name": "Remise en service", "state": "suspended", "started_at": minutes(-600), "due_at": minutes(300)},
        {"name": "Remise en service", "state": "cancelled", "started_at": minutes(-600), "due_at": minutes(300)},
        {"name": "Information du partenaire", "state": "indeterminate"},
    ]  # fmt: skip


def _rows(now: datetime) -> list[SimpleNamespace]:
    clocks = _clocks(now)
    lines = (
        ("7F3K-M2QX", "Le portail OuiForm renvoie une erreur 503 à la connexion", "OuiForm", "transmitted", "Transmise à France Travail", clocks[0]),
        ("2QWD-9KTA", "Les formations validées n’apparaissent plus dans les dossiers", "API Formations", "taken-up", "Prise en charge", clocks[2]),
        ("K81M-0ZRC", "Comment rattacher un nouveau prescripteur\u00a0?", "Mon Portail Pro", "new", "Nouvelle", clocks[1]),
        ("PX4T-6H2N", "Compte bloqué depuis ce matin", "Portail Emploi", "waiting-user", "En attente de l’utilisateur", clocks[6]),
        ("B0YV-3JDE", "Lenteurs sur la recherche d’offres", "API Offres", "restored", "Rétablie, à vérifier", clocks[5]),
        ("5NCG-W7RS", "Interruption du lundi matin", "OuiForm", "closed", "Close", clocks[3]),
    )  # fmt: skip
    names = ("reference", "subject", "tool", "state", "label", "clock")
    return [SimpleNamespace(**dict(zip(names, line, strict=True))) for line in lines]


def _marks(now: datetime) -> dict[Any, dict[str, Any]]:
    """Six days counted from the second of the month, Sundays left out."""
    first = now.astimezone(current_zone()).date().replace(day=1)
    days = [first + timedelta(days=offset) for offset in range(28)]
    counted = [day for day in days if day.weekday() != 6][1:8]
    marks: dict[Any, dict[str, Any]] = {day: {"kind": "off"} for day in days if day.weekday() == 6}
    marks |= {day: {"kind": "counted"} for day in counted}
    marks[counted[0]]["start"] = marks[counted[-1]]["due"] = True
    marks[days[15]] = {"kind": "off", "note": "férié"}
    return marks
