"""What a handler yields that only remembers or logs."""

from __future__ import annotations

from bot.model.effects import Effect

SILENCE: tuple[Effect, ...] = ()
"""`for effect in SILENCE: yield effect` makes a handler of a function that has nothing to say."""
