"""The forms of accounts. Passwords are taken as typed: cleaning them would change them."""

from __future__ import annotations

from wtforms import PasswordField, RadioField
from wtforms.validators import EqualTo, Length

from app.accounts.passwords import MAXIMUM
from app.accounts.service import EMAIL_LENGTH
from app.web.forms import BaseForm, LineField, Required

_TOO_LONG = "%(max)d caractères au plus sont acceptés."


class LoginForm(BaseForm):
    email = LineField(
        "Adresse électronique",
        [Required("Indiquez votre adresse électronique.")],
        max_length=EMAIL_LENGTH,
    )
    password = PasswordField(
        "Mot de passe", [Required("Indiquez votre mot de passe."), Length(max=MAXIMUM, message=_TOO_LONG)]
    )


class PartnerForm(BaseForm):
    # The service checks the choice: the partners of the person may have changed since the page was shown.
    partner = RadioField("Partenaire", [Required("Choisissez un partenaire.")], validate_choice=False)


class PasswordForm(BaseForm):
    current = PasswordField("Mot de passe actuel", [Required("Indiquez votre mot de passe actuel.")])
    password = PasswordField("Nouveau mot de passe", [Required("Indiquez le nouveau mot de passe.")])
    repeated = PasswordField(
        "Nouveau mot de passe, une seconde fois",
        [EqualTo("password", "Les deux saisies du nouveau mot de passe diffèrent.")],
    )
