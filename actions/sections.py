"""The section 'Action items', which this wing adds to every review through the port."""


def register() -> None:
    """Register it; called once when the apps are ready."""
