"""Tables of the reviews wing."""

from retros.models.account import (
    AccountReminder,
    AccountRevision,
    AccountState,
    LiftedMoment,
    ParticipantAccount,
    sentence_key,
)
from retros.models.analysis import Category, Factor, LuckAnswer, WellKind, WentWell
from retros.models.calendar import CalendarCopy, MeetingCalendar
from retros.models.causes import Defence, NodeKind, SharedCause, WhyNode
from retros.models.change import Change, Operation
from retros.models.dispute import Dispute, HintAnswer, Recollection, Resolution
from retros.models.event import (
    Distribution,
    Event,
    Impact,
    ImpactFigure,
    ImpactInterval,
    Kind,
    Membership,
    Precision,
    Role,
    Severity,
    State,
)
from retros.models.imports import Import, ImportState
from retros.models.kinds import Choice, Goal, Launch, Occurrence, Phase
from retros.models.link import LinkCode, LinkKey, PersonalLink
from retros.models.meeting import Again, AgendaStep, ClosingAnswer, Learned, Meeting, RoomNote, Walks
from retros.models.presence import Hand, Presence
from retros.models.revision import Publication, Revision, SectionText
from retros.models.silent import Outcome, SilentNote
from retros.models.timeline import EntryType, Landmark, Source, TimelineEntry

__all__ = [
    "AccountReminder",
    "AccountRevision",
    "AccountState",
    "Again",
    "AgendaStep",
    "CalendarCopy",
    "Category",
    "Change",
    "Choice",
    "ClosingAnswer",
    "Defence",
    "Dispute",
    "Distribution",
    "EntryType",
    "Event",
    "Factor",
    "Goal",
    "Hand",
    "HintAnswer",
    "Impact",
    "ImpactFigure",
    "ImpactInterval",
    "Import",
    "ImportState",
    "Kind",
    "Landmark",
    "Launch",
    "Learned",
    "LiftedMoment",
    "LinkCode",
    "LinkKey",
    "LuckAnswer",
    "Meeting",
    "MeetingCalendar",
    "Membership",
    "NodeKind",
    "Occurrence",
    "Operation",
    "Outcome",
    "ParticipantAccount",
    "PersonalLink",
    "Phase",
    "Precision",
    "Presence",
    "Publication",
    "Recollection",
    "Resolution",
    "Revision",
    "Role",
    "RoomNote",
    "SectionText",
    "Severity",
    "SharedCause",
    "SilentNote",
    "Source",
    "State",
    "TimelineEntry",
    "Walks",
    "WellKind",
    "WentWell",
    "WhyNode",
    "sentence_key",
]
