"""How Bitrix24 writes values: PHP types, dates, lists, files and pictures."""
