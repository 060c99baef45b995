"""All actions in a portal and their consequences.

REST methods and the web page use the same functions.
"""
