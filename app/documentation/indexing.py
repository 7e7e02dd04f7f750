"""What of an article the search finds. Who may see it is asked of `queries.visible_articles` at each search."""

from __future__ import annotations

from app.documentation.models import Article
from app.documentation.prose import plain_text
from app.infra import search


def index_article(article: Article) -> None:
    """Bring the index up to the article as it reads now, whatever its state."""
    search.index(search.ARTICLES, article.id, article.partner_id, searchable_texts(article))


def searchable_texts(article: Article) -> list[str]:
    """The title, then the words of the text."""
    return [article.title, plain_text(article.body)]
