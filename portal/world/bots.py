"""Bots, their commands, and the event queues of bots in fetch mode."""

from dataclasses import dataclass, field
from typing import Literal

from portal.world.queues.fetched import EventQueue

Api = Literal["v1", "v2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot; its id is also that of its user.

    It gets events only in the format of the API through which it was registered. `owner` is the client id of an
    application; for a webhook `custom<CLIENT_ID>` (v1) or `token:<botToken>` (v2).
    """

    id: int
    code: str
    owner: str
    api: Api
    kind: str = "bot"
    """Kind of the bot; v2: bot, supervisor, personal, openline; v1: B, S, H, O."""
    webhook_user: int = 0
    event_mode: str = "webhook"
    webhook_url: str = ""
    hidden: bool = False
    reactions: bool = True
    openline: bool = False
    background: str | None = None
    token: str = ""
    messages: int = 0

    @property
    def gets_all_messages(self) -> bool:
        """Tell whether the bot gets all messages of its chats, not only those that mention it."""
        return self.kind in ("S", "supervisor", "personal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command of a bot.

    `name` has no slash; `titles` and `params` hold a text for each language.
    """

    id: int
    bot: int
    name: str
    common: bool = False
    hidden: bool = False
    extranet: bool = False
    titles: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)

    @property
    def listed(self) -> bool:
        """Tell whether people see the command in the list of commands; a command without a title is not shown."""
        return not self.hidden and bool(self.titles)


@dataclass(slots=True, kw_only=True)
class Bots:
    """All bots and commands."""

    bots: dict[int, Bot] = field(default_factory=dict)
    commands: dict[int, Command] = field(default_factory=dict)
    by_name: dict[str, list[int]] = field(default_factory=dict)
    queues: dict[int, EventQueue] = field(default_factory=dict)
    """By bot id: the events that wait for imbot.v2.Event.get."""

    def of(self, owner: str) -> list[Bot]:
        """Return the bots of one owner, oldest first."""
        return [bot for bot in self.bots.values() if bot.owner == owner]

    def commands_of(self, bot: int) -> list[Command]:
        """Return the commands of one bot."""
        return [command for command in self.commands.values() if command.bot == bot]

    def put_command(self, command: Command) -> Command:
        """Store a command, new or changed."""
        self.drop_command(command.id)
        self.commands[command.id] = command
        self.by_name.setdefault(command.name, []).append(command.id)
        return command

    def drop_command(self, number: int) -> None:
        """Delete a command."""
        old = self.commands.pop(number, None)
        if old is not None:
            self.by_name[old.name].remove(number)

    def with_name(self, name: str) -> list[Command]:
        """Return the commands with exactly this name."""
        return [self.commands[number] for number in self.by_name.get(name, ())]
