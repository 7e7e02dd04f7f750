from __future__ import annotations

from collections.abc import Iterable

from bs4 import BeautifulSoup
from flask import Blueprint, Flask, render_template

from app.accounts.policy import Permission
from app.web import navigation


def with_pages(app: Flask, *endpoints: str) -> Flask:
    """`app` with an empty page for each endpoint, and one beside it in the same part."""
    for endpoint in endpoints:
        part, name = endpoint.split(".")
        blueprint = Blueprint(part, __name__, url_prefix=f"/{part}")
        blueprint.add_url_rule(f"/{name}", name, empty_page)
        blueprint.add_url_rule(f"/{name}/detail", f"{name}_detail", empty_page)
        app.register_blueprint(blueprint)
    return app


def empty_page() -> str:
    return render_template("layouts/base.html", title="Vide")


def shown(html: str, label: str) -> dict[str, str]:
    """The entries of a menu: label → value of aria-current."""
    links: Iterable = BeautifulSoup(html, "html5lib").select(f'nav[aria-label="{label}"] a')
    return {link.get_text(strip=True): str(link.get("aria-current", "")) for link in links}


def test_only_the_pages_that_exist_are_in_the_menu(bare_app: Flask) -> None:
    html = (
        with_pages(bare_app, "tickets.queue", "deadlines.calculator").test_client().get("/tickets/queue").text
    )
    assert shown(html, "Menu principal") == {"Sollicitations": "page", "Échéances": ""}


def test_a_page_inside_a_part_marks_the_part(bare_app: Flask) -> None:
    html = with_pages(bare_app, "tickets.queue").test_client().get("/tickets/queue/detail").text
    assert shown(html, "Menu principal") == {"Sollicitations": "true"}


def test_what_one_may_not_open_is_not_shown(bare_app: Flask) -> None:
    navigation.install(bare_app, lambda permission: permission is not Permission.QUEUE_READ)
    html = with_pages(bare_app, "tickets.queue", "home.index").test_client().get("/home/index").text
    assert shown(html, "Menu principal") == {"Accueil": "page"}


def test_the_footer_says_how_accessible_the_desk_is(bare_app: Flask) -> None:
    html = with_pages(bare_app, "pages.accessibility").test_client().get("/pages/accessibility").text
    assert shown(html, "Pied de page") == {"Accessibilité\u00a0: non conforme": "page"}


def test_it_says_so_even_without_its_page(bare_app: Flask) -> None:
    html = with_pages(bare_app, "home.index").test_client().get("/home/index").text
    assert "Accessibilité\u00a0: non conforme" in html


def test_each_key_opens_one_page() -> None:
    keys = [entry.key for entry in navigation.MENU]
    assert len(keys) == len(set(keys))
