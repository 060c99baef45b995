"""The REST API of the emulator: input, authorization, dispatch, batch, answers, and the OAuth server."""
