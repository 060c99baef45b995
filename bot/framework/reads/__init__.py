"""What handlers may read: from the portal (`portal`), from the store (`memory`), about the CRM from both (`crm`)."""
