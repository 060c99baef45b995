"""The message catalog, with every sentence that users read, in every language."""
