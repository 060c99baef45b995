"""Shows posts to a person who asks: a card where everybody may read the post, lists only in their own dialog."""

from __future__ import annotations

from bot.feed import audience
from bot.feed.audience import Reach
from bot.feed.publishing import references
from bot.feed.relay import cards, changes
from bot.framework import messages
from bot.framework.context import Context
from bot.model.effects import Content, Edit, Effect, Priority
from bot.model.events import Commanded, Dialog, From, Said
from bot.model.records import Post
from keyboards import Keyboard, Link


def is_own_dialog(ctx: Context, event: Commanded | Said) -> bool:
    """Check whether an event is from the private dialog of its author with the bot, where nobody else reads."""
    return not event.is_group and not ctx.bot_absent


async def one(ctx: Context, event: Commanded | Said, post: Post) -> list[Effect]:
    """Return the effects that show a post, which its asker may read, as a card that is kept up to date.

    If not everybody in the chat may read it, the card is in the asker's own dialog.
    """
    if is_own_dialog(ctx, event):
        return await _in_own_dialog(ctx, event, post)
    reach = Reach.WITHHELD if ctx.bot_absent else await audience.reach(ctx, post, event.dialog)
    if reach is Reach.FULL:
        return await move_card(ctx, post, event.dialog, language=event.language, reach=reach)
    here = ctx.reply(messages.of(ctx.say("posts.in_private")))
    return [here, *await _in_own_dialog(ctx, event, post)]


async def _in_own_dialog(ctx: Context, event: Commanded | Said, post: Post) -> list[Effect]:
    """Return the effects that show a post to its asker alone.

    A post that they may open, such as an administrator, but that is not in their feed is only a link: the relay would
    keep no card of it.
    """
    own = Dialog(str(event.author.id))
    reach = await audience.reach(ctx, post, own)
    if reach is Reach.FULL:
        return await move_card(ctx, post, own, language=event.language, reach=reach)
    portal = await cards.known_portal(ctx)
    link = Keyboard.of([Link(ctx.say("button.open"), cards.link(portal, post.id, post.author))])
    said = messages.of(ctx.say("posts.only_link", post=post.id), keyboard=link)
    return [ctx.reply(said) if is_own_dialog(ctx, event) else ctx.reply_privately(said)]


def in_own_dialog(ctx: Context, event: Commanded | Said, said: Content) -> list[Effect]:
    """Return the effects that answer with a list of posts; a press of a button edits the message with the list.

    Nobody would remove the words of posts from a list later, so that a group never gets one.
    """
    if not is_own_dialog(ctx, event):
        return [ctx.reply(messages.of(ctx.say("posts.list_in_private"))), ctx.reply_privately(said)]
    if isinstance(event, Commanded) and event.source is From.BUTTON:
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
