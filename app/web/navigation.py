"""The menu and the footer as data. An entry is shown when its page exists and the person may open it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from app.accounts.policy import Permission

Allows = Callable[[Permission], bool]


@dataclass(frozen=True)
class Entry:
    """One line of the menu. `permission` is None for what anyone signed in may open;
    `key` is the letter that opens it after `g`; `note` says what the page is for, where there is room."""

    label: str
    endpoint: str
    icon: str
    key: str = ""
    permission: Permission | None = None
    note: str = ""


@dataclass(frozen=True)
class Link:
    """An entry as this request sees it. `current` is the value of `aria-current`, or empty."""

    label: str
    url: str
    icon: str
    key: str
    current: str
    note: str


MENU = (
    Entry("Accueil", "home.index", "house", "a", Permission.HOME_READ),
    Entry("Sollicitations", "tickets.queue", "inbox", "s", Permission.QUEUE_READ),
    Entry("Documentation", "documentation.index", "book-open", "d", Permission.DOCUMENTATION_READ),
    Entry("Annonces", "announcements.index", "megaphone", "n", Permission.ANNOUNCEMENT_READ),
    Entry("Services", "supervision.services", "activity", "v", Permission.SERVICE_READ),
    Entry("Échéances", "deadlines.calculator", "calendar-days", "e", Permission.DEADLINE_CALCULATE),
    Entry("Administration", "administration.index", "settings", "m", Permission.CONVENTION_READ),
)
# Pages that are reached from others; the site map names them too.
FROM_OTHER_PAGES = (
    Entry("Rechercher", "search.index_page", "search", permission=Permission.HOME_READ),
    Entry("Signaler un problème", "tickets.new", "plus", permission=Permission.TICKET_FILE),
    Entry("Écrire un article", "documentation.new", "plus", permission=Permission.DOCUMENTATION_WRITE),
    Entry(
        "Articles à relire",
        "documentation.to_review",
        "list-checks",
        permission=Permission.DOCUMENTATION_READ_DESK,
    ),
    Entry(
        "Recherches sans résultat",
        "documentation.misses",
        "search",
        permission=Permission.DOCUMENTATION_WRITE,
    ),
    Entry(
        "Importer des articles", "documentation.bring", "upload", permission=Permission.DOCUMENTATION_WRITE
    ),
    Entry("Mon compte", "accounts.account", "user", permission=Permission.HOME_READ),
    Entry("Second facteur", "accounts.second_factor_page", "shield", permission=Permission.HOME_READ),
    Entry("Mes sessions", "accounts.list_sessions", "list-checks", permission=Permission.HOME_READ),
    Entry(
        "Mes absences",
        "administration_accounts.own_absences",
        "calendar-days",
        permission=Permission.HOME_READ,
    ),
    Entry("Nouvelle annonce", "announcements.new", "plus", permission=Permission.ANNOUNCEMENT_WRITE),
    Entry("Mes messages", "messages.choices", "bell", permission=Permission.HOME_READ),
    Entry(
        "Agenda et flux des annonces",
        "announcements.subscription",
        "calendar-days",
        permission=Permission.ANNOUNCEMENT_READ,
    ),
    Entry("Courrier à trier", "mailroom.index", "mail", permission=Permission.MAILROOM_HANDLE),
    Entry("Choisir un partenaire", "accounts.partner", "building-2", permission=Permission.HOME_READ),
    Entry("Journal technique", "traces.index", "history", permission=Permission.TRACES_READ),
)
ADMINISTRATION = (
    Entry(
        "Mise en place",
        "administration.partner_setup",
        "list-checks",
        permission=Permission.CONVENTION_READ,
        note="Étape par étape, ce qui est fait et ce qui manque au partenaire.",
    ),
    Entry(
        "Comptes",
        "administration_accounts.accounts",
        "users",
        permission=Permission.ACCOUNT_MANAGE,
        note="Personnes, rôles, invitations, départs\u00a0; arrivées par ProConnect et export.",
    ),
    Entry(
        "Revues des droits",
        "administration_accounts.reviews",
        "list-checks",
        permission=Permission.ACCOUNT_MANAGE,
        note="Chaque année, chaque droit confirmé ou retiré, et le compte rendu.",
    ),
    Entry(
        "Responsables de gestion de comptes",
        "administration_accounts.account_managers",
        "user",
        permission=Permission.HABILITATION_MANAGE,
        note="Actes d’engagement, suppléants, absences, et avis au CSSI de France Travail.",
    ),
    Entry(
        "Conventions et engagements",
        "administration.conventions",
        "file-text",
        permission=Permission.CONVENTION_READ,
        note="Durées, délais convenus, canaux de déclaration et interlocuteurs de France Travail.",
    ),
    Entry(
        "Structures",
        "administration.structures",
        "building-2",
        permission=Permission.CONVENTION_READ,
        note="Services, délégataires et prestataires\u00a0: recherche, import et export.",
    ),
    Entry(
        "Catalogue",
        "administration.catalogue",
        "server",
        permission=Permission.CONVENTION_READ,
        note="Plateformes et outils que vos agents peuvent nommer.",
    ),
    Entry(
        "Heures et fermetures",
        "administration.schedule",
        "calendar-days",
        permission=Permission.CONVENTION_READ,
        note="Heures de service, jours fériés et jours de fermeture du partenaire.",
    ),
    Entry(
        "Partie sécurité",
        "administration.security_opening",
        "shield",
        permission=Permission.CONVENTION_READ,
        note="Qui en répond, qui supplée, et depuis quand elle est ouverte.",
    ),
    Entry(
        "Modifications",
        "administration.history",
        "history",
        permission=Permission.CONVENTION_READ,
        note="Qui a changé quel réglage, quand, et de quoi à quoi.",
    ),
    Entry(
        "Tâches de fond",
        "worker.index",
        "history",
        permission=Permission.ACCOUNT_MANAGE,
        note="Envois, alertes, scellés, ménage\u00a0: ce qui tourne, et ce qui échoue.",
    ),
)
FOOTER = (
    Entry("Mentions légales", "pages.legal", "scale"),
    Entry("Données personnelles", "pages.personal_data", "lock"),
    Entry("Accessibilité\u00a0: non conforme", "pages.accessibility", "info"),
    Entry("Plan du site", "pages.site_map", "list-checks"),
    Entry("Aide", "pages.help", "circle-question-mark"),
)


def links(entries: tuple[Entry, ...], allows: Allows) -> list[Link]:
    """The entries whose page exists and that `allows(permission)` accepts, the current one marked."""
    return [
        Link(
            entry.label,
            url_for(entry.endpoint),
            entry.icon,
            entry.key,
            _current(entry.endpoint),
            entry.note,
        )
        for entry in entries
        if entry.endpoint in current_app.view_functions
        and (entry.permission is None or allows(entry.permission))
    ]


def _current(endpoint: str) -> str:
    if endpoint == request.endpoint:
        return "page"
    same_part = request.blueprint is not None and _part(request.blueprint) == _part(endpoint)
    return "true" if same_part else ""


def _part(endpoint: str) -> str:
    """The part of the house that an endpoint, or a blueprint, is of: « administration_accounts » is administration."""
    return endpoint.partition(".")[0].partition("_")[0]


def install(app: Flask, allows: Allows) -> None:
    """Give the templates `menu()` and the other lists of links; `allows` answers for the person of the request."""
    app.jinja_env.globals.update(
        menu=lambda: links(MENU, allows),
        other_links=lambda: links(FROM_OTHER_PAGES, allows),
        administration_links=lambda: links(ADMINISTRATION, allows),
        footer_links=lambda: links(FOOTER, lambda _: True),
    )
