"""Shows posts to a person who asks: in the chat if everybody there may read them, else in their own dialog."""

from __future__ import annotations

from collections.abc import Sequence

from bot.feed import audience
from bot.feed.audience import Reach
from bot.feed.publishing import references
from bot.feed.relay import cards, changes
from bot.framework import messages
from bot.framework.context import Context
from bot.model.effects import Content, Edit, Effect, Priority
from bot.model.events import Commanded, Dialog, From, Said
from bot.model.records import Post


def is_own_dialog(ctx: Context, event: Commanded | Said) -> bool:
    """Check whether an event is from the private dialog of its author with the bot, where nobody else reads."""
    return not event.is_group and not ctx.bot_absent


async def one(ctx: Context, event: Commanded | Said, post: Post) -> list[Effect]:
    """Return the effects that show a post, which its asker may read, as a card.

    The card is kept up to date where the relay may keep one. In their own dialog, a person also gets a post that they
    may only open, such as an administrator.
    """
    reach = Reach.WITHHELD if ctx.bot_absent else await audience.reach(ctx, post, event.dialog)
    if reach is Reach.FULL:
        return await move_card(ctx, post, event.dialog, language=event.language, reach=reach)
    look = cards.Look(post=post, reach=Reach.FULL, language=event.language)
    card = cards.post_card(await cards.known_portal(ctx), look)
    if is_own_dialog(ctx, event):
        return [ctx.reply(card)]
    return [ctx.reply(_in_private(ctx)), ctx.reply_privately(card)]


async def answer(ctx: Context, event: Commanded | Said, posts: Sequence[Post], said: Content) -> list[Effect]:
    """Return the effects that answer with a list of posts; a press of a button edits the message with the list.

    In a group, a list goes to the chat only if all its posts are for everybody and no extranet user reads there.
    """
    shown = is_own_dialog(ctx, event) or not posts or await _may_show(ctx, event, posts)
    if not shown:
        return [ctx.reply(_in_private(ctx)), ctx.reply_privately(said)]
    if isinstance(event, Commanded) and event.source is From.BUTTON and not ctx.bot_absent:
        return [Edit(dialog=event.answer_dialog, language=event.language, message=event.message, content=said)]
    return [ctx.reply(said)]


async def move_card(
    ctx: Context, post: Post, dialog: Dialog, *, language: str, reach: Reach | None = None
) -> list[Effect]:
    """Return the effects that show the post's card at the end of a dialog, and delete its older message.

    The relay keeps one card of a post in each dialog up to date. If `reach` is None, the portal is asked who reads in
    the dialog.
    """
    ctx.store(changes.seen(post))
    reach = reach or await audience.reach(ctx, post, dialog)
    if reach is not Reach.FULL:
        return [ctx.reply(messages.of(ctx.say("card.withheld")))]
    out: list[Effect] = []
    for card in await ctx.memory.cards(post.id):
        if card.dialog == dialog and card.message is not None:
            out.append(cards.delete(ctx, post.id, dialog=dialog, message=card.message, language=language))
        elif card.dialog == dialog and not card.lost:
            return [ctx.reply(messages.of(ctx.say("share.card_done", chat=references.chat_link(dialog))))]
    look = cards.Look(post=post, reach=reach, language=language)
    portal = await cards.known_portal(ctx)
    return [*out, cards.show(ctx, look, dialog, portal=portal, priority=Priority.REPLY)]


def _in_private(ctx: Context) -> Content:
    return messages.of(ctx.say("posts.in_private"))


async def _may_show(ctx: Context, event: Commanded | Said, posts: Sequence[Post]) -> bool:
    if ctx.bot_absent or not all(post.for_all for post in posts):
        return False
    reaches = [await audience.reach(ctx, post, event.dialog) for post in posts[:1]]
    return all(reach is Reach.FULL for reach in reaches)
