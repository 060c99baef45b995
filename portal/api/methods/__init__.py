"""All REST methods of the emulator; importing this package registers them."""

from portal.api.methods import app, company, crm, disk, event, im, imbot, imbotv2, log
from portal.api.registry import METHODS

__all__ = ["METHODS", "app", "company", "crm", "disk", "event", "im", "imbot", "imbotv2", "log"]
