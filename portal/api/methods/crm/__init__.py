"""Methods of the CRM."""

from portal.api.methods.crm import cards, fields, live_feed, records, statuses, timeline

__all__ = ["cards", "fields", "live_feed", "records", "statuses", "timeline"]
