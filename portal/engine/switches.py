"""Switches for behaviour that differs between releases, installations and the documentation."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args, get_type_hints

from portal.errors import ControlError
from portal.markup.size import SizeRule

CrmFeed = str
CHOICES: dict[str, tuple[str, ...]] = {
    "crm_feed": ("alive", "dead"),
    "size_rule": get_args(SizeRule),
    "bot_api": ("both", "v1"),
    "old_refresh": ("dies", "lives"),
    "scope_status": ("401", "403"),
    "credentials_status": ("401", "403"),
    "invalid_client_status": ("400", "401"),
    "rate_status": ("503", "429"),
    "rest_plan": ("commercial", "free"),
    "blog": ("there", "no_module", "no_blog"),
    "comments_of": ("own", "all"),
    "recipients_in": ("DEST", "SPERM"),
    "posts_for_others": ("author", "caller", "ignored"),
    "group_scope": ("sonet_group", "sonet"),
    "timeline_event_data": ("id", "fields"),
    "timeline_event_name": ("upper", "mixed"),
    "placement_errors": ("400", "200"),
    "placement_count": ("doubled", "once"),
    "double_bind": ("ERROR_CORE", "empty"),
    "empty_maps": ("list", "object"),
    "bot_token_place": ("fields", "top"),
    "bot_denied_status": ("400", "403"),
    "message_refusals": ("source", "documented"),
    "empty_uuid_map": ("list", "object"),
    "bot_properties": ("reset", "kept"),
    "register_handlers": ("bound", "ignored"),
    "app_info_by_webhook": ("license", "refused"),
    "option_refusal": ("ACCESS_DENIED", "WRONG_AUTH_TYPE"),
    "read_without_id": ("true", "PARAMS_ERROR"),
    "member_again": ("true", "WRONG_REQUEST"),
    "has_more": ("full_page", "exact"),
    "webhook_body": ("form", "json"),
    "v2_token_of": ("bot", "actor"),
    "event_language": ("portal", "actor"),
    "v2_maps": ("object", "list"),
    "old_formats": ("until_date", "accepted", "refused"),
    "fetch_cursor": ("nextOffset", "lastEventId"),
    "template_ids": ("uuid4", "any"),
    "late_answers": ("silent", "error"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The switches of one portal; the defaults are those of a current portal."""

    crm_feed: str = "dead"
    """Whether crm.livefeedmessage.add still works (behaviour 8)."""
    size_rule: SizeRule = "60000"
    """The size limit that applies: 60,000 characters or 30 KB (behaviour 1.1, 11.1)."""
    bucket_capacity: int = 50
    """Requests that fit into the leaky bucket of one source address; 0 means no limit."""
    bucket_rate: float = 2.0
    """Requests per second that leak out of the bucket."""
    bot_api: str = "both"
    """"v1" removes all imbot.v2 methods, as on an old installation."""
    double_commands: bool = False
    """Whether a typed command also arrives as a message."""
    refresh_in_events: bool = True
    """Whether the tokens of acting users in events include a refresh_token."""
    tokens_in_events: bool = True
    """Whether events of bots contain tokens of the acting user at all."""
    user_in_events: bool = False
    """Whether events of the feed and of installations contain the acting user and the expiry (reference: D1)."""
    old_refresh: str = "dies"
    """Whether a used refresh_token may be used again (behaviour 10: not documented)."""
    scope_status: str = "401"
    """The HTTP status of insufficient_scope: 401 as seen, 403 as documented."""
    localhost_handlers: bool = False
    """Whether event.bind accepts the name localhost."""
    update_on_add: bool = False
    """Whether new posts are sent to applications that bound only ONLIVEFEEDPOSTUPDATE (behaviour 7.5)."""
    update_on_comment: bool = False
    """Whether a comment counts as an update of its post, as in old versions (behaviour 7.5)."""
    bot_token_place: str = "fields"  # noqa: S105 - not a password
    """Where Bot.register reads a webhook's botToken: in `fields`, or beside them at the top (Appendix 1.1)."""
    bots_by_webhook: bool = True
    """Whether a webhook may own a bot of imbot.v2 (reference: Appendix 1.7)."""
    bot_denied_status: str = "400"
    """The HTTP status of refusals of imbot.v2, im.v2 and crm.timeline.logmessage: 400 in the source, 403 documented."""
    message_refusals: str = "source"
    """How imbot.v2.Chat.Message.update and delete refuse: as in the source, or as documented (source: 1.3, 2.10)."""
    history_days: float = 0.0
    """Days of history that the plan shows; imbot.v2 may not change older messages; 0 means no limit (source: 1.3)."""
    empty_uuid_map: str = "list"
    """How imbot.v2.Chat.Message.send writes uuidMap without forwarded messages: [] or {} (source: 2.9)."""
    bot_properties: str = "reset"
    """What imbot.v2.Bot.update does with properties that are not sent: empties or keeps them (source: 2.12)."""
    register_handlers: str = "bound"
    """Whether imbot.register binds handlers of edits and deletions for an ordinary bot (source: 2.19)."""
    both_formats: bool = True
    """Whether v1 handlers of an application also get the events of its pushed imbot.v2 bots (source: 2.20)."""
    has_more: str = "full_page"
    """When Event.get says that more events wait: after each full page, or only if there are more (source: 2.22)."""
    member_again: str = "true"
    """The answer when somebody is added to a chat that they are in: true, or WRONG_REQUEST (source: 2.23)."""
    read_without_id: str = "true"
    """The answer of im.notify.read without ID: true, or PARAMS_ERROR (source: 2.6)."""
    app_info_by_webhook: str = "license"
    """The answer of app.info to a webhook: its scopes and the license, or a refusal (source: 2.3)."""
    option_refusal: str = "ACCESS_DENIED"
    """The code with which app.option.get and similar refuse a webhook (source: 2.4)."""
    bot_echo: bool = False
    """Whether a bot of imbot.v2 gets events for its own messages (reference: Appendix 1.14)."""
    bot_retention: int = 86_400
    """Seconds that a queued event of a bot is kept (reference: Appendix 1.14; behaviour 6.2)."""
    webhook_body: str = "form"
    """Format of pushed imbot.v2 events: form, or JSON with the same texts (reference: Appendix 1.2)."""
    context_user_number: bool = False
    """Whether user.id of ONIMBOTV2CONTEXTGET is a number in JSON (reference: Appendix 1.3)."""
    v2_token_of: str = "bot"  # noqa: S105 - not a password
    """Whose token data.bot.auth of imbot.v2 contains: of the bot, or of the acting user (source: 2.1)."""
    event_language: str = "portal"
    """Whose language events name: the portal's default language, as all do, or that of the acting user."""
    download_with_dialog: bool = False
    """Whether File.download of imbot.v2 also requires dialogId (reference: Appendix 1.13)."""
    v2_maps: str = "object"
    """How imbot.v2 and im.v2 write an empty map: {} or [] (reference: Appendix 1.13)."""
    fetch_cursor: str = "nextOffset"
    """Name of the cursor of Event.get; older portals call it lastEventId (reference: E8)."""
    old_formats: str = "until_date"
    """Whether old formats of imbot.v2 are accepted: until their dates by the portal's clock, always, or never."""
    template_ids: str = "uuid4"
    """Which template ids make a repeated message be dropped: UUIDs of version 4 (source 1.1), or any text (4.1)."""
    late_answers: str = "silent"
    """What imbot.v2.Command.answer does after ten minutes: true without a message (source 1.4), or an error (E2)."""
    file_limit: int = 104_857_600
    """Largest file in bytes; a larger one gives FILE_TOO_LARGE (reference: E1)."""
    delete_window: bool = False
    """Whether messages older than three days cannot be deleted, as in older versions (behaviour 4.6)."""
    https_webhooks: bool = False
    """Whether incoming webhooks over plain HTTP are refused: INVALID_REQUEST, "Https required"."""
    rest_plan: str = "commercial"
    """The plan of the portal: a "free" one refuses all calls with ACCESS_DENIED (reference: A1)."""
    credentials_status: str = "401"
    """The HTTP status of INVALID_CREDENTIALS (reference: Appendix 1.8)."""
    invalid_client_status: str = "400"
    """The HTTP status of the OAuth server's invalid_client (reference: Appendix 1.14)."""
    rate_status: str = "503"
    """The HTTP status of a full bucket: 503 in the page on limits, 429 in the page on bots (Appendix 1.4)."""
    request_limit: float = 60.0
    """Seconds after which a request is ended, as in the cloud; 0 means no limit, as on a portal of one's own."""
    operating_limit: float = 480.0
    """Seconds that one method may run for one application in ten minutes; 0 means no limit."""
    operating_cost: float = 0.0
    """Seconds of run time that every call is charged in addition to its real run time."""
    blog: str = "there"
    """What exists: the module of the feed and a blog ("there"), no module, or the module alone (Appendix 3)."""
    recipients_in: str = "DEST"
    """Which parameter of log.blogpost.add names the recipients; a portal too old for DEST reads SPERM only."""
    posts_for_others: str = "author"
    """Whose rights log.blogpost.add checks if an administrator sends USER_ID; or whether it is ignored (7.2)."""
    files_of_others: bool = True
    """Whether an administrator may attach files of chats that they are not in: not documented."""
    comments_of: str = "own"
    """Whose comments log.blogcomment.user.get returns without USER_ID: those of the caller, or all (Appendix 1.10)."""
    group_scope: str = "sonet_group"
    """Name of the scope of sonet_group.* (reference: Appendix 1.12)."""
    timeline_event_data: str = "id"
    """Where timeline comment events hold the id: data.ID or data.FIELDS.ID (reference: Appendix 1.9)."""
    timeline_event_name: str = "upper"
    """Spelling of timeline comment events: ONCRMTIMELINECOMMENTADD or onCrmTimelineCommentAdd (Appendix 1.9)."""
    department_head: bool = True
    """Whether department.get returns UF_HEAD, which is documented as a field but not in the samples (reference: H)."""
    placement_errors: str = "400"
    """The HTTP status of the errors of placement.bind and placement.unbind (reference: Appendix 1.15)."""
    placement_count: str = "doubled"
    """Whether placement.unbind counts each handler once or twice (reference: Appendix 1.15)."""
    double_bind: str = "ERROR_CORE"
    """Error code when the same handler is bound again: ERROR_CORE or empty (reference: Appendix 1.14)."""
    offline_features: bool = True
    """Whether the plan has rest_offline_extended and rest_auth_connector (reference: D3)."""
    empty_maps: str = "list"
    """How a batch writes empty maps: [] as observed, {} as in some samples (reference: Appendix 1.13)."""

    def accepts_old(self, until: float, now: float) -> bool:
        """Tell whether an old format is still accepted whose last moment is `until`; both times are Unix seconds."""
        return now < until if self.old_formats == "until_date" else self.old_formats == "accepted"

    def changed(self, wanted: Mapping[str, Any]) -> "Switches":
        """Return a copy of the switches with new values for some of them.

        Raise ControlError for an unknown name or an invalid value.
        """
        return replace(self, **{name: _check(name, value) for name, value in wanted.items()})


def _check(name: str, value: Any) -> Any:
    kinds = get_type_hints(Switches)
    if name not in {field.name for field in fields(Switches)}:
        raise ControlError(
            f"There is no switch {name!r}. There are: {', '.join(field.name for field in fields(Switches))}."
        )
    if name in CHOICES:
        if str(value) not in CHOICES[name]:
            raise ControlError(f"{name} is one of: {', '.join(CHOICES[name])}.")
        return str(value)
    if kinds[name] is bool:
        if not isinstance(value, bool):
            raise ControlError(f"{name} is true or false.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ControlError(f"{name} is a number of 0 or more.")
    return kinds[name](value)
