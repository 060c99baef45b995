"""The Bitrix24 side: input, authorization, dispatch, batch, answers, and the OAuth server."""
