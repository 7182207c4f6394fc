"""How long a text may be and how many things an event may hold; forms, services and import share these numbers."""

TITLE = 200
NAME = 80
LINE = 300
ACCOUNT_ANSWER = 20_000
ACCOUNT = 100_000  # all answers of one account together
ENTRY = 10_000
SECTION = 100_000
NOTE = 5_000
ENTRIES_PER_EVENT = 20_000
PEOPLE_PER_EVENT = 500
NOTES_PER_EVENT = 2_000
CAUSES_PER_EVENT = 500
INVITATIONS_AT_ONCE = 100
INVITATIONS_PER_DAY = 100  # of one person who invites
INVITATIONS_PER_ADDRESS = 10  # in a day
WHY_DEPTH = 12
REVISIONS_SHOWN = 20  # of a section, before the older ones are asked for
IMPORT_BYTES = 10 * 1024 * 1024
