"""The OpenID provider that stands in for ProConnect: oidc-provider, started once per process, stopped with it."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent / "provider"
CLIENT_ID = "desk"
CLIENT_SECRET = "a secret of the tests, long enough to be one"
PUBLIC_URL = "http://desk.exemple.test"
SIRET = "22590001801244"  # of the people of people.json, but one


@cache
def provider_issuer() -> str:
    """Start the provider on a free port; its issuer."""
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        raise RuntimeError("the OpenID provider of the tests is not installed: make test does it")
    process = subprocess.Popen(
        ["node", "server.mjs"],
        cwd=HERE,
        env=os.environ
        | {
            "PORT": "0",
            "RETURN_URI": f"{PUBLIC_URL}/connexion/proconnect/retour",
            "FAREWELL_URI": f"{PUBLIC_URL}/deconnexion/proconnect",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    atexit.register(stop, process)
    assert process.stdout is not None
    issuer: str = json.loads(process.stdout.readline())["issuer"]
    return issuer


def stop(process: subprocess.Popen[bytes]) -> None:
    """It ends by itself when its standard input closes."""
    process.communicate(timeout=10)
