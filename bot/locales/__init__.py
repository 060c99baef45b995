"""The sentences, one TOML file a language; read by bot.voice."""
