"""Arguments of commands: options, quotes, unchanged text, and mistakes that help."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserMistake
from bot.framework import arguments, command_text
from bot.model.events import BotId, Commanded, CommandId, Dialog, From, MessageId, Person, PortalId, Said, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    to: tuple[str, ...] = arguments.option(also=("кому",), people=True)
    title: str = arguments.option()
    text: str = arguments.rest(needed="note.no_text")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashHook:
    id: int = arguments.positional(needed="pass.no_id")
    to: tuple[str, ...] = arguments.option(needed="pass.no_to")
    after: int | None = arguments.option()


def note(text: str) -> Note:
    """Return the arguments that a text is parsed to."""
    return arguments.parse(Note, text, command="note")


def mistake(kind: type[object], text: str) -> tuple[str, dict[str, object]]:
    """Return the key and values of a text's mistake."""
    with pytest.raises(UserMistake) as caught:
        arguments.parse(kind, text, command="note")
    return caught.value.key, caught.value.values


UNDERSTOOD = {
    "text only": ("Hello", Note(to=(), title="", text="Hello")),
    "one recipient": ("to:sales Hello", Note(to=("sales",), title="", text="Hello")),
    "repeated": ("to:a to:b Hi", Note(to=("a", "b"), title="", text="Hi")),
    "comma list": ("to:a,b Hi", Note(to=("a", "b"), title="", text="Hi")),
    "comma and space": ("to:a, b Hi", Note(to=("a", "b"), title="", text="Hi")),
    "quoted in a list": ('to:"HR team",b Hi', Note(to=("HR team", "b"), title="", text="Hi")),
    "curly quotes": ("title:“Two words” Hi", Note(to=(), title="Two words", text="Hi")),
    "low quotes": ("title:„Zwei Worte“ Hi", Note(to=(), title="Zwei Worte", text="Hi")),
    "guillemets": ("title:«Два слова» Hi", Note(to=(), title="Два слова", text="Hi")),
    "a quote in quotes": (r'title:"A \"quoted\" word" Hi', Note(to=(), title='A "quoted" word', text="Hi")),
    "a quote in guillemets": (r"title:«A \» b» Hi", Note(to=(), title="A » b", text="Hi")),
    "a path": (r'title:"C:\new\\" Hi', Note(to=(), title="C:\\new\\", text="Hi")),
    "semicolons": ("to:a;b; c Hi", Note(to=("a", "b", "c"), title="", text="Hi")),
    "commas of other keyboards": ("to:a，b、c؛d Hi", Note(to=("a", "b", "c", "d"), title="", text="Hi")),
    "an address without slashes": (
        "mailto:a@example.com is open",
        Note(to=(), title="", text="mailto:a@example.com is open"),
    ),
    "an equation": ("x=5 solves it", Note(to=(), title="", text="x=5 solves it")),
    "another name": ("кому:all Hi", Note(to=("all",), title="", text="Hi")),
    "any case": ("To:all Hi", Note(to=("all",), title="", text="Hi")),
    "comma in a title": ("title:a,b Hi", Note(to=(), title="a,b", text="Hi")),
    "a mention": ("to:[USER=7]Ann Lee[/USER] Hi", Note(to=("[USER=7]Ann Lee[/USER]",), title="", text="Hi")),
    "prose with a colon": ("Hi to: sales and all", Note(to=(), title="", text="Hi to: sales and all")),
    "an address in a word": ("see https://e.com/?to:x", Note(to=(), title="", text="see https://e.com/?to:x")),
    "text, said to be": ("-- Hi to:sales", Note(to=(), title="", text="Hi to:sales")),
    "a name, said to be text": ("-- @ann hi", Note(to=(), title="", text="@ann hi")),
    "a name in a text for somebody": ("to:a @ann hi", Note(to=("a",), title="", text="@ann hi")),
    "a name inside": ("Hi @ann", Note(to=(), title="", text="Hi @ann")),
    "address": ("http://example.org is up", Note(to=(), title="", text="http://example.org is up")),
    "colon in text": ("Note: hello", Note(to=(), title="", text="Note: hello")),
    "lines": ("to:a\nOne\n\n  Two", Note(to=("a",), title="", text="One\n\n  Two")),
    "inner spaces": ("a  b   c", Note(to=(), title="", text="a  b   c")),
    "dashes end options": (
        "to:a -- to: whom it may concern",
        Note(to=("a",), title="", text="to: whom it may concern"),
    ),
    "dashes as text": ("-- signed", Note(to=(), title="", text="-- signed")),
}


