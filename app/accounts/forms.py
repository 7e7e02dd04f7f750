"""The forms of accounts. Passwords are taken as typed: cleaning them would change them."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, RadioField
from wtforms.validators import EqualTo, Length

from app.accounts.passwords import MAXIMUM
from app.accounts.service import EMAIL_LENGTH
from app.web.forms import BaseForm, LineField, Required

_TOO_LONG = "%(max)d caractères au plus sont acceptés."
_DIFFERENT = "Les deux saisies du nouveau mot de passe diffèrent."
CODE_LENGTH = 40


class EmailForm(BaseForm):
    email = LineField(
        "Adresse électronique",
        [Required("Indiquez votre adresse électronique.")],
        max_length=EMAIL_LENGTH,
    )


class LoginForm(EmailForm):
    password = PasswordField(
        "Mot de passe", [Required("Indiquez votre mot de passe."), Length(max=MAXIMUM, message=_TOO_LONG)]
    )


class CodeForm(BaseForm):
    """The code of the application, or a recovery code: both are taken wherever one is asked."""

    code = LineField("Code", [Required("Tapez le code.")], max_length=CODE_LENGTH)


class PartnerForm(BaseForm):
    # The service checks the choice: the partners of the person may have changed since the page was shown.
    partner = RadioField("Partenaire", [Required("Choisissez un partenaire.")], validate_choice=False)


class OwnPasswordForm(BaseForm):
    current = PasswordField(
        "Mot de passe actuel",
        [Required("Indiquez votre mot de passe actuel."), Length(max=MAXIMUM, message=_TOO_LONG)],
    )


class NewPasswordForm(BaseForm):
    password = PasswordField("Nouveau mot de passe", [Required("Indiquez le nouveau mot de passe.")])
    repeated = PasswordField("Nouveau mot de passe, une seconde fois", [EqualTo("password", _DIFFERENT)])


class PasswordForm(OwnPasswordForm, NewPasswordForm):
    """A new password, which the current one allows."""


class ActionForm(BaseForm):
    """A button alone."""


class SessionForm(BaseForm):
    """Which session to close; empty for all the others."""

    session = HiddenField()
