"""What a person can try in the demo, a line for each feature.

`feedbridge demo` prints the lines, and docs/start/try.md lists them.
"""

from __future__ import annotations

POLICY = """
[[rule]]
name = "Office Berlin"
to = "SG8"
then = "approve"
approvers = [1]
"""
"""The policy of the demo: a post for one workgroup needs an approval, everything else is allowed."""
LINES = (
    ("/help", "all commands; a button explains each"),
    ("/post to:all Lunch is at one today", "a preview; press Publish, then Undo"),
    ("/post", "the composer: write a text, press Change for the rest"),
    ("/follow all", "posts come here as cards; edit one in Feed and watch"),
    ("/follow in:sales -word:draft", "a rule; /test tries it, /why 217 explains a card"),
    ("/post important to:all Fire drill at ten", "publish it; /readers and its number: who reads"),
    ('/poll "Which cake?" apple | cherry | none', "a poll; Change, Several answers; then vote in Feed"),
    ("/thanks @boris cup Great work at the fair", "thanks with a medal; also /thanks boris, clara star ..."),
    ("/post Published for me", "as Boris, with Tokens in events off in Workbench"),
    ("/post background:sunset See you at six", "a background; Change, Background lists all"),
    ("/append 219 The canteen is open too.", "change a post, keep the rest; also /edit, /title"),
    ("/share 219 to:boris", "show a post to more people"),
    ("/comment 217 Good news", "comment on a post"),
    ("/find feed", "search posts; /mine lists yours, /show 217 shows one"),
    ("/delete 219", "asks first, and deletes only your own post"),
    ("/crm Nordwind they want two more", "choose the CRM card, see it, Publish, look in CRM"),
    ("/schedule in 2 hours Lunch is at one", "publish later, or every Monday 9:00; /schedule lists"),
    ("/template save news On {date}: {text}", "a text with variables; /template use news Hello"),
    ('/post to:"Office Berlin" The lift works', "a rule asks for Olga's approval; choose Olga, Approve"),
    ("/settings preview:off", "publish without a preview; preview:on: with it"),
    ("/status", "health; administrators (choose Olga) see who did what"),
    ("/settings to:sales", "who your posts are for without to:; to:- for everyone"),
    ("/lang de", "the bot speaks German; also /lang ru, /lang en"),
)
"""A line to type in the dialog with the bot, as the user that the page opens with, and what it shows; in this order."""


def listed() -> str:
    """Return the lines in two columns, for a terminal."""
    width = max(len(line) for line, _ in LINES)
    return "\n".join(f"  {line:<{width}}  {does}" for line, does in LINES)
