"""One IMAP server for the whole process, its mailbox emptied before each test that uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mailroom.post import PostOffice, post_office


@pytest.fixture(scope="session")
def server() -> Iterator[PostOffice]:
    with post_office() as running:
        yield running


@pytest.fixture
def post(server: PostOffice) -> PostOffice:
    server.empty()
    return server
