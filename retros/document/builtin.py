"""The built-in sections of a review, registered with the port."""


def register_all() -> None:
    """Register them; called once when the apps are ready."""
