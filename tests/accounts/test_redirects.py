from __future__ import annotations

import pytest

from app.accounts.redirects import leads_here, local_path


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


HERE = ["/", "/sollicitations?q=C%3A%5Cdossier", "/recherche?q=une%0Aligne", "/a?b=//c"]
ELSEWHERE = ["", "//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/%2F/evil.example",
             "/%5Cevil.example", "/a\r\nSet-Cookie: x", "///evil.example", "http:/evil", "//["]  # fmt: skip


@pytest.mark.parametrize("url", HERE)
def test_a_redirection_leads_here(url: str) -> None:
    assert leads_here(url)


@pytest.mark.parametrize("url", [*ELSEWHERE, "https://provider.test.evil.example/", "http://provider.test/"])
def test_a_redirection_never_leads_elsewhere(url: str) -> None:
    assert not leads_here(url)
    assert not leads_here(url, "https://provider.test/api")


def test_a_redirection_leads_to_the_provider_that_is_named() -> None:
    assert leads_here("https://provider.test/authorize?scope=openid", "https://provider.test/api/v2")
    assert not leads_here("https://provider.test@evil.example/", "https://provider.test/api/v2")
    assert leads_here("/connexion", "https://provider.test/api/v2")
