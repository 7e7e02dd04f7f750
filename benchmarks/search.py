"""Search and what answers beside the form of a new ticket: `python -m benchmarks.search`.

Options: --tickets 100000, --articles 2000, --rounds 30. SQLite, in a temporary folder; times of the services
themselves, in milliseconds, without the server around them.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from app.accounts.policy import Actor, Role
from app.config import Config
from app.documentation import search as articles
from app.documentation.rules import ArticleText
from app.documentation.service import create, publish
from app.extensions import db
from app.factory import create_app
from app.infra.tx import transaction
from app.kernel.words import Wanted
from app.tickets.deflections import answers_for
from app.tickets.finding import find_tickets
from app.tickets.listing import choices_of
from app.tickets.query_box import parse
from benchmarks.load import TOOLS, WORDS, Desk
from benchmarks.run import SECRET, prepare

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SENTENCE = "Bonjour, page blanche sur le portail après la connexion, erreur mot12 jet"
TYPED = ("portail", "por", "page blanche", "zygomatique", "outil:connexion jeton", "horloge:manquée")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'desk.db'}"
        app = create_app(Config(secret_key=SECRET, database_url=url, secure_cookies=False))
        with app.app_context():
            desk, _, _ = prepare(app, options.tickets)
            write(desk, options.articles)
            measure(desk, options.rounds)
            db.engine.dispose()


def write(desk: Desk, count: int) -> None:
    """Articles of some two hundred words, common and rare as words are."""
    rng = random.Random(1)
    vocabulary = [f"mot{number}" for number in range(3_000)]
    for place, word in enumerate(WORDS):
        vocabulary.insert(8 + 4 * place, word)
    weights = [1 / (rank + 5) for rank in range(len(vocabulary))]
    actor = correspondent(desk)

    def words(length: int) -> str:
        return " ".join(rng.choices(vocabulary, weights, k=length))

    for first in range(0, count, 100):
        with transaction():
            for _ in range(min(100, count - first)):
                body = "\n\n".join(f"{words(30)}." for _ in range(7))
                written = ArticleText(
                    title=words(5).capitalize(),
                    body=body,
                    tools=(rng.choice(TOOLS),),
                    review_on=(NOW + timedelta(days=90)).date(),
                )
                publish(create(written, actor=actor, now=NOW).slug, actor=actor, now=NOW)
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def correspondent(desk: Desk) -> Actor:
    return Actor(desk.correspondent_id, "c", desk.partner_id, frozenset({Role.CORRESPONDENT}))


def measure(desk: Desk, rounds: int) -> None:
    user = Actor(
        desk.reporter_id, "u", desk.partner_id, frozenset({Role.USER}), frozenset({desk.structure_id})
    )
    actor = correspondent(desk)
    timed("beside the form, a sentence", rounds, lambda: answers_for(user, SENTENCE, TOOLS, None))
    timed("beside the form, a tool", rounds, lambda: answers_for(user, SENTENCE, TOOLS, "connexion"))
    timed("beside the form, incidents only", rounds, lambda: answers_for(user, "", TOOLS, None))
    timed("articles, one common word", rounds, lambda: articles.search(actor, Wanted(("portail",))))
    for typed in TYPED:
        query = parse(typed, typing=True)
        choices = choices_of(actor, query)
        timed(
            f"tickets, {typed}",
            rounds,
            lambda query=query, choices=choices: find_tickets(actor, query, choices, now=NOW),
        )


def timed(name: str, rounds: int, act: Callable[[], object]) -> None:
    times = []
    for _ in range(rounds + 3):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    ordered = sorted(times[3:])
    print(f"{name:<36} {statistics.median(ordered):8.1f} ms   p95 {ordered[int(rounds * 0.95) - 1]:8.1f} ms")


if __name__ == "__main__":
    main()