@pytest.mark.parametrize(("text", "expected"), UNDERSTOOD.values(), ids=UNDERSTOOD.keys())
def test_options_are_parsed_and_the_text_is_unchanged(text: str, expected: Note) -> None:
    """Options before the text are parsed, and the text stays unchanged."""
    assert note(text) == expected


MISTAKEN = {
    "slip": (
        Note,
        "to:a titel:x Hi",
        "words.unknown_option",
        {
            "option": "titel:",
            "nearest": "title",
            "part": "title:",
            "moved": "/note to:a title:x Hi",
            "plain": "/note to:a -- titel:x Hi",
        },
    ),
    "slip where there is no text": (
        CrashHook,
        "217 aftr:3",
        "words.unknown_option",
        {"option": "aftr:", "nearest": "after", "part": "after:", "moved": "/note 217 after:3"},
    ),
    "no option of ours": (
        Note,
        "to:a important:yes Hi",
        "words.no_option",
        {"option": "important:", "plain": "/note to:a -- important:yes Hi"},
    ),
    "text behind a closing quote": (
        Note,
        'title:"A "quoted" word" x',
        "words.after_quote",
        {"text": '"quoted" word" x'},
    ),
    "a space before the value": (
        Note,
        "to: sales Hi",
        "words.no_value",
        {"option": "to", "part": "to:sales", "moved": "/note to:sales Hi", "plain": "/note -- to: sales Hi"},
    ),
    "no value": (Note, "to:", "words.no_value", {"option": "to"}),
    "empty item": (Note, "to:a,,b Hi", "words.no_value", {"option": "to"}),
    "list that ends in the air": (Note, "to:a,", "words.no_value", {"option": "to"}),
    "open quote": (Note, 'title:"Two words', "words.open_quote", {"text": '"Two words'}),
    "twice": (Note, "title:a title:b Hi", "words.twice", {"option": "title"}),
    "no text": (Note, "to:a", "note.no_text", {}),
    "nothing": (CrashHook, "", "pass.no_id", {}),
    "no recipient": (CrashHook, "217", "pass.no_to", {}),
    "no number": (CrashHook, "abc to:x", "words.number", {"value": "abc"}),
    "a number too long": (CrashHook, "1" * 5000, "words.number", {"value": "1" * 60}),
    "left over": (CrashHook, "217 to:x and y", "words.extra", {"text": "and y"}),
}


@pytest.mark.parametrize(("kind", "text", "key", "values"), MISTAKEN.values(), ids=MISTAKEN.keys())
def test_a_mistake_is_explained(kind: type[object], text: str, key: str, values: dict[str, object]) -> None:
    """A mistake says what was wrong, names the command, and keeps the text."""
    written = f"/note {text}" if text else ""
    assert mistake(kind, text) == (key, {**values, "command": "note", "written": written})


def test_a_positional_argument_may_follow_options() -> None:
    """A positional argument may stand before or after the options, with or without a number sign."""
    expected = CrashHook(id=217, to=("x",), after=5)
    assert arguments.parse(CrashHook, "#217 to:x after:5", command="pass") == expected
    assert arguments.parse(CrashHook, "after:5 to:x 217", command="pass") == expected


