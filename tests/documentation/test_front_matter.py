"""Articles as files: what is written is read again, and what is wrong is said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import ROOT
from app.documentation.front_matter import ArticleFile, read, written
from app.documentation.prose import typeset
from app.documentation.rules import ArticleText, check_publishable, check_text
from app.documentation.vocabulary import SHOWN_STATES, Audience, Kind, State
from app.kernel.errors import InvalidInput
from app.partners.profiles import load_catalogue

WORDS = (
    st.text(alphabet="abcé à:-#'« »?", min_size=1, max_size=40)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
FILES = st.builds(
    ArticleFile,
    text=st.builds(
        ArticleText,
        title=WORDS.map(typeset),
        body=st.lists(WORDS, min_size=1, max_size=5).map("\n\n".join),
        kind=st.sampled_from(Kind),
        audience=st.sampled_from(Audience),
        tools=st.lists(st.sampled_from(["connexion", "ouiform", "oscar"]), unique=True)
        .map(sorted)
        .map(tuple),
        url=st.sampled_from(["", "https://exemple.test/a?b=c"]),
        owner_id=st.none(),
        review_on=st.none() | st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    ),
    state=st.sampled_from(State),
)


@given(FILES)
def test_what_is_written_is_read_again(file: ArticleFile) -> None:
    assert read(written(file)) == file


def test_a_file_typed_by_hand_is_read() -> None:
    file = read(
        "\ufeff---\r\nTitre : Un titre\r\nnature: ERREUR CONNUE\r\netat: published\r\noutils: ouiform, connexion,\r\n---\r\nTexte.\r\n"
    )
    assert file == ArticleFile(
        ArticleText(title="Un titre", body="Texte.", kind=Kind.KNOWN_ERROR, tools=("connexion", "ouiform")),
        State.PUBLISHED,
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Texte sans en-tête", "L’en-tête manque"),
        ("---\nnature: Mode d’emploi\n---\nx", "Le titre manque"),
        ("---\ntitre: a\nauteur: b\n---\nx", "Ligne inconnue"),
        ("---\ntitre: a\nsans deux-points\n---\nx", "Ligne inconnue"),
        ("---\ntitre: a\nnature: roman\n---\nx", "nature"),
        ("---\ntitre: a\nrelecture: demain\n---\nx", "AAAA-MM-JJ"),
        ("---\ntitre: " + "a" * 200 + "\n---\nx", "160"),
        ("x" * 100_001, "trop long"),
    ],
)
def test_what_is_wrong_is_said(content: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(content)


def test_the_articles_of_the_demonstration_are_whole() -> None:
    tools = set(load_catalogue().tools)
    files = [read(path.read_text("utf-8")) for path in sorted((ROOT / "app/demo/articles").glob("*.md"))]
    assert sum(file.state in SHOWN_STATES for file in files) >= 30
    assert {file.text.kind for file in files} == set(Kind)
    for file in files:
        check_text(file.text)
        check_publishable(file.text.body)
        assert set(file.text.tools) <= tools, file.text.title
