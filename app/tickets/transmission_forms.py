"""What is asked on the pages of the pré-diagnostic and of the transmission."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from wtforms import Field, RadioField
from wtforms.validators import Optional

from app.partners.queries import ChannelRow
from app.tickets.filing_forms import Discreet
from app.tickets.prediagnosis import AnswerKind, Question, Section
from app.tickets.vocabulary import CONCLUSION_LABELS, Conclusion
from app.web.forms import ActForm, LineField, LongTextField, MomentField, Required, labelled, options

FT_REFERENCE_LENGTH = 80
ANSWER_LENGTH = 5_000
NO_CHANNEL = "Autre moyen, hors convention"
_PREFIX = "q_"  # a question may be named as a field of the form itself is


class PrediagnosisForm(ActForm):
    """The questions of `sections`, one field each; `form_for` makes it."""

    sections: tuple[Section, ...] = ()
    conclusion = RadioField(
        "D’où vient le problème ?",
        [Required()],
        choices=labelled(CONCLUSION_LABELS),
        default=Conclusion.UNKNOWN.value,
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.hidden_in: list[str] = []

    def rows(self) -> Iterator[tuple[Section, list[tuple[Question, Field]]]]:
        """Each section with its questions and their fields, in order."""
        for section in self.sections:
            yield section, [(question, self[_PREFIX + question.key]) for question in section.questions]

    def answers(self) -> dict[str, str]:
        """What was answered, as it is kept: empty for what was not."""
        return {
            question.key: _kept(self[_PREFIX + question.key].data)
            for section in self.sections
            for question in section.questions
        }


def _kept(data: str | datetime | None) -> str:
    return data.isoformat() if isinstance(data, datetime) else data or ""


def form_for(
    sections: Sequence[Section], known: Mapping[str, str], conclusion: str, *, sent: bool = True
) -> PrediagnosisForm:
    """The form that asks these sections, filled with what is known, over which goes what was sent, if `sent`."""
    fields = {
        _PREFIX + question.key: _field(question) for section in sections for question in section.questions
    }
    made = type("PrediagnosisForm", (PrediagnosisForm,), {"sections": tuple(sections), **fields})
    data = {
        _PREFIX + question.key: _typed(question, known.get(question.key, ""))
        for section in sections
        for question in section.questions
    }
    source = {} if sent else {"formdata": None}
    form: PrediagnosisForm = made(data={**data, "conclusion": conclusion}, **source)
    return form


def _typed(question: Question, answer: str) -> str | datetime | None:
    if question.kind is AnswerKind.MOMENT:
        return datetime.fromisoformat(answer) if answer else None
    return answer


def _field(question: Question) -> Any:
    match question.kind:
        case AnswerKind.CHOICE:
            return RadioField(question.label, [Optional()], choices=options(question.choices))
        case AnswerKind.MOMENT:
            return MomentField(question.label)
        case AnswerKind.LINE:
            return LineField(question.label, [Discreet()])
        case AnswerKind.TEXT:
            return LongTextField(question.label, [Discreet()], max_length=ANSWER_LENGTH)


class TransmissionForm(ActForm):
    """The text that was sent, through which channel, when, and under which number at France Travail."""

    channel = RadioField("Canal", [Required("Choisissez le canal.")])
    text = LongTextField("Texte à transmettre", [Required("Le texte est vide.")])
    occurred_at = MomentField("Transmis le", [Required("Dites quand vous l’avez envoyé.")])
    ft_reference = LineField(
        "Référence donnée par France Travail", [Discreet()], max_length=FT_REFERENCE_LENGTH
    )

    def __init__(self, channels: Sequence[ChannelRow], **more: Any) -> None:
        super().__init__(**more)
        self.hidden_in: list[str] = []
        self.first_channel = str(channels[0].id) if channels else NO_CHANNEL
        self.channel.choices = options(
            [(str(channel.id), channel.name) for channel in channels] or [(NO_CHANNEL, NO_CHANNEL)]
        )
