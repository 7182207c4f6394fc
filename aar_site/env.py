"""Typed readers of the environment; refuses nonsense with one line that says how to mend it. Imports no app."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The variable NAME, or the content of the file that NAME_FILE points to, or the default. Empty counts as unset."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE points to {path}, which cannot be read: {error.strerror}."
            ) from None
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """A yes or no. Anything else stops the start."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Set it to yes or no.")


def whole(name: str, default: int, least: int, most: int) -> int:
    """A whole number between least and most."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number from {least} to {most}.")
    return int(value)


def words(name: str) -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def web_address(name: str, default: str) -> str:
    """An http(s) address without a path, without a trailing slash: the place that links in mails lead to."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to an address such as https://reviews.example.org.")
    return value


def kept_secret(name: str, folder: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(64)) -> str:
    """A secret from the environment, else from a private file in the folder, made at the first start (mode 0600)."""
    given = text(name)
    if given:
        return given
    path = folder / name.lower()
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        pass
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # O_EXCL: of two processes that start together, one makes the secret and the other reads it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(make())
    return path.read_text(encoding="utf-8").strip()
