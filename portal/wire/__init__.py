"""How the portal writes values: PHP types, dates, lists, files and pictures."""
