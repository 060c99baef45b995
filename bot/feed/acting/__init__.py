"""Acting for people from whom the application has no permission: when it is done, and what is said about it."""
