"""The pages of the footer, open to everyone: who runs the desk, what it keeps, how to use it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, current_app

from app.accounts.policy import ROLE_LABELS, Role
from app.config import Config
from app.tickets.steps import STEP_LABELS, Step
from app.web import urls
from app.web.access import public
from app.web.htmx import render

blueprint = Blueprint("pages", __name__)

STEPS_IN_PLAIN_WORDS: Mapping[Step, str] = {
    Step.FILED: "Quelqu’un signale ce qui ne va pas, ou un correspondant SI le note pendant un appel.",
    Step.TAKEN: "Un correspondant SI s’en charge. Souvent il répond aussitôt, et tout s’arrête là.",
    Step.DIAGNOSED: "Il vérifie ce qui peut l’être sur place\u00a0: une personne ou plusieurs, le navigateur, le compte.",
    Step.CLASSIFIED: "Il dit si le service est interrompu ou dégradé, ou si ce sont les données qui sont fausses.",
    Step.TRANSMITTED: "Il envoie le texte préparé à France Travail et note l’heure\u00a0: les délais commencent à courir.",
    Step.ANSWERED_BY_FT: "France Travail accuse réception, prend en charge, demande un élément ou refuse\u00a0; tout est daté.",
    Step.DATE_AGREED: "Si la convention le permet, une autre date de retour est convenue avant l’échéance.",
    Step.WORKAROUND: "En attendant, une solution de contournement est proposée à ceux qui en ont besoin.",
    Step.RETURNED: "Le service revient\u00a0: quelqu’un le teste. Le délai ne s’arrête que si le test le confirme.",
    Step.CLOSED: "Le partenaire valide, et la sollicitation est close. Elle peut être rouverte avec un motif.",
}
ROLES_IN_PLAIN_WORDS: Mapping[Role, str] = {
    Role.USER: "Signale un problème, suit ses sollicitations, répond aux questions, confirme que le service est revenu.",
    Role.CORRESPONDENT: "Analyse, répond, transmet à France Travail, suit les délais, vérifie et clôt.",
    Role.ACCOUNT_MANAGER: "Traite les demandes d’accès et d’habilitation.",
    Role.SECURITY_OFFICER: "Traite les signalements de sécurité, que personne d’autre ne voit sans y être nommé.",
    Role.DATA_PROTECTION_OFFICER: "Traite ce qui touche aux données personnelles et les demandes des personnes.",
    Role.MANAGER: "Lit l’activité et les délais, sans le détail des cas de sécurité.",
    Role.INTEGRATOR: "Éditeur de logiciel\u00a0: lit et commente les sollicitations partagées avec lui.",
    Role.ADMINISTRATOR: "Règle les conventions et les comptes. Ce rôle ne donne pas accès aux cas de sécurité.",
}


@blueprint.get(urls.LEGAL)
@public
def legal() -> Response:
    return render("pages/legal.html", title="Mentions légales", settings=_settings())


@blueprint.get(urls.PERSONAL_DATA)
@public
def personal_data() -> Response:
    return render("pages/personal_data.html", title="Données personnelles", settings=_settings())


@blueprint.get(urls.ACCESSIBILITY)
@public
def accessibility() -> Response:
    return render("pages/accessibility.html", title="Accessibilité\u00a0: non conforme", settings=_settings())


@blueprint.get(urls.SITE_MAP)
@public
def site_map() -> Response:
    return render("pages/site_map.html", title="Plan du site")


@blueprint.get(urls.HELP)
@public
def help() -> Response:
    steps = [(STEP_LABELS[step], words) for step, words in STEPS_IN_PLAIN_WORDS.items()]
    roles = [(ROLE_LABELS[role], words) for role, words in ROLES_IN_PLAIN_WORDS.items()]
    return render("pages/help.html", title="Aide", steps=steps, roles=roles, settings=_settings())


def _settings() -> Config:
    settings: Config = current_app.extensions["settings"]
    return settings
