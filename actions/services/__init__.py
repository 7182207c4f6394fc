"""Verbs of following through: propose, commit, and every honest way an action moves or ends. State rules live here.

Each verb is one change with the topic "actions", so that the room sees it and the action's history can tell it: the change
carries what was before and after, and the person's reason. An action stays changeable after its review is published; that
is what following through means. Who may do what is decided by `access`, before these are called.
"""

from actions.services.ground import (
    CHECK_AFTER_DAYS,
    DECIDE_AFTER_DAYS,
    FIELDS,
    UNOWNED_LEVEL,
    Gap,
    Incomplete,
    check_state,
    gaps,
    today_of,
)
from actions.services.moving import (
    block,
    check_effect,
    close,
    closed_on,
    drop,
    effect_due,
    hand_over,
    redate,
    reopen,
    split,
    start,
    stay,
    unblock,
    update,
)
from actions.services.writing import commit, decide_not_to_act, edit, is_fresh, keep, look_at, looked_at, take_back

__all__ = [
    "CHECK_AFTER_DAYS",
    "DECIDE_AFTER_DAYS",
    "FIELDS",
    "UNOWNED_LEVEL",
    "Gap",
    "Incomplete",
    "block",
    "check_effect",
    "check_state",
    "close",
    "closed_on",
    "commit",
    "decide_not_to_act",
    "drop",
    "edit",
    "effect_due",
    "gaps",
    "hand_over",
    "is_fresh",
    "keep",
    "look_at",
    "looked_at",
    "redate",
    "reopen",
    "split",
    "start",
    "stay",
    "take_back",
    "today_of",
    "unblock",
    "update",
]
