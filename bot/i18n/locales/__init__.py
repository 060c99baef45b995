"""The translations: one TOML file per language, read by bot.i18n.catalog."""
