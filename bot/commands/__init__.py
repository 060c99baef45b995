"""One file per slash command, named like the command; the package is the list of commands.

Every module here is one command and has `router`. None is left out and none is named anywhere else, so that a new
command is a new file.
"""

import importlib
import pkgutil

from bot.framework.router import Router

# At import, because reading the folder would block the event loop later.
_MODULES = [
    importlib.import_module(f"{__name__}.{name}")
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__))
]


def router() -> Router:
    """Join the routers of all commands."""
    return Router().include(*(module.router for module in _MODULES))
