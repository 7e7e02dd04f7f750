"""What every form shares: French refusals, local times, cleaned texts, and a token that makes it act once.

The name of a field is the one that the service refuses (`DomainError.field`), so that `attach_error` puts each
refusal beside what was typed. A refused form is shown again with status 422, everything typed kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, Form, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, DateTimeLocalInput, Input, ListWidget, TextInput

from app.accounts.form_tokens import new_form_token, result_of, spend_form_token
from app.infra.tx import transaction
from app.kernel.errors import DomainError, InvalidInput
from app.kernel.text import clean_line, clean_text
from app.web import urls
from app.web.context import current_actor, now
from app.web.filters import current_instant, current_zone

LINE_LENGTH = 200
TEXT_LENGTH = 10_000
REQUIRED = "Ce champ est obligatoire."

_MESSAGES = {
    "Not a valid choice.": "Choisissez une des réponses proposées.",
    "Invalid Choice: could not coerce.": "Choisissez une des réponses proposées.",
    "Invalid choice(s): one or more data inputs could not be coerced.": "Un des choix n’existe pas.",
    "'%(value)s' is not a valid choice for this field.": "Le choix «\u00a0%(value)s\u00a0» n’existe pas.",
    "This field is required.": REQUIRED,
    "Not a valid integer value.": "Tapez un nombre entier.",
}


class French:
    """The messages of WTForms, in the words of the house."""

    def gettext(self, message: str) -> str:
        return _MESSAGES.get(message, message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self.gettext(singular if count < 2 else plural)


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form of the house. It keeps the first message of each field, with all that was typed."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: Any) -> French:
            return French()

    token = HiddenField(default=new_form_token)


class ActForm(BaseForm):
    """A form that rests on what its page showed: `version` is the last event that the person had read."""

    version = HiddenField()

    @property
    def seen(self) -> int | None:
        """The version, or None when the page did not say: then nothing is compared."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def attach_error(form: Form, error: DomainError) -> None:
    """Put a refusal on the field that it names, or at the head of the form."""
    if error.field is not None and error.field in form:
        field = form[error.field]
        field.errors = [*field.errors, error.message]
    else:
        form.form_errors.append(error.message)


def once(form: BaseForm, act: Callable[[], str]) -> str:
    """Run `act` in a transaction, once for each form that was shown; the address where its result is read.

    The same form sent again (a double click, a page reloaded) does nothing and leads where the first led.
    A refusal raised by `act` leaves no trace: the form can be corrected and sent again.
    """
    account_id = current_actor().account_id
    assert account_id is not None, "the desk itself fills in no form"
    token = form.token.data or ""
    with transaction():
        spent = spend_form_token(token, account_id, now=now())
        if spent is None:
            return result_of(token, account_id) or urls.HOME
        spent.result_url = act()
        return spent.result_url


# --- What is asked of a field ----------------------------------------------------------------------------


class Required:
    """The field must be filled; a field that is wrong already keeps its own message."""

    field_flags: ClassVar[Mapping[str, bool]] = {"required": True}

    def __init__(self, message: str = REQUIRED) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        if field.errors:
            raise StopValidation
        if field.data is None or field.data in ("", [], ()):
            raise StopValidation(self.message)


def options(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """The choices of a field, from pairs of a value and its label."""
    return [SelectChoice(value, label) for value, label in pairs]


def labelled(labels: Mapping[Any, str]) -> list[Any]:
    """The choices of a field, from a table of labels such as those of `tickets/vocabulary.py`."""
    return options((str(value), label) for value, label in labels.items())


# --- Fields ----------------------------------------------------------------------------------------------


class LineField(StringField):
    """One line, cleaned (`kernel/text.py`): at most `max_length` characters."""

    def __init__(
        self, label: str, validators: Sequence[Any] = (), *, max_length: int = LINE_LENGTH, **more: Any
    ):
        super().__init__(label, [Cleaned(clean_line, max_length), *validators], **more)


class LongTextField(TextAreaField):
    """Several lines, cleaned (`kernel/text.py`): at most `max_length` characters."""

    def __init__(
        self, label: str, validators: Sequence[Any] = (), *, max_length: int = TEXT_LENGTH, **more: Any
    ):
        super().__init__(label, [Cleaned(clean_text, max_length), *validators], **more)


class Cleaned:
    """Cleans what was typed; what is too long stays as it was typed, with its refusal."""

    def __init__(self, clean: Callable[..., str], max_length: int) -> None:
        self.clean = clean
        self.max_length = max_length

    def __call__(self, form: Form, field: Field) -> None:
        try:
            field.data = self.clean(
                field.data or "", field=field.short_name, label=field.label.text, max_length=self.max_length
            )
        except InvalidInput as error:
            raise StopValidation(error.message) from error


class MultiCheckboxField(SelectMultipleField):
    """Several choices, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MomentInput:
    """The browser's own picker, unless what was typed is in another form: the picker would show nothing."""

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        typed = field.raw_data[0] if field.raw_data else ""
        shown: Input = DateTimeLocalInput() if not typed or _ISO.fullmatch(typed) else TextInput()
        return shown(field, **attributes)


class MomentField(Field):
    """A date and a time as the partner's walls show them; its value is an aware instant in UTC.

    Browsers send « 2026-03-10T09:05 »; people may also type « 10/03/2026 09:05 », or « 9 h 05 » for today.
    """

    widget = MomentInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        local: datetime = self.data.astimezone(current_zone())
        return local.strftime("%Y-%m-%dT%H:%M")

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        typed = valuelist[0].strip()
        try:
            self.data = parse_moment(typed, current_zone(), current_instant()) if typed else None
        except InvalidInput as error:
            self.data = None
            raise ValidationError(error.message) from error


_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::\d{2})?"
)
_TIME = r"(?P<hour>\d{1,2})\s*(?::|[hH])\s*(?P<minute>\d{2})?"
_FRENCH = re.compile(rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}})(?:\s+à)?\s+{_TIME}")
_TODAY = re.compile(_TIME)
FIRST_YEAR, LAST_YEAR = 1970, 2200


def parse_moment(text: str, zone: tzinfo, today: datetime) -> datetime:
    """The aware instant, in UTC, of a date and time typed in `zone`; a time alone is of the day of `today`.

    A wall time that the spring skips moves forward with the gap; one that the autumn gives twice is the first
    (domain.md, « Units »). Raises InvalidInput.
    """
    match = _ISO.fullmatch(text) or _FRENCH.fullmatch(text) or _TODAY.fullmatch(text)
    if match is None:
        raise InvalidInput(
            "Date et heure illisibles. Exemples\u00a0: «\u00a010/03/2026 09:05\u00a0», ou «\u00a09\u00a0h\u00a005\u00a0» pour aujourd’hui."
        )
    day = today.astimezone(zone)
    parts = {"year": day.year, "month": day.month, "day": day.day}
    parts |= {name: int(digits or 0) for name, digits in match.groupdict().items()}
    try:
        wall = datetime(**parts, tzinfo=zone)
    except ValueError as error:
        raise InvalidInput("Cette date ou cette heure n’existe pas.") from error
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise InvalidInput(f"L’année doit être comprise entre {FIRST_YEAR} et {LAST_YEAR}.")
    return wall.astimezone(UTC)
