"""The sentences, one TOML file a language; read by bot.i18n.catalog."""
