"""Access rights: who may see, change and address what (reference: behaviour 7; G1)."""

from portal.engine.core import Portal
from portal.world.crm import Card
from portal.world.feed import Code, Post, parse_code
from portal.world.memory import World
from portal.world.messenger import Chat
from portal.world.people import Group, User


def includes(world: World, code: str, user: User) -> bool:
    """Tell whether a recipient code such as "SG7" includes a person.

    Extranet users are in no department and not in "all employees".
    """
    named = parse_code(code)
    if named is None:
        return False
    kind, number = named
    if kind == "UA":
        return not user.extranet
    if kind == "U":
        return user.id == number
    if kind == "SG":
        return world.people.in_group(user.id, number)
    return not user.extranet and world.people.in_department(user, number)


def is_in_feed(world: World, post: Post, user: User) -> bool:
    """Tell whether a post is in a person's feed: the person wrote it, or a recipient of the post includes them."""
    return post.author == user.id or any(includes(world, code, user) for code in post.dest)


def audience(world: World, user: User) -> set[Code]:
    """Return every recipient code for which `includes` is true for this person."""
    people = world.people
    codes: set[Code] = {("U", user.id)}
    codes.update(("SG", group.id) for group in people.groups.values() if user.id in group.members)
    if user.extranet:
        return codes
    # A recipient DRn includes sub-departments, so all departments above the person's own count.
    above = list(user.departments)
    for number in above:
        row = people.departments.get(number)
        if row is not None and row.parent not in above:
            above.append(row.parent)
    return codes | {("UA", 0)} | {("DR", number) for number in above}


def feed_of(world: World, user: User) -> set[int]:
    """Return the ids of all posts for which `is_in_feed` is true for this person."""
    return world.feed.post_index().addressed_to(audience(world, user), by=user.id)


def may_read_post(world: World, post: Post, user: User) -> bool:
    """Tell whether a person may open a post by its id.

    A person may open the posts in their feed, administrators all posts.
    """
    return user.admin or is_in_feed(world, post, user)


def may_change_post(post: Post, user: User) -> bool:
    """Tell whether a person may change, share or delete a post.

    The author and administrators may.
    """
    return user.admin or post.author == user.id


def may_address(world: World, code: str, user: User) -> bool:
    """Tell whether a recipient exists and a person may send posts to it."""
    named = parse_code(code)
    if named is None:
        return False
    kind, number = named
    people = world.people
    if kind == "UA":
        return not user.extranet
    if kind == "DR":
        return number in people.departments and not user.extranet
    if kind == "SG":
        return number in people.groups and (user.admin or people.in_group(user.id, number))
    return world.user(number) is not None and (not user.extranet or _have_common_group(world, user.id, number))


def _have_common_group(world: World, one: int, other: int) -> bool:
    return one == other or any(
        one in group.members and other in group.members for group in world.people.groups.values()
    )


def may_contact(world: World, user: User, other: User) -> bool:
    """Tell whether a person may find, see and write to another person.

    Extranet users may do so only with people of their groups and group chats.
    """
    if not user.extranet or other.id == user.id:
        return True
    if other.bot:
        return other.id in world.bots.bots and not world.bots.bots[other.id].hidden
    chats = (chat for chat in world.messenger.of(user.id) if not chat.private)
    return _have_common_group(world, user.id, other.id) or any(other.id in chat.members for chat in chats)


def may_find(world: World, user: User, other: User) -> bool:
    """Tell whether a search by a person may find another person or a bot.

    Hidden and personal bots are found only by people who have a chat with them.
    """
    bot = world.bots.bots.get(other.id)
    if bot is not None and (bot.hidden or bot.kind == "personal"):
        return any(other.id in chat.members for chat in world.messenger.of(user.id))
    return may_contact(world, user, other)


def manages(chat: Chat, user: int) -> bool:
    """Tell whether a user owns or manages a group chat."""
    return not chat.private and user in (chat.owner, *chat.managers)


def may_change_looks(chat: Chat, user: int) -> bool:
    """Tell whether a user may change title, colour and avatar of a group chat.

    Each member may, as the permission manage_ui of a chat says (source: 5.1).
    """
    return not chat.private and user in chat.members


def may_invite(chat: Chat, user: User) -> bool:
    """Tell whether a member may add people to a group chat.

    Extranet users may do so only in chats that they own or manage.
    """
    return not user.extranet or manages(chat, user.id)


def may_remove(chat: Chat, user: int, other: int) -> bool:
    """Tell whether the member `user` may remove the member `other` from a chat.

    The owner and managers may remove everybody except the owner; each member may leave.
    """
    return user == other or (manages(chat, user) and other != chat.owner)


def may_see_group(group: Group, user: User) -> bool:
    """Tell whether a person may see a workgroup.

    Members may see it; when it is visible, all employees may.
    """
    return user.id in group.members or (group.visible and not user.extranet)


def may_use_crm(user: User) -> bool:
    """Tell whether a person may use the CRM; extranet users, bots and people without rights there may not."""
    return user.crm and not (user.extranet or user.bot)


def may_see_card(card: Card, user: User) -> bool:
    """Tell whether a person may read and change a CRM card."""
    if not may_use_crm(user):
        return False
    return user.admin or not card.private_to or user.id in card.private_to


def name_of(portal: Portal, code: str) -> str:
    """Return the name of the person, group or department that a recipient code means, or else the code itself."""
    named = parse_code(code)
    people = portal.world.people
    if named is None:
        return code
    kind, number = named
    if kind == "UA":
        return "All employees"
    rows: dict[str, dict[int, object]] = {
        "U": dict(people.users),
        "SG": dict(people.groups),
        "DR": dict(people.departments),
    }
    row = rows[kind].get(number)
    return str(getattr(row, "name", code))
