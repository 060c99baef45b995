"""Templates: texts with variables, of a person or shared in a chat.

`filling` puts values in the place of variables, `keeping` finds, stores and removes templates, `using` makes a draft of
one, `showing` makes the messages.
"""
