"""What is asked of an article. A field bears the name that the service refuses."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import RadioField, SelectField

from app.accounts.policy import Actor
from app.documentation.models import TITLE_LENGTH, URL_LENGTH, Article
from app.documentation.prose import typeset
from app.documentation.queries import owners
from app.documentation.rules import BODY_LENGTH, ArticleText
from app.documentation.service import text_of
from app.documentation.vocabulary import AUDIENCE_LABELS, KIND_LABELS, Audience, Kind
from app.partners.forms import DayField
from app.partners.queries import tools_by_code, tools_of
from app.web.forms import (
    ActForm,
    BaseForm,
    LineField,
    LongTextField,
    MultiCheckboxField,
    Required,
    labelled,
    options,
)


class ArticleForm(ActForm):
    """An article being written; `version` is the one that the page showed."""

    title = LineField("Titre", [Required("Donnez un titre à l’article.")], max_length=TITLE_LENGTH)
    kind = SelectField("Nature", choices=labelled(KIND_LABELS), coerce=Kind)
    audience = RadioField(
        "Public", choices=labelled(AUDIENCE_LABELS), coerce=Audience, default=Audience.EVERYONE
    )
    body = LongTextField("Texte", [Required("Écrivez le texte de l’article.")], max_length=BODY_LENGTH)
    image = FileField("Image à ajouter")
    url = LineField("Adresse de la page", max_length=URL_LENGTH)
    tools = MultiCheckboxField("Outils")
    owner_id = SelectField("Responsable de l’article", coerce=int)
    review_on = DayField("À relire le")
    note = LineField("Ce qui change", max_length=200)

    def prepare(self, actor: Actor, article: Article | None = None) -> None:
        """Offer the partner's tools and writers, and keep those that the article has already."""
        known = {tool.code: tool.name for tool in tools_of(actor.partner_id)}
        kept = text_of(article).tools if article else ()
        known |= {tool.code: tool.name for tool in tools_by_code(kept) if tool.code not in known}
        self.tools.choices = options(sorted(known.items(), key=lambda pair: pair[1]))
        people = owners(actor, article.owner_id if article else None)
        self.owner_id.choices = options((str(account_id), name) for account_id, name in people)

    def show(self, text: ArticleText) -> None:
        """Fill the form in with an article."""
        for name in ("title", "kind", "audience", "body", "url", "review_on"):
            self[name].data = getattr(text, name)
        self.tools.data = list(text.tools)
        if text.owner_id is not None:
            self.owner_id.data = text.owner_id

    @property
    def text(self) -> ArticleText:
        """The article as typed, once the form is valid."""
        return ArticleText(
            title=typeset(self.title.data or ""),
            body=self.body.data or "",
            kind=self.kind.data,
            audience=self.audience.data,
            tools=tuple(sorted(self.tools.data or ())),
            url=self.url.data or "",
            owner_id=self.owner_id.data,
            review_on=self.review_on.data,
        )


class StateForm(ActForm):
    """One of the moves of an article; publishing may give the date of the next review."""

    review_on = DayField("Prochaine relecture")


class ImportForm(BaseForm):
    archive = FileField("Fichier ZIP", [Required("Choisissez un fichier.")])


class ActOnlyForm(BaseForm):
    """A button: nothing to fill in."""
