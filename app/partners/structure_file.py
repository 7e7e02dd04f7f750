"""A CSV file of structures, as a spreadsheet or another tool wrote it: what it holds, and what it would change.

Pure. Headings are French, whatever their case and accents; ; or , or a tab parts the cells; UTF-8 with or without
its mark, UTF-16 or Windows-1252. Each fault names its line. A line is found again by its code, else by its name.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.kernel.errors import InvalidInput
from app.kernel.siret import parse_siret
from app.kernel.text import clean_line, fold
from app.partners.terms import CODE_LENGTH, STRUCTURE_KINDS, code_from, parse_code

MAX_BYTES = 1_000_000
MAX_LINES = 2_000
NAME_LENGTH = 200
ALL_TOOLS = "tous"

# Each column: the heading that the export writes, and the others that are understood.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("Code", "identifiant", "code de la structure"),
    "name": ("Nom", "structure", "nom de la structure", "intitulé", "libellé", "dénomination"),
    "kind": ("Nature", "type", "catégorie", "nature de la structure"),
    "siret": ("SIRET", "siret de la structure", "numéro siret", "n° siret"),
    "shares": (
        "Partage des sollicitations",
        "partage",
        "sollicitations partagées",
        "partage ses sollicitations",
    ),
    "active": ("Active", "actif", "en service", "ouverte"),
    "tools": ("Outils", "outil", "outils propres"),
}
HEADS = tuple(headings[0] for headings in COLUMNS.values())
FAULT_HEADS = ("Ligne", "Erreur")
_IGNORED = frozenset(map(fold, FAULT_HEADS))  # the file of the errors, corrected, comes back as it is
_YES = frozenset({"oui", "o", "vrai", "x", "1", "yes", "true"})
_NO = frozenset({"non", "n", "faux", "0", "no", "false"})
_KIND_WORDS = {
    fold(word): kind for kind, label in STRUCTURE_KINDS.items() for word in (kind, label, f"{label}s")
}


@dataclass(frozen=True, slots=True)
class Known:
    """A structure as the desk has it, or as it would be. No tool means all those of the partner."""

    code: str
    name: str
    kind: str = "service"
    siret: str | None = None
    shares: bool = False
    active: bool = True
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line is refused; `cells` is what it held, by the headings of the file."""

    line: int
    message: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A structure that would be created (`before` is None) or changed."""

    line: int
    before: Known | None
    after: Known


@dataclass(frozen=True)
class Plan:
    """What the file would do. `ignored` are its headings that nobody understands."""

    headings: tuple[str, ...]
    created: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: tuple[Known, ...] = ()
    faults: tuple[Fault, ...] = ()
    ignored: tuple[str, ...] = field(default=())

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.created + self.changed

    @property
    def digest(self) -> str:
        """What was previewed: a plan that differs has another digest."""
        return hashlib.sha256(repr((self.changes, self.faults)).encode()).hexdigest()[:16]


class _Refused(Exception):
    """One line cannot be read; the message is for the person."""


def read_plan(content: bytes, known: Sequence[Known], tools: Mapping[str, str]) -> Plan:
    """What `content` would change among the `known` structures. `tools`: the name of each tool by its code.

    Raises InvalidInput on the field `file` for what is not such a file at all.
    """
    headings, lines = _table(content)
    columns, ignored = _columns(headings)
    reader = _Reader(known, tools, columns)
    created, changed, unchanged, faults = [], [], [], []
    for number, cells in lines:
        try:
            change = reader.read(number, cells)
        except _Refused as refusal:
            faults.append(Fault(number, str(refusal), tuple(cells)))
            continue
        if change.before is None:
            created.append(change)
        elif change.before != change.after:
            changed.append(change)
        else:
            unchanged.append(change.after)
    return Plan(headings, tuple(created), tuple(changed), tuple(unchanged), tuple(faults), ignored)


# --- The file as a table ---------------------------------------------------------------------------------


def _table(content: bytes) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    """The headings, and each line that is not empty with its number in the file."""
    text = _decode(content)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        rows = [
            (reader.line_num, [_plain(cell) for cell in row])
            for reader in [csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
            for row in reader
            if any(cell.strip() for cell in row)
        ]
    except csv.Error:
        raise _unreadable("une cellule y est trop longue, ou un guillemet n’est pas refermé") from None
    if not rows:
        raise _unreadable("il est vide")
    if len(rows) - 1 > MAX_LINES:
        raise _unreadable(f"il compte plus de {MAX_LINES} lignes")
    return tuple(rows[0][1]), rows[1:]


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _unreadable("il dépasse 1 Mo")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _unreadable(
            "c’est un classeur. Dans le tableur, enregistrez-le au format «\u00a0CSV UTF-8\u00a0»"
        )
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _unreadable("ses caractères ne sont ni de l’UTF-8, ni du Windows-1252")


def _plain(cell: str) -> str:
    """The cell without the apostrophe that our exports put before what a spreadsheet would run."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip(" \u00a0")[:1] in set("=+-@") else cell


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput(f"Ce fichier ne peut pas être lu\u00a0: {why}.", field="file")