ASKED = {
    "after": ("Hi there to:sales", "words.late", "to:sales", "to:sales Hi there", "-- Hi there to:sales"),
    "in between": ("Hi To:a,b there", "words.late", "To:a,b", "To:a,b Hi there", "-- Hi To:a,b there"),
    "a line of its own": ("One\nto:a\nTwo", "words.late", "to:a", "to:a One\nTwo", "-- One\nto:a\nTwo"),
    "quoted": ('Hi to:"HR team"', "words.late", 'to:"HR team"', 'to:"HR team" Hi', '-- Hi to:"HR team"'),
    "the last word, after a space": ("Hi to: sales", "words.late", "to:sales", "to:sales Hi", "-- Hi to: sales"),
    "two": ("Hi to:a title:b", "words.late", "to:a title:b", "to:a title:b Hi", "-- Hi to:a title:b"),
    "behind others": ("to:a Hi to:b", "words.late", "to:b", "to:a to:b Hi", "to:a -- Hi to:b"),
    "a mention": ("Hi to:[USER=7]Ann[/USER]", "words.late", "to:[USER=7]Ann[/USER]", "to:[USER=7]Ann[/USER] Hi",
                  "-- Hi to:[USER=7]Ann[/USER]"),
    "a name before the text": ("@ann, hi", "words.whom", "@ann", "to:@ann hi", "-- @ann, hi"),
    "names": ("@ann,@bo hi", "words.whom", "@ann,@bo", "to:@ann,@bo hi", "-- @ann,@bo hi"),
    "a mention before the text": ("[USER=7]Ann Lee[/USER] hi", "words.whom", "Ann Lee", "to:[USER=7]Ann Lee[/USER] hi",
                                  "-- [USER=7]Ann Lee[/USER] hi"),
    "a name and a title": ("title:x @ann hi", "words.whom", "@ann", "title:x to:@ann hi", "title:x -- @ann hi"),
    "nothing but a name": ("@ann", "words.whom", "@ann", "to:@ann", "-- @ann"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "key", "part", "moved", "plain"), ASKED.values(), ids=ASKED.keys())
def test_an_ambiguous_text_causes_a_question(text: str, key: str, part: str, moved: str, plain: str) -> None:
    """For a text that may contain options the user is asked, and both choices are valid commands."""
    found, values = mistake(Note, text)
    assert (found, values["part"]) == (key, part)
    assert (values["moved"], values["plain"]) == (f"/note {moved}", f"/note {plain}")
    assert note(plain).text in text
    if moved != "to:@ann":
        assert note(moved).to


@given(st.text())
def test_any_text_is_parsed_or_a_mistake(text: str) -> None:
    """For any text, parse returns arguments or raises UserMistake."""
    for kind in (Note, CrashHook):
        with suppress(UserMistake):
            arguments.parse(kind, text, command="x")


@given(
    st.lists(st.sampled_from(["to:", "title:", '"', "«", "»", ",", " ", "\n", "a", ":", "[USER=1]", "--"])).map("".join)
)
def test_any_text_of_grammar_signs_is_parsed_or_a_mistake(text: str) -> None:
    """The same holds for texts made of the grammar's own signs."""
    test_any_text_is_parsed_or_a_mistake.hypothesis.inner_test(text)  # type: ignore[attr-defined]  # hypothesis adds it


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_the_text_after_an_option_is_kept(text: str) -> None:
    """After an option, a text without options stays unchanged to the last character."""
    kept = f". {text.strip()}"
    assert note(f'to:"HR team" {kept}').text == kept


names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters='"“”„«»'), min_size=1)


@given(st.lists(names.filter(lambda name: name.strip() == name), max_size=3), names, st.text())
def test_a_composed_command_is_parsed_again(to: list[str], title: str, text: str) -> None:
    """A composed command is parsed to the same arguments, for any text."""
    meant = Note(to=tuple(to), title=title, text=text.strip() or "x")
    line = arguments.compose(meant, command="note")
    assert note(line.removeprefix("/note")) == meant


@given(
    st.lists(st.sampled_from(["a"]), max_size=1),
    st.lists(
        st.sampled_from(
            ["to:", "To:a", "title:", '"', ",", " ", "\n", "b", ":", "@ann", "[USER=1]B[/USER]", "-- ", "--"]
        )
    ).map("".join),
)
def test_a_composed_command_of_grammar_signs_is_parsed_again(to: list[str], text: str) -> None:
    """The same holds for texts of the grammar's own signs; only an open quote is a mistake again."""
    meant = Note(to=tuple(to), title="", text=text.strip() or "x")
    assert note(arguments.compose(meant, command="note").removeprefix("/note")) == meant


@pytest.mark.parametrize("text", ["to:sales", "to: sales", "titel:x", "-- to:x", "-- -- to:x", "Hi to:x", "-- Hi to:x"])
def test_a_text_like_an_option_survives_composing(text: str) -> None:
    """A text that begins like an option is written after dashes, so that it stays text."""
    line = arguments.compose(Note(to=("a",), title="", text=text), command="note")
    assert note(line.removeprefix("/note")) == Note(to=("a",), title="", text=text)


