"""The slash commands, one file each, named like the command.

Every module of this package is one command and has a `router`; a package in it holds the commands of one subject. The
modules are found by listing the package, so that a new command is a new file.
"""

import importlib
import pkgutil

from bot.framework.router import Router

# Imported here, because reading the folder later would block the event loop.
_MODULES = [
    importlib.import_module(name)
    for name in sorted(module.name for module in pkgutil.walk_packages(__path__, f"{__name__}.") if not module.ispkg)
]


def router() -> Router:
    """Return a router with the handlers of all commands."""
    return Router().include(*(module.router for module in _MODULES))
