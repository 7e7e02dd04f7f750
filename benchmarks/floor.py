"""The floor: the same framework and server, one indexed query, as many bytes; nothing else.

What a page of ours costs is told as a ratio to this, measured in the same run.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading

from flask import Flask, render_template_string, request

app = Flask(__name__, static_folder=None)
local = threading.local()

LIST = """<!doctype html><title>Floor</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>
{% endfor %}</tr>{% endfor %}</table><p>{{ padding }}</p>"""
QUEUE = """SELECT t.reference, t.subject, t.state, t.kind, t.next_due_at, t.assignee_id, t.structure_id, t.plus_ones
FROM ticket t WHERE t.partner_id = ? AND t.tab = ? ORDER BY t.queue_at, t.id LIMIT 25"""
EVENTS = """SELECT sequence, type, actor_id, occurred_at, recorded_at, payload FROM event
WHERE subject_id = ? ORDER BY sequence"""


def connection() -> sqlite3.Connection:
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(os.environ["FLOOR_DATABASE"], isolation_level=None, timeout=10)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            local.connection.execute(f"PRAGMA {pragma}")
    opened: sqlite3.Connection = local.connection
    return opened


def page(rows: list[tuple[object, ...]]) -> str:
    wanted = int(request.args.get("bytes", "0"))
    body = render_template_string(LIST, rows=rows, padding="")
    return body + "x" * max(0, wanted - len(body.encode()))


@app.get("/queue")
def queue() -> str:
    return page(connection().execute(QUEUE, (request.args["partner"], "a-traiter")).fetchall())


@app.get("/ticket")
def ticket() -> str:
    return page(connection().execute(EVENTS, (request.args["id"],)).fetchall())


@app.post("/file")
def file() -> str:
    """The inserts of a filing: subject, event, ticket, tool, one-time token, and a row of the index."""
    made = secrets.token_hex(4)
    opened = connection()
    opened.execute("BEGIN IMMEDIATE")
    key = opened.execute("SELECT max(id) + 1 FROM subject").fetchone()[0]
    copy(opened, "subject", "id", key, reference=made)
    copy(opened, "ticket", "id", key, reference=made)
    event(opened, key, 1)
    opened.execute(
        "INSERT INTO ticket_tool SELECT ?, tool_code, partner_id, rank FROM ticket_tool LIMIT 1", (key,)
    )
    opened.execute(
        "INSERT INTO form_token SELECT ?, id, '/', created_at FROM account LIMIT 1", (secrets.token_hex(32),)
    )
    opened.execute(
        "INSERT INTO search_ticket (rowid, partner, surface, stems, internal_surface, internal_stems)"
        " VALUES (?, 'p1', 'page blanche', 'page blanc', '', '')",
        (key,),
    )
    opened.execute("COMMIT")
    return "ok"


@app.post("/transmit")
def transmit() -> str:
    """The writes of a transmission: event, head of the chain, ticket, two clocks, one-time token, index."""
    opened = connection()
    opened.execute("BEGIN IMMEDIATE")
    key, head = opened.execute(
        "SELECT id, head_sequence FROM subject WHERE id = ?", (request.args["id"],)
    ).fetchone()
    event(opened, key, head + 1)
    opened.execute("UPDATE subject SET head_sequence = head_sequence + 1 WHERE id = ?", (key,))
    opened.execute("UPDATE ticket SET version = version + 1, state = 'transmitted' WHERE id = ?", (key,))
    for clock in ("floor-" + secrets.token_hex(4), "floor-" + secrets.token_hex(4)):
        copy(opened, "deadline", "id", None, subject_id=key, clock=clock)
    opened.execute(
        "INSERT INTO form_token SELECT ?, id, '/', created_at FROM account LIMIT 1", (secrets.token_hex(32),)
    )
    opened.execute("UPDATE search_ticket SET internal_surface = 'page blanche' WHERE rowid = ?", (key,))
    opened.execute("COMMIT")
    return "ok"


def event(opened: sqlite3.Connection, subject: int, sequence: int) -> None:
    copy(
        opened, "event", "id", None, subject_id=subject, sequence=sequence, payload=json.dumps({"text": "x" * 300})
    )  # fmt: skip


def copy(opened: sqlite3.Connection, table: str, key_name: str, key: int | None, **changes: object) -> None:
    """Insert a copy of some row of the table under another key."""
    cursor = opened.execute(f"SELECT * FROM {table} LIMIT 1")
    names = [column[0] for column in cursor.description]
    row = dict(zip(names, cursor.fetchone(), strict=True)) | {key_name: key} | changes
    marks = ", ".join("?" * len(row))
    opened.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
