"""Reading a TOML table key by key, every fault being noted with its place rather than stopping at the first."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from app.kernel.errors import InvalidInput

Value = TypeVar("Value")


class Faults:
    """What is wrong in one file, in the order of its keys."""

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self._lines: list[str] = []

    def add(self, key: str, reason: str) -> None:
        self._lines.append(f"{key} : {reason.removesuffix('.')}.")

    def raise_if_any(self) -> None:
        """Raises one InvalidInput that names the file and, on a line each, every key with its reason."""
        if not self._lines:
            return
        count = "une erreur" if len(self._lines) == 1 else f"{len(self._lines)} erreurs"
        lines = "".join(f"\n  - {line}" for line in self._lines)
        raise InvalidInput(f"Le fichier « {self.file_name} » comporte {count} :{lines}", field="profile")


class Table:
    """One TOML table. Each reader takes a key and gives its value, or a neutral one after noting a fault.

    `close()` notes the keys that nobody asked for.
    """

    def __init__(self, content: Mapping[str, Any], faults: Faults, place: str = "") -> None:
        self._content = content
        self._faults = faults
        self._place = place
        self._known: set[str] = set()

    def fault(self, key: str, reason: str) -> None:
        self._faults.add(f"{self._place}{key}", reason)

    def require(self, key: str) -> None:
        if key not in self._content:
            self.fault(key, "clé obligatoire, absente")

    def text(self, key: str) -> str:
        """A text that must be there."""
        self.require(key)
        return self.optional_text(key) or ""

    def optional_text(self, key: str) -> str | None:
        value = self._typed(key, str, "un texte")
        if value is not None and not value.strip():
            self.fault(key, "ne peut pas être vide")
        return value

    def word(self, key: str, known: Collection[str]) -> str:
        """One of the `known` words, which must be there."""
        self.require(key)
        return self.optional_word(key, known) or ""

    def optional_word(self, key: str, known: Collection[str]) -> str | None:
        value = self.optional_text(key)
        if value is None or value in known:
            return value
        self.fault(key, f"valeur inconnue « {value} » (valeurs connues : {', '.join(known)})")
        return None

    def parsed(self, key: str, parse: Callable[[str], Value]) -> Value | None:
        """A text that `parse` understands; its InvalidInput becomes the fault."""
        text = self.optional_text(key)
        if text is None:
            return None
        try:
            return parse(text)
        except InvalidInput as error:
            self.fault(key, error.message)
            return None

    def day(self, key: str) -> date | None:
        value = self._typed(key, date, "une date (AAAA-MM-JJ, sans guillemets)")
        if isinstance(value, datetime):
            self.fault(key, "attendu : une date sans heure")
            return None
        return value

    def days(self, first: str, last: str) -> tuple[date | None, date | None]:
        """The two ends of a term, which must be in order."""
        start, end = self.day(first), self.day(last)
        if start and end and end < start:
            self.fault(last, f"la date {end:%d/%m/%Y} précède celle de « {first} » ({start:%d/%m/%Y})")
        return start, end

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self._typed(key, bool, "true ou false")
        return default if value is None else value

    def number(self, key: str) -> float | None:
        value = self._content.get(key)
        self._known.add(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            self.fault(key, "attendu : un nombre positif")
            return None
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        return self.optional_texts(key) or ()

    def optional_texts(self, key: str) -> tuple[str, ...] | None:
        values = self._typed(key, list, "une liste de textes")
        if values is None:
            return None
        if not all(isinstance(value, str) and value.strip() for value in values):
            self.fault(key, "attendu : une liste de textes")
            return None
        return tuple(values)

    def table(self, key: str) -> Table | None:
        content = self._typed(key, dict, f"une section [{self._place}{key}]")
        return None if content is None else Table(content, self._faults, f"{self._place}{key}.")

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of a `[[key]]`, numbered from 1 in the faults, as people count."""
        entries = self._typed(key, list, f"une suite de sections [[{self._place}{key}]]") or []
        for number, content in enumerate(entries, start=1):
            if isinstance(content, dict):
                yield Table(content, self._faults, f"{self._place}{key}[{number}].")
            else:
                self.fault(f"{key}[{number}]", f"attendu : une section [[{self._place}{key}]]")

    def close(self) -> None:
        for key in self._content:
            if key not in self._known:
                known = ", ".join(sorted(self._known))
                self.fault(key, f"clé inconnue (clés connues : {known})")

    def _typed(self, key: str, kind: type[Value], expected: str) -> Value | None:
        self._known.add(key)
        value = self._content.get(key)
        if value is None or isinstance(value, kind):
            return value
        self.fault(key, f"attendu : {expected}")
        return None


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file. Raises InvalidInput that names the file, and the line of a syntax error."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidInput(f"Le fichier « {path} » n’existe pas.", field="profile") from None
    except OSError:
        raise InvalidInput(
            f"Le fichier « {path} » ne peut pas être lu : c’est un dossier, ou vous n’en avez pas le droit.",
            field="profile",
        ) from None
    except UnicodeDecodeError:
        raise InvalidInput(f"Le fichier « {path.name} » n’est pas en UTF-8.", field="profile") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            f"Le fichier « {path.name} » n’est pas du TOML valable : erreur de syntaxe {_position(error)}.",
            field="profile",
        ) from None


def _position(error: tomllib.TOMLDecodeError) -> str:
    """Where the parser stopped, which it only tells inside an English sentence."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    return f"à la ligne {found[1]}, colonne {found[2]}" if found else "à la fin du fichier"