def test_dashes_without_end_are_text() -> None:
    """Thousands of dashes in a row are text, and cause no recursion."""
    assert note("-- " * 5000) == Note(to=(), title="", text=("-- " * 5000).strip())


@pytest.mark.parametrize(
    "name", ["[USER=7]Ann Lee[/USER]", "[USER=7]Ann[/USER] and [USER=8]Bo[/USER]", "a,b", 'say "hi"']
)
def test_names_survive_composing(name: str) -> None:
    """A recipient whose name contains signs of the grammar stays one recipient."""
    meant = Note(to=(name,), title="", text="x")
    assert note(arguments.compose(meant, command="note").removeprefix("/note")) == meant


def commanded(name: str, params: str, *, text: str = "", source: From = From.TYPED) -> Commanded:
    """Make a slash command in a group."""
    return Commanded(
        portal=PortalId("p"), bot=BotId(1), dialog=Dialog("chat1"), author=Person(id=UserId(7)),
        command=CommandId(3), name=name, params=params, text=text, source=source, message=MessageId(5),
    )  # fmt: skip


def said(text: str, *, dialog: str = "7") -> Said:
    """Make a message in a private dialog, or after a mention in a group."""
    return Said(
        portal=PortalId("p"),
        bot=BotId(1),
        dialog=Dialog(dialog),
        author=Person(id=UserId(7)),
        message=MessageId(5),
        text=text,
    )


NAMED = {
    "typed, one line": (commanded("post", "to:a Hi", text="/post to:a Hi"), ("post", "to:a Hi")),
    "typed, many lines": (commanded("post", "One", text="/post One\nTwo\n\nThree"), ("post", "One\nTwo\n\nThree")),
    "typed, up to the next command": (commanded("post", "One", text="/post One\nTwo\n/help"), ("post", "One\nTwo")),
    "typed, the second command": (commanded("help", "", text="/post One\nTwo\n/help"), ("help", "")),
    "typed, a slash that is no command": (
        commanded("post", "One", text="/post One\n/etc/hosts"),
        ("post", "One\n/etc/hosts"),
    ),
    "typed, after other words": (commanded("post", "One", text="Look\n/post One\nTwo"), ("post", "One\nTwo")),
    "typed, a command in code below": (
        commanded("post", "How to:", text="/post How to:\n[CODE]\n/help\n[/CODE]\nThat is all"),
        ("post", "How to:\n[CODE]\n/help\n[/CODE]\nThat is all"),
    ),
    "typed, the same in a quotation above": (
        commanded("post", "One", text="[QUOTE]\n/post One\n[/QUOTE]\n/post One\nTwo"),
        ("post", "One\nTwo"),
    ),
    "typed, carriage returns": (commanded("post", "One", text="/post One\r\nTwo"), ("post", "One\nTwo")),
    "typed, line not found": (commanded("post", "One", text="x\ny"), ("post", "One")),
    "pressed": (commanded("follows", "page 2", source=From.BUTTON), ("follows", "page 2")),
    "menu": (commanded("share", "217", source=From.MENU), ("share", "217")),
    "said with a slash": (said("/post to:a Hi\nthere"), ("post", "to:a Hi\nthere")),
    "said in a group without": (said("Post to:a Hi", dialog="chat1"), ("post", "to:a Hi")),
    "said in a group with a comma": (said("help, please", dialog="chat1"), ("help", "please")),
    "said in private without": (said("Post office is closed"), ("", "Post office is closed")),
    "said in private, one word": (said(" Help. "), ("help", "")),
    "said, another language": (said("/Помощь пост"), ("помощь", "пост")),
    "said nothing": (said("  "), ("", "")),
}


@pytest.mark.parametrize(("event", "expected"), NAMED.values(), ids=NAMED.keys())
def test_a_command_is_read_from_every_source(event: Commanded | Said, expected: tuple[str, str]) -> None:
    """Typed, pressed or after a mention, a command gives the same name and argument text."""
    assert command_text.command_of(event, {"post", "help"}) == expected
