"""/template [save | use | delete] [chat] name text: texts with variables, of a person or shared in a chat."""

from __future__ import annotations

from dataclasses import dataclass

from bot import suggestions
from bot.errors import UserMistake
from bot.feed.composer import composing
from bot.feed.templates import keeping, showing, using
from bot.feed.templates.keeping import Named
from bot.framework import arguments, converters
from bot.framework.context import Context, Effects
from bot.framework.router import Command, Router
from bot.i18n import catalog
from bot.model.effects import Content, Edit, Effect
from bot.model.events import From
from bot.model.records import Template
from bot.texts import comparing, cutting

router = Router()

_PAGE = "page"
_VERBS = {
    comparing.fold(word): verb
    for verb, others in (
        ("save", catalog.template_words("save")),
        ("use", catalog.template_words("use")),
        ("delete", catalog.also("delete")),
        ("list", catalog.template_words("list")),
    )
    for word in (verb, *others)
}
_CHAT = {comparing.fold(word) for word in ("chat", *catalog.also("chat"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of /template: what to do, the name of the template, and a text; nothing for the list."""

    text: str = arguments.rest()


@router.command("template", Args, order=28, also=catalog.also("template"))
async def template(ctx: Context, command: Command[Args]) -> Effects:
    """Save, use or delete a template; without arguments, list the templates."""
    word, _, left = converters.split(command.args.text)
    verb = _VERBS.get(comparing.fold(word), "")
    if comparing.fold(word) == _PAGE and left.strip().isdecimal():
        found = _list(ctx, command, int(left.strip()[:4]))
    elif verb == "save":
        found = _save(ctx, command, *_name(left))
    elif verb == "delete":
        found = _delete(ctx, command, *_name(left))
    elif verb == "use":
        found = _use(ctx, command, *_name(left))
    elif verb or not word:
        found = _list(ctx, command, 1)
    else:
        found = _use_named(ctx, command, word)
    async for effect in found:
        yield effect


def _name(text: str) -> tuple[Named, str]:
    """Read the name of a template from the start of a text, and return it with the rest."""
    name, left = converters.word(text.lstrip())
    of_chat = comparing.fold(name) in _CHAT and not converters.is_quoted(text.lstrip())
    if of_chat:
        name, left = converters.word(left.lstrip())
    return Named(name=" ".join(name.split()), of_chat=of_chat), left.lstrip()


async def _save(ctx: Context, command: Command[Args], named: Named, text: str) -> Effects:
    try:
        before = await keeping.save(ctx, command.event, named, text)
    except UserMistake as mistake:
        written = f"/template save {named.written} {text}".rstrip() if named.name else ""
        mistake.values = {"command": "template", "written": written} | mistake.values
        raise
    made = Template(name=named.name, text=text, chat=named.of_chat)
    yield ctx.reply(showing.saved(made, before, language=ctx.language))


async def _delete(ctx: Context, command: Command[Args], named: Named, _text: str) -> Effects:
    if not named.name:
        raise UserMistake("template.no_name", command="template")
    gone = await keeping.drop(ctx, command.event, named)
    if command.source is From.TYPED or ctx.bot_absent:
        yield ctx.reply(showing.dropped(gone, language=ctx.language))
        return
    left = [one for one in await keeping.known(ctx, command.event) if one != gone]
    said = showing.dropped(gone, language=ctx.language)
    yield _edit(command, _page(ctx, command, left, 1, before=said.text))
    yield ctx.reply_privately(said)


async def _use(ctx: Context, command: Command[Args], named: Named, text: str) -> Effects:
    """Show the draft that a template becomes; if a recipient is unclear, ask first."""
    if not named.name:
        raise UserMistake("template.no_name", command="template")
    found = await keeping.known(ctx, command.event)
    there = keeping.find(found, named)
    if there is None:
        raise keeping.unknown(found, named, verb="use", left=text)
    used = await using.use(ctx, command.event, there, named, text)
    for said in used.questions:
        yield said
    if not used.questions:
        fields = await composing.with_default(ctx, command, used.fields, fresh=True)
        async for effect in composing.begin(ctx, command.event, fields, fresh=True):
            yield effect


async def _use_named(ctx: Context, command: Command[Args], word: str) -> Effects:
    """Use the template with which the arguments begin.

    Raises:
        UserMistake: there is none of this name; with the nearest verb, if the word is similar to one.
    """
    named, left = _name(command.args.text)
    if keeping.find(found := await keeping.known(ctx, command.event), named) is None:
        if near := suggestions.nearest(word, _verbs(ctx.language)):
            behind = command.args.text.lstrip()[len(word) :]
            written = f"/template {near}{behind}"
            value = cutting.start(word, converters.SHOWN)
            raise UserMistake("template.near", value=value, nearest=near, written=written)
        raise keeping.unknown(found, named, verb="use", left=left)
    async for effect in _use(ctx, command, named, left):
        yield effect


def _verbs(language: str) -> list[str]:
    """Return the verbs to suggest to people of a language."""
    own = " ".join(catalog.sentences(language)[f"template_words.{verb}"] for verb in ("save", "use"))
    return ["save", "use", "delete", *own.split(), *catalog.own(language, catalog.also("delete"))]


async def _list(ctx: Context, command: Command[Args], number: int) -> Effects:
    content = _page(ctx, command, await keeping.known(ctx, command.event), number)
    if command.source is not From.TYPED and not ctx.bot_absent and command.args.text:
        yield _edit(command, content)
    else:
        yield ctx.reply(content)


def _page(ctx: Context, command: Command[Args], found: list[Template], number: int, *, before: str = "") -> Content:
    """Make a page of the list: in a group the templates of the chat, otherwise those of the person."""
    group = command.event.is_group and not ctx.bot_absent
    listed = [one for one in found if one.chat is group]
    return showing.page(listed, number, language=ctx.language, group=group, before=before)


def _edit(command: Command[Args], content: Content) -> Effect:
    return Edit(dialog=command.dialog, language=command.language, message=command.event.message, content=content)
