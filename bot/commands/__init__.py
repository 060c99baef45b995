"""One file per slash command, named like the command.

Every module of the package is one command and has a `router`. Modules are found by listing the package, so that a new
command is a new file.
"""

import importlib
import pkgutil

from bot.framework.router import Router

# Imported here, because reading the folder later would block the event loop.
_MODULES = [
    importlib.import_module(f"{__name__}.{name}")
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__))
]


def router() -> Router:
    """Join the routers of all commands."""
    return Router().include(*(module.router for module in _MODULES))