def _columns(headings: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each column stands, and the headings that are not understood."""
    words = {fold(heading): name for name, known in COLUMNS.items() for heading in known}
    found: dict[str, int] = {}
    ignored = []
    for place, heading in enumerate(headings):
        name = words.get(" ".join(fold(heading).split()))
        if name is None:
            if fold(heading) not in _IGNORED and heading:
                ignored.append(heading)
        elif name in found:
            raise _unreadable(f"la colonne «\u00a0{heading}\u00a0» y est deux fois")
        else:
            found[name] = place
    if "name" not in found:
        raise _unreadable(
            "il n’a pas de colonne «\u00a0Nom\u00a0» sur sa première ligne. "
            f"Colonnes comprises\u00a0: {', '.join(HEADS)}"
        )
    return found, tuple(ignored)


# --- Its lines -------------------------------------------------------------------------------------------


class _Reader:
    """Reads lines one after the other, remembering what the file has already given."""

    def __init__(self, known: Sequence[Known], tools: Mapping[str, str], columns: Mapping[str, int]) -> None:
        self._columns = columns
        self._tools = {fold(word): code for code, name in tools.items() for word in (code, name)}
        self._by_code = {one.code: one for one in known}
        self._by_name: dict[str, list[Known]] = {}
        for one in known:
            self._by_name.setdefault(fold(one.name), []).append(one)
        self._codes: dict[str, int] = {}
        self._names: dict[str, int] = {}

    def read(self, number: int, cells: Sequence[str]) -> Change:
        name = self._name(cells)
        before = self._find(name, self._cell(cells, "code"))
        after = Known(
            code=before.code if before else self._new_code(name, self._cell(cells, "code")),
            name=name,
            kind=self._kind(cells, before),
            siret=self._siret(cells, before),
            shares=self._flag(cells, "shares", before.shares if before else False),
            active=self._flag(cells, "active", before.active if before else True),
            tools=self._tools_of(cells, before),
        )
        self._remember(number, after)
        return Change(number, before, after)

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self._columns.get(column)
        return cells[place] if place is not None and place < len(cells) else ""

    def _name(self, cells: Sequence[str]) -> str:
        try:
            name = clean_line(self._cell(cells, "name"), field="name", label="Nom", max_length=NAME_LENGTH)
        except InvalidInput as error:
            raise _Refused(error.message) from None
        if not name:
            raise _Refused("Le nom manque.")
        return name

    def _find(self, name: str, code: str) -> Known | None:
        same_name = self._by_name.get(fold(name), [])
        if code and code in self._by_code:
            return self._by_code[code]
        if code and same_name:
            raise _Refused(
                f"Une structure porte déjà ce nom, avec le code «\u00a0{same_name[0].code}\u00a0»\u00a0: "
                "corrigez le code, ou laissez-le vide."
            )
        if len(same_name) > 1:
            raise _Refused("Plusieurs structures portent ce nom\u00a0: donnez le code de celle-ci.")
        return same_name[0] if same_name and not code else None

    def _new_code(self, name: str, code: str) -> str:
        if not code:
            return code_from(name, {*self._by_code, *self._codes})
        try:
            return parse_code(code)
        except InvalidInput:
            raise _Refused(
                f"Code «\u00a0{code[:CODE_LENGTH]}\u00a0» incorrect\u00a0: {CODE_LENGTH} caractères au plus, "
                "lettres minuscules sans accent, chiffres et tirets. Laissez-le vide pour qu’il soit fait du nom."
            ) from None

    def _kind(self, cells: Sequence[str], before: Known | None) -> str:
        typed = self._cell(cells, "kind")
        if not typed:
            return before.kind if before else "service"
        kind = _KIND_WORDS.get(fold(typed))
        if kind is None:
            known = ", ".join(STRUCTURE_KINDS.values())
            raise _Refused(f"Nature «\u00a0{typed[:40]}\u00a0» inconnue. Natures connues\u00a0: {known}.")
        return kind

    def _siret(self, cells: Sequence[str], before: Known | None) -> str | None:
        typed = self._cell(cells, "siret")
        if not typed:
            return before.siret if before else None
        try:
            return parse_siret(typed)
        except InvalidInput as error:
            raise _Refused(error.message) from None

    def _flag(self, cells: Sequence[str], column: str, default: bool) -> bool:
        typed = fold(self._cell(cells, column))
        if not typed:
            return default
        if typed not in _YES | _NO:
            raise _Refused(f"Colonne «\u00a0{COLUMNS[column][0]}\u00a0»\u00a0: écrivez oui ou non.")
        return typed in _YES

    def _tools_of(self, cells: Sequence[str], before: Known | None) -> tuple[str, ...]:
        typed = self._cell(cells, "tools")
        if not typed:
            return before.tools if before else ()
        if fold(typed) == ALL_TOOLS:
            return ()
        words = [word for word in _split(typed) if word]
        unknown = [word for word in words if fold(word) not in self._tools]
        if unknown:
            raise _Refused(
                f"Outil inconnu dans vos conventions\u00a0: «\u00a0{unknown[0][:60]}\u00a0». "
                f"Donnez des noms ou des codes séparés par des virgules, ou «\u00a0{ALL_TOOLS}\u00a0»."
            )
        return tuple(sorted({self._tools[fold(word)] for word in words}))

    def _remember(self, number: int, after: Known) -> None:
        """A structure is given once: the second line that names it is refused."""
        earlier = self._codes.get(after.code) or self._names.get(fold(after.name))
        if earlier is not None:
            raise _Refused(f"Cette structure est déjà donnée à la ligne {earlier}.")
        self._codes[after.code] = number
        self._names[fold(after.name)] = number


def _split(typed: str) -> Iterator[str]:
    for part in typed.replace("|", ",").replace("\n", ",").split(","):
        yield part.strip()
