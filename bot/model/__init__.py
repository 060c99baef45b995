"""Frozen data: identifiers, events, effects, state changes and rows."""
