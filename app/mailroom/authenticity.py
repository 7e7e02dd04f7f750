"""What our own mail server says of a sender: `Authentication-Results` (RFC 8601), read with suspicion. Pure.

Anyone may write such a header into a mail. Only those that bear the name of our server count, and the topmost of
them for each method, since a server adds its own above what it received; it must also remove those that usurp its
name (RFC 8601 §5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.mailroom.vocabulary import Verified

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*(?P<method>[a-z0-9-]+)(?:/\d+)?\s*=\s*(?P<result>[a-z]+)(?P<rest>.*)", re.I | re.S)
_PROPERTY = re.compile(r"(?P<name>[a-z]+\.[a-z-]+)\s*=\s*\"?(?P<value>[^\s\";]+)\"?", re.I)
_DOMAIN_OF = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


@dataclass(frozen=True)
class Result:
    """One method, what it found, and the domains that it found it of."""

    method: str
    passed: bool
    failed: bool
    domains: tuple[str, ...]


def verdict(headers: Sequence[str], authserv_id: str, domain: str) -> Verified:
    """Whether the sender's `domain` is vouched for, by DMARC, or else by an aligned DKIM or SPF.

    `headers` stand in the order of the mail. Without an `authserv_id` nothing is known.
    """
    if not authserv_id or not domain:
        return Verified.UNKNOWN
    heard: dict[str, list[Result]] = {}
    for header in headers:
        found: dict[str, list[Result]] = {}
        for result in _results(header, authserv_id.lower()):
            found.setdefault(result.method, []).append(result)
        heard = {**found, **heard}
    aligned = {
        method: [result for result in results if any(_aligned(one, domain.lower()) for one in result.domains)]
        for method, results in heard.items()
    }
    if any(result.failed for result in heard.get("dmarc", ())):
        return Verified.FAILED
    if any(result.passed for method in _DOMAIN_OF for result in aligned.get(method, ())):
        return Verified.PASSED
    return Verified.UNKNOWN


def _results(header: str, authserv_id: str) -> Iterator[Result]:
    name, *parts = _without_comments(header).split(";")
    if name.lower().split()[:1] != [authserv_id]:
        return
    for part in parts:
        match = _RESULT.fullmatch(part)
        if match is None or match["method"].lower() not in _DOMAIN_OF:
            continue
        method = match["method"].lower()
        said = {one["name"].lower(): one["value"].lower() for one in _PROPERTY.finditer(match["rest"])}
        domains = (said.get(name, "").rpartition("@")[2] for name in _DOMAIN_OF[method])
        result = match["result"].lower()
        yield Result(method, result == "pass", result == "fail", tuple(filter(None, domains)))


def _without_comments(header: str) -> str:
    """Comments nest: the innermost go first."""
    while (shorter := _COMMENT.sub(" ", header)) != header:
        header = shorter
    return header


def _aligned(signed: str, domain: str) -> bool:
    """The same domain, or one above the sender's: « francetravail.fr » vouches for « si.francetravail.fr »."""
    return signed == domain or ("." in signed and domain.endswith("." + signed))
