"""Actions in the CRM: cards and their timelines."""
