"""Who gets which answer from which URL, restated by hand: a matrix made from access.py could not fail.

Each row: URL name -> (method, answers). `answers` is eleven numbers in the order of ROLES, for the cast's event while it is
being prepared. The rows of a URL that takes several methods stand under 'name METHOD'.
"""

ROLES = (
    "anonymous",
    "guest",
    "outsider",
    "observer",
    "participant",
    "scribe",
    "facilitator",
    "manager",
    "admin",
    "deactivated",
)

# Everybody who is signed in reaches these without an event.
PUBLIC = {"livez", "account_login", "account_request_login_code", "account_confirm_login_code", "setup"}

MATRIX: dict[str, tuple[str, tuple[int, ...]]] = {}
