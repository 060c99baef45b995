"""Descriptions of the fields of CRM cards and timeline entries (reference: G2).

The *.fields methods return them.
"""

from typing import Any

Described = dict[str, Any]


def described(kind: str, title: str, *flags: str) -> Described:
    """Describe one field; flags are required, readonly, immutable, multiple."""
    return {
        "type": kind,
        "isRequired": "required" in flags,
        "isReadOnly": "readonly" in flags,
        "isImmutable": "immutable" in flags,
        "isMultiple": "multiple" in flags,
        "isDynamic": False,
        "title": title,
    }


COMMENT = {
    "ID": described("integer", "ID", "readonly"),
    "CREATED": described("datetime", "Date added", "readonly"),
    "ENTITY_ID": described("integer", "Card the comment belongs to", "required", "immutable"),
    "ENTITY_TYPE": described("string", "Type of that card", "required", "immutable"),
    "AUTHOR_ID": described("integer", "Author", "immutable"),
    "COMMENT": described("string", "Text of the comment"),
    "FILES": described("attached_diskfile", "Files", "multiple"),
}
BINDING = {
    "OWNER_ID": described("integer", "Timeline record", "required", "immutable"),
    "ENTITY_ID": described("integer", "Card", "required", "immutable"),
    "ENTITY_TYPE": described("string", "Type of the card", "required", "immutable"),
}
COMMON = {
    "ID": described("integer", "ID", "readonly"),
    "ASSIGNED_BY_ID": described("user", "Responsible"),
    "CREATED_BY_ID": described("user", "Created by", "readonly"),
    "DATE_CREATE": described("datetime", "Created on", "readonly"),
    "DATE_MODIFY": described("datetime", "Changed on", "readonly"),
    "OPENED": described("char", "Available to everyone"),
    "COMMENTS": described("string", "Comment"),
    "SOURCE_ID": described("crm_status", "Source"),
}
MONEY = {
    "OPPORTUNITY": described("double", "Amount"),
    "CURRENCY_ID": described("crm_currency", "Currency"),
}
NAMED = {
    "NAME": described("string", "First name"),
    "LAST_NAME": described("string", "Last name"),
    "SECOND_NAME": described("string", "Second name"),
    "POST": described("string", "Position"),
}
LINKS = {
    "COMPANY_ID": described("crm_company", "Company"),
    "CONTACT_ID": described("crm_contact", "Contact"),
}
TITLE = {"TITLE": described("string", "Name", "required")}
CARDS: dict[str, dict[str, Described]] = {
    "lead": {**COMMON, **TITLE, **NAMED, **MONEY, **LINKS, "STATUS_ID": described("crm_status", "Stage")},
    "deal": {
        **COMMON,
        **TITLE,
        **MONEY,
        **LINKS,
        "STAGE_ID": described("crm_status", "Stage"),
        "CATEGORY_ID": described("crm_category", "Pipeline"),
        "TYPE_ID": described("crm_status", "Type"),
        "CLOSED": described("char", "Closed"),
        "BEGINDATE": described("date", "Start"),
        "CLOSEDATE": described("date", "End"),
    },
    "contact": {**COMMON, **NAMED, **LINKS, "TYPE_ID": described("crm_status", "Type")},
    "company": {**COMMON, **TITLE, "COMPANY_TYPE": described("crm_status", "Type")},
}
"""Fields by kind of card; all can be read, and written when they are not read-only."""
OWNERS: tuple[tuple[int, str, str, str], ...] = (
    (1, "Lead", "LEAD", "L"),
    (2, "Deal", "DEAL", "D"),
    (3, "Contact", "CONTACT", "C"),
    (4, "Company", "COMPANY", "CO"),
    (5, "Invoice (old version)", "INVOICE", "I"),
    (31, "Invoice", "SMART_INVOICE", "SI"),
    (7, "Quote", "QUOTE", "Q"),
    (8, "Billing details", "REQUISITE", "RQ"),
    (14, "Order", "ORDER", "O"),
    (36, "Document", "SMART_DOCUMENT", "DO"),
    (39, "Company document", "SMART_B2E_DOC", "SBD"),
    (156, "Purchase", "DYNAMIC_156", "T9c"),
)
"""Kinds of CRM objects: number, name, code and short code; the last one is a smart process."""
