"""Stores what people keep for later: scheduled posts (`scheduled`) and templates (`templates`)."""
