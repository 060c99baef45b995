"""The policy: who may publish to whom and when, read from a file once at the start.

`rules` is the data, `reading` reads the file, `deciding` says what holds for a post, `words` writes rules as sentences.
This package knows nothing of a portal: who a person is comes from its caller.
"""

from bot.policy.deciding import Author, Case, PolicyVerdict, decide, needed
from bot.policy.reading import load
from bot.policy.rules import OPEN, Decision, Need, Policy, Rule

__all__ = [
    "OPEN",
    "Author",
    "Case",
    "Decision",
    "Need",
    "Policy",
    "PolicyVerdict",
    "Rule",
    "decide",
    "load",
    "needed",
]  # fmt: skip
