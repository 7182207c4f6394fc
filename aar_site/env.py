"""Typed readers of the environment; refuses nonsense with one line that says how to mend it. Imports no app."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
ENGINES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def text(name: str, default: str = "") -> str:
    """The variable NAME, or the content of the file that NAME_FILE points to, or the default. Empty counts as unset."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip() or default
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ImproperlyConfigured(f"{name}_FILE points to {path}, which cannot be read: {why}.") from None
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


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed words, in whatever case it was written."""
    value = text(name, default).upper()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to one of {', '.join(allowed)}.")
    return value


def words(name: str) -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def web_address(name: str, default: str) -> str:
    """An http(s) address without a path, without a trailing slash: the place that links in mails lead to."""
    value = text(name, default).rstrip("/")
    wrong = ImproperlyConfigured(f"{name} is {value!r}. Set it to an address such as https://reviews.example.org.")
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises on a port that is no number
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
        raise wrong
    return value


def database(name: str, default: str) -> dict[str, Any]:
    """Django's settings for a SQLite or PostgreSQL address. The password may come by DATABASE_PASSWORD (or its _FILE)."""
    example = "postgres://hindcast@db.example.org:5432/hindcast, or leave it out for SQLite"
    wrong = ImproperlyConfigured(f"{name} is not an address of SQLite or PostgreSQL. Set it to {example}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it cannot read is refused below, in our words
            found = environ.Env.db_url_config(text(name, default))
    except (ValueError, ImproperlyConfigured):
        raise wrong from None
    if found.get("ENGINE") not in ENGINES or not found.get("NAME") or found["NAME"] == ":memory:":
        raise wrong
    if password := text("DATABASE_PASSWORD"):
        found["PASSWORD"] = password
    return found


def redis(name: str) -> str:
    """The address of a Redis server, or nothing. The password may come by REDIS_PASSWORD (or its _FILE)."""
    value = text(name)
    if not value:
        return ""
    scheme, found, rest = value.partition("://")
    if scheme not in {"redis", "rediss", "unix"} or not found or not rest:
        raise ImproperlyConfigured(
            f"{name} is no address of a Redis server. Set it to redis://redis.example.org:6379/0."
        )
    password = text("REDIS_PASSWORD")
    return f"{scheme}://:{quote(password, safe='')}@{rest}" if password and "@" not in rest else value


def mail(name: str) -> dict[str, Any]:
    """Django's settings for the mail server; without an address mails are files in MAIL_DIR, which the settings add."""
    value = text(name)
    if not value:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}
    scheme = value.partition("://")[0]
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        scheme = ""
    if scheme not in MAIL_PORTS or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} is not the address of a mail server. Set it to smtp+tls://user:password@mail.example.org:587."
        )
    found = environ.Env.email_url_config(value)
    found["EMAIL_PORT"] = found["EMAIL_PORT"] or MAIL_PORTS[scheme]
    found["EMAIL_HOST_PASSWORD"] = text("EMAIL_PASSWORD") or found["EMAIL_HOST_PASSWORD"]
    return {key: value for key, value in found.items() if value not in {None, ""}}


def kept_secret(name: str, folder: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(64)) -> str:
    """A secret from the environment, else from a private file in the folder, made at the first start (mode 0600)."""
    given = text(name)
    if given:
        return given
    path = folder / name.lower()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            keep_once(path, make())
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be kept: {error.strerror}. Set HINDCAST_DATA to a folder that this user may write."
        ) from None


def keep_once(path: Path, secret: str) -> None:
    """Write the file unless it is there. It appears whole: of two processes that start together one wins, none reads half."""
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(partial)
