"""Descriptions of the fields of CRM cards and timeline entries (reference: G2).

The *.fields methods return them.
"""

from typing import Any

Described = dict[str, Any]


def describe(kind: str, title: str, *flags: str) -> Described:
    """Describe one field of a card: type, title, and the flags required, readonly, immutable, multiple."""
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
    "ID": describe("integer", "ID", "readonly"),
    "CREATED": describe("datetime", "Date added", "readonly"),
    "ENTITY_ID": describe("integer", "Card the comment belongs to", "required", "immutable"),
    "ENTITY_TYPE": describe("string", "Type of that card", "required", "immutable"),
    "AUTHOR_ID": describe("integer", "Author", "immutable"),
    "COMMENT": describe("string", "Text of the comment"),
    "FILES": describe("attached_diskfile", "Files", "multiple"),
}
BINDING = {
    "OWNER_ID": describe("integer", "Timeline record", "required", "immutable"),
    "ENTITY_ID": describe("integer", "Card", "required", "immutable"),
    "ENTITY_TYPE": describe("string", "Type of the card", "required", "immutable"),
}
COMMON = {
    "ID": describe("integer", "ID", "readonly"),
    "ASSIGNED_BY_ID": describe("user", "Responsible"),
    "CREATED_BY_ID": describe("user", "Created by", "readonly"),
    "DATE_CREATE": describe("datetime", "Created on", "readonly"),
    "DATE_MODIFY": describe("datetime", "Changed on", "readonly"),
    "OPENED": describe("char", "Available to everyone"),
    "COMMENTS": describe("string", "Comment"),
    "SOURCE_ID": describe("crm_status", "Source"),
    "SOURCE_DESCRIPTION": describe("string", "About the source"),
    "MODIFY_BY_ID": describe("user", "Changed by", "readonly"),
    "ORIGINATOR_ID": describe("string", "External source"),
    "ORIGIN_ID": describe("string", "Id in the external source"),
    "UTM_SOURCE": describe("string", "Advertising system"),
    "UTM_MEDIUM": describe("string", "Type of traffic"),
    "UTM_CAMPAIGN": describe("string", "Campaign"),
    "UTM_CONTENT": describe("string", "Content of the campaign"),
    "UTM_TERM": describe("string", "Search words of the campaign"),
    "LAST_ACTIVITY_TIME": describe("datetime", "Last activity", "readonly"),
    "LAST_ACTIVITY_BY": describe("user", "Author of the last activity", "readonly"),
}
ADDRESS = {
    "ADDRESS": describe("string", "Address"),
    "ADDRESS_2": describe("string", "Address, second line"),
    "ADDRESS_CITY": describe("string", "City"),
    "ADDRESS_POSTAL_CODE": describe("string", "Postal code"),
    "ADDRESS_REGION": describe("string", "Region"),
    "ADDRESS_PROVINCE": describe("string", "State"),
    "ADDRESS_COUNTRY": describe("string", "Country"),
    "ADDRESS_COUNTRY_CODE": describe("string", "Country code"),
    "ADDRESS_LOC_ADDR_ID": describe("integer", "Id of the address"),
}
PERSON = {
    "HONORIFIC": describe("crm_status", "Salutation"),
    "BIRTHDATE": describe("date", "Birthday"),
    "ORIGIN_VERSION": describe("string", "Version in the external source"),
    "EXPORT": describe("char", "Part of exports"),
    "HAS_PHONE": describe("char", "Has a phone number", "readonly"),
    "HAS_EMAIL": describe("char", "Has an e-mail address", "readonly"),
    "HAS_IMOL": describe("char", "Has an open line", "readonly"),
    "LEAD_ID": describe("crm_lead", "Lead", "readonly"),
}
MONEY = {
    "OPPORTUNITY": describe("double", "Amount"),
    "CURRENCY_ID": describe("crm_currency", "Currency"),
}
NAMED = {
    "NAME": describe("string", "First name"),
    "LAST_NAME": describe("string", "Last name"),
    "SECOND_NAME": describe("string", "Second name"),
    "POST": describe("string", "Position"),
}
LINKS = {
    "COMPANY_ID": describe("crm_company", "Company"),
    "CONTACT_ID": describe("crm_contact", "Contact"),
}
TITLE = {"TITLE": describe("string", "Name", "required")}
CARDS: dict[str, dict[str, Described]] = {
    "lead": {**COMMON, **TITLE, **NAMED, **MONEY, **LINKS, "STATUS_ID": describe("crm_status", "Stage")},
    "deal": {
        **COMMON,
        **TITLE,
        **MONEY,
        **LINKS,
        "STAGE_ID": describe("crm_status", "Stage"),
        "CATEGORY_ID": describe("crm_category", "Pipeline"),
        "TYPE_ID": describe("crm_status", "Type"),
        "CLOSED": describe("char", "Closed"),
        "BEGINDATE": describe("date", "Start"),
        "CLOSEDATE": describe("date", "End"),
    },
    "contact": {**COMMON, **NAMED, **LINKS, **ADDRESS, **PERSON, "TYPE_ID": describe("crm_status", "Type")},
    "company": {**COMMON, **TITLE, **ADDRESS, "COMPANY_TYPE": describe("crm_status", "Type")},
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
