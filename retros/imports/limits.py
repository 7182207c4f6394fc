"""How much a record may hold. Beyond it the whole record is refused, with what to do."""

from retros.limits import ENTRIES_PER_EVENT, ENTRY, LINE, NAME

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE  # of a file as it was brought
MAX_UNPACKED = 100 * MEGABYTE  # of all files of an archive
MAX_RATIO = 100  # unpacked to packed, of one file of an archive
MAX_FILES = 5_000
MAX_LINES = 200_000
MAX_LINE = 100_000  # letters; a longer line is listed, not read
MAX_ITEMS = 100_000  # of a JSON list
MAX_BRACKETS = 400_000  # of a JSON text: each becomes an object in memory
MAX_COMMAS = 1_500_000
MAX_MOMENTS = ENTRIES_PER_EVENT
MAX_COLUMNS = 200
MAX_ROW_LINES = 100  # a row of a table that goes on longer has a quote that never closes
MAX_FOLLOWING = 500  # continuation lines of one moment
TEXT, LABEL, PERSON, URL, AT_TEXT, EXCERPT = ENTRY, LINE, NAME, 500, 120, 160
FIRST_YEAR, LAST_YEAR = 1900, 2200
