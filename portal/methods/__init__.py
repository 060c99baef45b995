"""All REST methods, one file per family; importing this package makes them known."""

from portal.methods import (
    crm,
    event_offline,
    events,
    im_dialogs,
    im_messages,
    imbot_bots,
    imbot_commands,
    imbot_messages,
    log_comments,
    log_posts,
    log_reading,
    people,
    system,
    v2_bots,
    v2_chats,
    v2_commands,
    v2_messages,
)

FAMILIES = (
    crm,
    event_offline,
    events,
    im_dialogs,
    im_messages,
    imbot_bots,
    imbot_commands,
    imbot_messages,
    log_comments,
    log_posts,
    log_reading,
    people,
    system,
    v2_bots,
    v2_chats,
    v2_commands,
    v2_messages,
)
"""Every family there is: a new file is named here, once in each list."""
