"""The message catalog: every sentence that users read, in every language."""
