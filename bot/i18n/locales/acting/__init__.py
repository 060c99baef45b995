"""The sentences about acting for people, a file for each language."""
