"""How Bitrix24 talks: the only package that knows its spelling."""
