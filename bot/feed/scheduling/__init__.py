"""Posts that are published later, once or every week.

`scheduling` stores, moves and ends them, `showing` makes their messages, `due` handles the moment when one is due.
"""
