"""Texts for the CRM: their cards are looked up and shown, then the texts go to the CRM feed or the timeline."""
