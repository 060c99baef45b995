"""What happens in the CRM: cards and the timeline."""
