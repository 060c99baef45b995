"""The events that applications may bind, with their scopes (reference: D2, A5, G, H)."""

from portal.engine.core import Portal

CARDS = ("LEAD", "DEAL", "CONTACT", "COMPANY")
EVENTS = {
    "ONAPPINSTALL": "",
    "ONAPPUPDATE": "",
    "ONAPPUNINSTALL": "",
    "ONAPPPAYMENT": "",
    "ONAPPMETHODCONFIRM": "",
    "ONAPPTEST": "",
    "ONOFFLINEEVENT": "",
    "ONUSERADD": "user",
    "ONLIVEFEEDPOSTADD": "log",
    "ONLIVEFEEDPOSTUPDATE": "log",
    "ONLIVEFEEDPOSTDELETE": "log",
    **{f"ONCRM{card}{action}": "crm" for card in CARDS for action in ("ADD", "UPDATE", "DELETE")},
    **{f"ONCRMTIMELINECOMMENT{action}": "crm" for action in ("ADD", "UPDATE", "DELETE")},
    **{f"ONSONETGROUP{action}": "sonet_group" for action in ("ADD", "UPDATE", "DELETE")},
}
"""The scope of each event, empty for none; events of bots are bound when the bot is registered."""


def scope_of(portal: Portal, scope: str) -> str:
    """Return the name that a scope has at this portal.

    Only the scope of workgroups has two names (reference: Appendix 1.12).
    """
    return portal.switches.group_scope if scope == "sonet_group" else scope
