"""The two arrows of the house: layers look downward, features look leftward (docs/architecture.md)."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.house.source import ROOT, Module, modules

FEATURES = (
    "journal", "deadlines", "partners", "accounts", "files", "notifications", "documentation", "tickets",
    "announcements", "security", "supervision", "reports", "lifecycle", "mailroom", "integration",
)  # fmt: skip
# From bottom to top. A file belongs to the first layer whose names it matches.
LAYERS = ("pure", "models", "queries", "service", "forms", "top")
PURE = {
    "app.deadlines": {
        "alerting", "calculator", "calendar", "delays", "clocks", "reading", "explain", "thresholds", "wording",
    },
    "app.partners": {
        "terms", "resolve", "profiles", "profile_file", "catalogue", "tables", "wording", "structure_file",
        "notice_rules", "opening", "setup_rules", "partner_file",
    },
    "app.accounts": {
        "assurance", "devices", "life", "limits", "openid", "policy", "redirects", "review_rules", "rgc_rules", "totp",
    },
    "app.journal": {"events", "payloads"},
    "app.files": {"rules"},
    "app.mailroom": {"authenticity", "ft_answers", "parsing", "quoting", "rules", "vocabulary"},
    "app.notifications": {"replies", "rules", "vocabulary"},
    "app.documentation": {
        "archive", "differences", "drafting", "front_matter", "image_headers", "prose", "ranking", "redaction", "rules",
        "vocabulary",
    },
    "app.announcements": {
        "vocabulary", "events", "payloads", "rules", "notice", "following", "wording", "feeds", "page",
    },
    "app.supervision": {"services"},
    "app.worker": {"slots"},
    "app.tickets": {
        "vocabulary", "event_base", "group_events", "events", "payloads", "facts", "corrections", "changes", "endings",
        "groups", "news", "fold", "guards", "rules", "clocks", "permissions", "timeline", "wording", "public_wording",
        "steps", "page", "outcomes", "relance", "prediagnosis", "transmission", "alert_rules", "alert_wording",
    },
}  # fmt: skip
# Libraries that a pure file may use: holidays for the calendar, Stemmer for French words, tomllib is standard.
PURE_LIBRARIES = {"holidays", "Stemmer", "puremagic", "pyotp"}
TOP = {"views", "cli", "jobs", "forms", "blueprint"}


def feature_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "app" and parts[1] in FEATURES else None


def is_pure(name: str) -> bool:
    parts = name.split(".")
    if parts[:2] == ["app", "kernel"]:
        return True
    return len(parts) >= 3 and parts[2] in PURE.get(".".join(parts[:2]), set())


def is_top(name: str) -> bool:
    """Views, commands, jobs and the application itself: above every feature."""
    parts = name.split(".")
    if len(parts) < 3 or feature_of(name) is None:
        return not name.startswith(("app.kernel", "app.infra", "app.web")) and feature_of(name) is None
    return parts[2].split("_")[0] in TOP or parts[2].endswith("_forms") or parts[2] == "acts"


def imports_of_app(module: Module) -> Iterator[tuple[str, int]]:
    known = {other.name for other in modules()}
    for name, line in module.imports:
        if not name.startswith("app."):
            continue
        yield (name if name in known else name.rpartition(".")[0]), line


def test_pure_files_import_the_standard_library_and_one_another() -> None:
    faults = []
    for module in modules():
        if not is_pure(module.name):
            continue
        for name, line in module.imports:
            root = name.split(".")[0]
            allowed = root in sys.stdlib_module_names or root in PURE_LIBRARIES
            if root == "app":
                target = name if name in {other.name for other in modules()} else name.rpartition(".")[0]
                allowed = is_pure(target)
            if not allowed:
                faults.append(
                    f"{module.where}:{line} imports {name}: move the part that needs it to a service"
                )
    assert not faults, "\n".join(faults)


def test_features_look_leftward_only() -> None:
    faults = []
    for module in modules():
        own = feature_of(module.name)
        if own is None or is_top(module.name):
            continue
        for name, line in imports_of_app(module):
            other = feature_of(name)
            if other is not None and FEATURES.index(other) > FEATURES.index(own):
                faults.append(
                    f"{module.where}:{line} imports {name}: {own} must not know {other}; "
                    "move the code right, or let journal reactors tell it"
                )
    assert not faults, "\n".join(faults)


def test_kernel_and_infra_know_no_feature() -> None:
    faults = [
        f"{module.where}:{line} imports {name}: pass what it needs as a parameter"
        for module in modules()
        if module.name.startswith(("app.kernel", "app.infra"))
        for name, line in imports_of_app(module)
        if feature_of(name) is not None
    ]
    assert not faults, "\n".join(faults)


def test_nothing_below_the_views_imports_the_web() -> None:
    faults = [
        f"{module.where}:{line} imports {name}: services receive values, never the request"
        for module in modules()
        if feature_of(module.name) and not is_top(module.name)
        for name, line in module.imports
        if name.startswith(("flask.", "app.web.")) or name in {"flask", "app.web"}
    ]
    assert not faults, "\n".join(faults)


def test_queries_and_models_import_no_service() -> None:
    faults = [
        f"{module.where}:{line} imports {name}: a query must not act"
        for module in modules()
        if module.name.rpartition(".")[2] in {"models", "queries"}
        for name, line in imports_of_app(module)
        if name.rpartition(".")[2] == "service"
    ]
    assert not faults, "\n".join(faults)


def test_no_cycles() -> None:
    graph = {module.name: {name for name, _ in imports_of_app(module)} for module in modules()}
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path[path.index(name) :], name))
        if name in done:
            return
        for other in sorted(graph.get(name, ())):
            walk(other, (*path, name))
        done.add(name)

    for name in sorted(graph):
        walk(name, ())


def test_init_files_are_empty() -> None:
    loud = [module.where for module in modules() if module.path.name == "__init__.py" and module.lines]
    assert not loud, f"importing a rule must load nothing else: empty {loud}"


def test_files_stay_small() -> None:
    long = [
        f"{module.where}: {module.lines} lines"
        for folder in ("app", "tests", "benchmarks")
        for module in modules(folder)
        if module.lines > 400
    ]
    assert not long, "split what has grown past 400 lines:\n" + "\n".join(long)


def test_the_time_is_read_in_one_place() -> None:
    readers = [
        module.where
        for module in modules()
        if module.where != "app/kernel/clock.py"
        and any(call in module.path.read_text() for call in ("datetime.now(", "utcnow(", "date.today("))
    ]
    assert not readers, f"take `now` as a parameter: {readers}"


def test_only_transaction_commits() -> None:
    committers = [
        module.where
        for module in modules()
        if module.where != "app/infra/tx.py" and "session.commit(" in module.path.read_text()
    ]
    assert not committers, f"use app.infra.tx.transaction: {committers}"


def test_top_level_stays_as_decided() -> None:
    decided = {
        ".ci", ".git", ".gitignore", "app", "benchmarks", "docs", "Makefile", "migrations", "pyproject.toml",
        "README.md", "requirements-dev.txt", "requirements.txt", "static", "templates", "tests", "wsgi.py",
    }  # fmt: skip
    generated = {".venv", "var", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", "__pycache__",
                 ".coverage", "htmlcov"}  # fmt: skip
    found = {path.name for path in ROOT.iterdir()} - generated
    assert found <= decided, found - decided
