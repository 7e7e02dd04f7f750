from __future__ import annotations

import pytest

from app.accounts.redirects import local_path


@pytest.mark.parametrize(
    "path",
    ["/", "/sollicitations/7F3K-M2QX", "/sollicitations?onglet=closes&q=outil%3Aouiform", "/échéances#a"],
)
def test_addresses_of_this_site_are_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "evil",
    [
        "", "sollicitations", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
        "https:evil.example", "javascript:alert(1)", "/%2F/evil.example", "/%2fevil.example", "%2F%2Fevil.example",
        "/%5Cevil.example", "/%252Fevil.example", "/a\r\nSet-Cookie: x", "/a%0d%0aSet-Cookie: x", "/\tevil", " /", "//[", "/" + "a" * 600,
    ],
)  # fmt: skip
def test_addresses_of_elsewhere_are_not(evil: str) -> None:
    assert local_path(evil) is None
