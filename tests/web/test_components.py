"""What the macros of `templates/components/` make a person read, and a screen reader say."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, render_template, render_template_string
from jinja2 import UndefinedError
from werkzeug.datastructures import MultiDict

from app.web.gallery import SampleForm
from tests.web.conftest import NOW, TEMPLATES

HOUR = timedelta(hours=1)
PAGES = [
    "/composants/",
    "/composants/refus",
    *(f"/composants/erreur/{code}" for code in (403, 404, 409, 413, 422, 500, 503)),
]


def rendered(app: Flask, source: str, **context: Any) -> Tag:
    """The body of a fragment of template."""
    with app.test_request_context():
        soup = BeautifulSoup(render_template_string(source, **context), "html5lib")
    assert soup.body is not None
    return soup.body


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").replace("\u00a0", " ").split())


# --- Clocks


def clock(app: Flask, state: str, **facts: Any) -> Tag:
    source = (
        '{% from "components/clock.html" import clock %}{{ clock("Prise en charge", state, now, **facts) }}'
    )
    return rendered(app, source, state=state, now=NOW, facts=facts)


def test_a_running_clock_says_what_is_left_until_when(bare_app: Flask) -> None:
    body = clock(bare_app, "running", started_at=NOW - HOUR, due_at=NOW + 3 * HOUR)
    assert words(body) == "Prise en charge En cours reste 3 h Échéance : 10/03/2026 à 12 h 00"
    assert body.select_one("rect")["width"] == "25.0"  # type: ignore[index]


@pytest.mark.parametrize(
    ("state", "facts", "word", "tone"),
    [
        (
            "running",
            {"started_at": NOW - 3 * HOUR, "due_at": NOW + HOUR},
            "Bientôt échue reste 1 h",
            "warning",
        ),
        (
            "overdue",
            {"started_at": NOW - 3 * HOUR, "due_at": NOW - HOUR},
            "Dépassée dépassée de 1 h",
            "alarm",
        ),
        (
            "met",
            {"started_at": NOW - 3 * HOUR, "due_at": NOW, "stopped_at": NOW - HOUR},
            "Tenue 1 h avant l’échéance",
            "accent",
        ),
        (
            "missed",
            {"started_at": NOW - 3 * HOUR, "due_at": NOW - 2 * HOUR, "stopped_at": NOW - HOUR},
            "Non tenue 1 h après l’échéance",
            "alarm",
        ),
        ("to_verify", {"started_at": NOW - HOUR, "due_at": NOW + HOUR}, "À vérifier", "warning"),
        ("suspended", {"started_at": NOW - HOUR, "due_at": NOW + HOUR}, "Suspendue", "quiet"),
        ("cancelled", {"started_at": NOW - HOUR, "due_at": NOW + HOUR}, "Annulée", "quiet"),
        ("indeterminate", {}, "Indéterminée Point de départ inconnu : non décomptée", "quiet"),
    ],
)
def test_each_state_has_its_word_and_its_tone(
    bare_app: Flask, state: str, facts: dict[str, Any], word: str, tone: str
) -> None:
    body = clock(bare_app, state, **facts)
    assert word in words(body)
    assert body.select_one(".clock")["data-tone"] == tone  # type: ignore[index]
    assert body.select_one(".badge svg") is not None


def test_only_a_running_clock_counts_down(bare_app: Flask) -> None:
    facts = {"started_at": NOW - HOUR, "due_at": NOW + HOUR}
    assert clock(bare_app, "running", **facts).select("[data-due]")
    assert not clock(bare_app, "suspended", **facts).select("[data-due]")


def test_a_clock_tells_its_reasons_its_reference_and_its_contest(bare_app: Flask) -> None:
    text = words(
        clock(bare_app, "running", started_at=NOW, due_at=NOW + HOUR, explanation=["Parce que."], reference=True,
              contested=True, owed_by="France Travail")
    )  # fmt: skip
    assert "Objectif de référence, non contractuel" in text
    assert "Pourquoi cette échéance ? Parce que." in text
    assert "Contestée" in text
    assert "Due par France Travail" in text


# --- Forms


def refused_form() -> SampleForm:
    form = SampleForm(formdata=MultiDict({"subject": ""}), meta={"csrf": False})
    form.validate()
    return form


def test_a_field_is_tied_to_its_label_its_hint_and_its_error(bare_app: Flask) -> None:
    source = '{% from "components/forms.html" import field %}{{ field(form.subject, hint="Une phrase.", maxlength=80) }}'
    with bare_app.test_request_context():
        body = rendered(bare_app, source, form=refused_form())
    box = body.select_one("input")
    assert box is not None
    assert words(body.select_one(f'label[for="{box["id"]}"]')) == "Objet (obligatoire)"
    described = [body.find(id=name) for name in str(box["aria-describedby"]).split()]
    assert [words(tag) for tag in described if isinstance(tag, Tag)] == [
        "Une phrase.",
        "Erreur : Indiquez l’objet.",
    ]
    assert (box["aria-invalid"], box["maxlength"]) == ("true", "80")


def test_choices_are_a_named_group(bare_app: Flask) -> None:
    source = '{% from "components/forms.html" import field %}{{ field(form.kind, layout="cards") }}'
    with bare_app.test_request_context():
        body = rendered(bare_app, source, form=refused_form())
    group = body.select_one("fieldset")
    assert group is not None
    assert words(group.select_one("legend")) == "Que se passe-t-il ? (obligatoire)"
    assert "Choisissez ce qui se passe." in words(body.find(id=group["aria-describedby"]))  # type: ignore[arg-type]
    assert words(group.select_one('label[for="kind-1"]')) == "Ça ne marche plus"


def test_the_error_summary_leads_to_each_field(bare_app: Flask) -> None:
    source = """{% from "components/forms.html" import error_summary, field %}
                {{ error_summary(form) }}{% for f in form %}{{ field(f) }}{% endfor %}"""
    with bare_app.test_request_context():
        form = refused_form()
        form.form_errors.append("La convention a changé.")
        body = rendered(bare_app, source, form=form)
    summary = body.select_one("#erreurs")
    assert summary is not None
    assert summary["tabindex"] == "-1"
    assert "Rien n’a été enregistré" in words(summary.h2)
    assert words(summary.li) == "La convention a changé."
    links = summary.select("a")
    assert "Objet" in [words(link) for link in links]
    assert all(body.find(id=str(link["href"]).removeprefix("#")) for link in links)


def test_a_form_without_error_has_no_summary(bare_app: Flask) -> None:
    source = '{% from "components/forms.html" import error_summary %}{{ error_summary(form) }}'
    with bare_app.test_request_context():
        assert words(rendered(bare_app, source, form=SampleForm(formdata=None))) == ""


def test_what_is_typed_is_escaped(bare_app: Flask) -> None:
    source = """{% from "components/actions.html" import button, copy_box %}{% from "components/records.html" import facts %}
      {{ button(x, title=x) }}{{ copy_box("t", x, x) }}{{ facts([(x, x)]) }}"""
    body = rendered(bare_app, source, x='"><script>alert(1)</script>')
    assert not body.select("script")
    assert body.select_one("textarea").get_text() == '"><script>alert(1)</script>'  # type: ignore[union-attr]


# --- Buttons, lists, pages


def test_attributes_of_a_button(bare_app: Flask) -> None:
    source = """{% from "components/actions.html" import button %}
      {{ button("Prendre", icon="check", kind="primary", hx_get="/x", disabled=true, title=none, hidden=false) }}"""
    tag = rendered(bare_app, source).select_one("button")
    assert tag is not None
    assert tag.attrs == {
        "class": ["button", "button-primary"], "type": "submit", "hx-get": "/x", "disabled": "",
    }  # fmt: skip


def test_an_unknown_icon_fails(bare_app: Flask) -> None:
    with pytest.raises(UndefinedError):
        rendered(bare_app, '{% from "components/icon.html" import icon %}{{ icon("absent") }}')


def test_a_sortable_heading_says_its_order(bare_app: Flask) -> None:
    source = """{% from "components/records.html" import table %}
      {% call table("Sollicitations", columns) %}<tr><td>1</td></tr>{% endcall %}"""
    columns = [
        {"label": "Objet", "sort_url": "?tri=objet", "sort": "descending"},
        {"label": "État", "sort_url": "?"},
        {"label": "Appels", "numeric": True},
    ]
    body = rendered(bare_app, source, columns=columns)
    assert words(body.caption) == "Sollicitations"
    assert [th.get("aria-sort") for th in body.select("th")] == ["descending", "none", None]


def test_the_steps_say_which_is_done_and_which_is_current(bare_app: Flask) -> None:
    source = """{% from "components/page.html" import stepper %}
      {{ stepper([("Déposer", "done"), ("Classer", "current"), ("Clore", "todo")]) }}"""
    body = rendered(bare_app, source)
    assert [words(step) for step in body.select("li")] == [
        "Déposer (fait)", "Classer (étape en cours)", "Clore (à venir)",
    ]  # fmt: skip
    assert words(body.select_one('[aria-current="step"]')).startswith("Classer")
    assert words(body.select_one(".stepper-now")) == "Étape 2 sur 3 : Classer"


def test_the_timeline_tells_internal_from_public(bare_app: Flask) -> None:
    source = """{% from "components/records.html" import moment %}
      {% call moment("message-square", "Commentaire", at, "C1", visibility="internal") %}<p>a</p>{% endcall %}
      {% call moment("message-square", "Réponse", at, visibility="public") %}<p>b</p>{% endcall %}"""
    internal, public = rendered(bare_app, source, at=NOW).select("li")
    assert words(internal) == "Commentaire Interne 10/03/2026 à 9 h 00 · C1 a"
    assert "Visible par l’utilisateur" in words(public)


def test_the_page_of_a_conflict_gives_back_what_was_typed(bare_app: Flask) -> None:
    change = {"at": NOW, "who": "Correspondant 2", "what": "Prise en charge"}
    with bare_app.test_request_context():
        html = render_template(
            "errors/error.html",
            code=409,
            message="Trop tard.",
            changes=[change],
            typed=[("Commentaire", "Mon texte")],
        )
    soup = BeautifulSoup(html, "html5lib")
    assert words(soup.title) == "La page a changé entre-temps — Correspondant SI"
    assert "Prise en charge 10/03/2026 à 9 h 00 · Correspondant 2" in words(soup.main)
    assert words(soup.textarea) == "Mon texte"


# --- Every page


@pytest.fixture(params=PAGES)
def page(bare_app: Flask, request: pytest.FixtureRequest) -> BeautifulSoup:
    return BeautifulSoup(bare_app.test_client().get(request.param).text, "html5lib")


def test_pages_have_a_language_a_name_and_one_heading(page: BeautifulSoup) -> None:
    assert page.html["lang"] == "fr"  # type: ignore[index]
    assert words(page.title).endswith(" — Correspondant SI")
    assert len(page.select("h1")) == 1
    assert page.select_one('main#contenu[tabindex="-1"]')
    assert page.select_one("a.skip-link")["href"] == "#contenu"  # type: ignore[index]
    assert words(page.select_one("#annonce")) == ""


def test_identifiers_are_unique_and_references_resolve(page: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for attribute in (
        "for",
        "aria-labelledby",
        "aria-describedby",
        "popovertarget",
        "data-copy",
        "data-open",
    ):
        for tag in page.select(f"[{attribute}]"):
            assert set(str(tag[attribute]).split()) <= set(ids), f"{attribute} of {tag}"


def test_nothing_runs_or_is_drawn_inline(page: BeautifulSoup) -> None:
    assert not page.select("style, [style], script:not([src])")
    assert not [name for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]


def test_each_control_has_a_name(page: BeautifulSoup) -> None:
    for control in page.select("input:not([type=hidden]), select, textarea"):
        assert page.select(f'label[for="{control.get("id")}"]'), control
    assert all(words(button) for button in page.select("button, a"))


def test_htmx_is_told_to_keep_to_itself(page: BeautifulSoup) -> None:
    config = json.loads(str(page.select_one('meta[name="htmx-config"]')["content"]))  # type: ignore[index]
    assert not (config["allowEval"] or config["allowScriptTags"] or config["includeIndicatorStyles"])
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0
    swapped = {code: next(r["swap"] for r in config["responseHandling"] if re.search(r["code"], code))
               for code in ("200", "204", "403", "409", "422", "500")}  # fmt: skip
    assert swapped == {"200": True, "204": False, "403": False, "409": True, "422": True, "500": False}


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_templates_use_icons_that_exist(path: Path) -> None:
    drawn = set(
        re.findall(r"^  '([a-z0-9-]+)':", (TEMPLATES / "components/icon.html").read_text("utf-8"), re.M)
    )
    used = set(re.findall(r'\b(?:icon|draw)(?:=|\()"([a-z0-9-]+)"', path.read_text("utf-8")))
    assert used <= drawn, f"Draw these in components/icon.html, from Lucide: {used - drawn}"
