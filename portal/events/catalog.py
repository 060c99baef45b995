"""Which events applications may bind, and the scope each needs (reference: D2, A5, G, H)."""

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
    **{f"ONCRM{card}{deed}": "crm" for card in CARDS for deed in ("ADD", "UPDATE", "DELETE")},
    **{f"ONCRMTIMELINECOMMENT{deed}": "crm" for deed in ("ADD", "UPDATE", "DELETE")},
    **{f"ONSONETGROUP{deed}": "sonet_group" for deed in ("ADD", "UPDATE", "DELETE")},
}
"""Events and their scopes; those of bots are bound by registering the bot."""


def scope_of(portal: Portal, scope: str) -> str:
    """Return what a scope is called at this portal: that of groups has two names (reference: Appendix 1.12)."""
    return portal.switches.group_scope if scope == "sonet_group" else scope
