"""The sentences about the rules of subscriptions, a file for each language."""
