"""What handlers may read: from the portal (`portal`), and from the store (`memory`)."""
