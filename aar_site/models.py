"""Gathers the models of the site for Django; defines none."""

from aar_site.health.models import Heartbeat
from aar_site.outbox.models import Message
from aar_site.people.models import Service, SetupCode, Team, TeamMembership, User

__all__ = ["Heartbeat", "Message", "Service", "SetupCode", "Team", "TeamMembership", "User"]
