"""Sentences about texts for the CRM."""
