"""The composer: a draft of a post with a preview, which its owner changes, publishes or puts away.

`drafts` is the state, `options` are the arguments that describe a post, `presses` are the signed buttons, `preview` is
the card, `composing` are the steps, `endings` handles what comes later.
"""
