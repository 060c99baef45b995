"""The environment of a client: nothing of this machine but the PATH, and the authority that it must trust."""

import os
from pathlib import Path


def environment(home: Path, authority: Path) -> dict[str, str]:
    """Return the environment of a client that has its own home folder and trusts one authority."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "SSL_CERT_FILE": str(authority),
        "REQUESTS_CA_BUNDLE": str(authority),
        "NODE_EXTRA_CA_CERTS": str(authority),
    }
