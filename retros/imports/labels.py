"""How sources, types and landmarks are called in files: their values and what pages call them. A test keeps them equal to the models."""

_LANDMARKS = {
    "impact_start": "Impact begins",
    "detected": "Detected",
    "acknowledged": "Acknowledged",
    "declared": "Severity set, lead assigned",
    "investigation": "Cause understood",
    "mitigation": "Mitigation begins",
    "mitigated": "Impact ends",
    "communication": "First word to customers",
    "verification": "Verified",
    "resolved": "Resolved",
    "pre_launch": "Decision before the launch",
    "launch": "Launch",
    "cutover": "Cutover step",
    "announced": "Announced",
    "first_day": "First 24 hours",
    "first_week": "First week",
    "phase": "Phase begins",
}
_SOURCES = ("log", "chat", "ticket", "monitoring", "account", "document", "memory")
_TYPES = ("signal", "belief", "decision", "action", "communication", "recovery", "context")

LANDMARKS = {word.casefold(): value for value, label in _LANDMARKS.items() for word in (value, label)}
SOURCES = {value: value for value in _SOURCES}
TYPES = {value: value for value in _TYPES}
