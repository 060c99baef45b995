"""One file per slash command, named like the command; here they come together."""

from bot.commands import crm, follow, follows, post, share, start, unfollow
from bot.commands import help as help_
from bot.framework.router import Router


def router() -> Router:
    """Every command we have."""
    table = Router().include(help_.router, start.router, post.router, share.router, crm.router)
    return table.include(follow.router, unfollow.router, follows.router)
