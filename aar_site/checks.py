"""Refuses deployments that would hurt: each finding is one line with its remedy. Run by `serve`, `migrate` and `check`.

What no check on one machine can see: two hosts that serve one SQLite file on a shared disk. The manual forbids it.
"""

import ipaddress
import re
import stat
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LEAST_SECRET = 50  # characters, as Django asks for
NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "afs", "ceph", "glusterfs", "fuse.glusterfs"}
HOUSE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")


@register(Tags.security)
def check_debug(**_: Any) -> list[CheckMessage]:
    if settings.DEBUG and settings.IS_HTTPS:
        return [Error("DEBUG shows code and settings to every visitor. Unset DEBUG.", id="hindcast.E001")]
    return []


@register(Tags.security)
def check_secret_key(**_: Any) -> list[CheckMessage]:
    short = [key for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if len(key) < LEAST_SECRET]
    if short:
        words = f"SECRET_KEY has fewer than {LEAST_SECRET} characters, so sessions can be forged."
        return [Error(f"{words} Unset it: the first start makes a good one in the data folder.", id="hindcast.E002")]
    return []


@register(Tags.security)
def check_outbox_key(**_: Any) -> list[CheckMessage]:
    try:
        Fernet(settings.OUTBOX_KEY)
    except ValueError:
        words = "OUTBOX_KEY encrypts no mail: it must be 32 random bytes, written in URL-safe base64."
        return [Error(f"{words} Unset it: the first start makes one in the data folder.", id="hindcast.E007")]
    return []


@register(Tags.security)
def check_sender(**_: Any) -> list[CheckMessage]:
    name, _at, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    if name and domain:
        return []
    words = "MAIL_FROM holds no mail address, so no mail server takes a mail."
    return [Error(f"{words} Set it to: Hindcast <reviews@example.org>", id="hindcast.E008")]


@register(Tags.security)
def check_allowed_hosts(**_: Any) -> list[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        words = "ALLOWED_HOSTS is *, so links can be made to lead elsewhere. List the names that people type."
        return [Error(words, id="hindcast.E003")]
    return []


@register(Tags.security)
def check_https(**_: Any) -> list[CheckMessage]:
    host = urlsplit(settings.BASE_URL).hostname or ""
    if settings.IS_HTTPS or settings.ALLOW_HTTP or is_in_the_house(host):
        return []
    words = f"BASE_URL is {settings.BASE_URL}: passwords would travel in the open. Put a proxy with TLS before it and"
    return [Error(f"{words} set BASE_URL to https://{host}, or set ALLOW_HTTP=yes.", id="hindcast.E004")]


@register(Tags.security)
def check_private_files(**_: Any) -> list[CheckMessage]:
    """Files that hold secrets or everybody's words, and that other users of this machine can read."""
    names = ("secret_key", "outbox_key", "hindcast.sqlite3")
    bare = [path for name in names if others_can_read(path := settings.DATA_DIR / name)]
    return [
        Error(f"Other users of this machine can read {path}. Run:  chmod 600 {path}", id="hindcast.E005")
        for path in bare
    ]


@register(Tags.database)
def check_disk(**_: Any) -> list[CheckMessage]:
    """SQLite's locks do not work on disks of the network: two processes would damage the file."""
    kind = disk_of(settings.DATA_DIR) if settings.IS_SQLITE else ""
    if kind not in NETWORK_DISKS:
        return []
    words = f"{settings.DATA_DIR} lies on a disk of the network ({kind}), where SQLite damages its file."
    return [Error(f"{words} Set HINDCAST_DATA to a local folder, or DATABASE_URL to PostgreSQL.", id="hindcast.E006")]


@register(Tags.security, deploy=True)
def check_proxy(**_: Any) -> list[CheckMessage]:
    if settings.IS_HTTPS and not settings.PROXY_COUNT:
        words = "BASE_URL is https and PROXY_COUNT is 0, so every visitor counts as the proxy in the limits of sign-in."
        return [Warning(f"{words} Set PROXY_COUNT to the number of proxies before it.", id="hindcast.W001")]
    return []


@register(Tags.security, deploy=True)
def check_mail(**_: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        words = f"Mails are files in {settings.MAIL_DIR}: nobody gets a code or a reminder."
        return [Warning(f"{words} Set EMAIL_URL to smtp+tls://user:password@mail.example.org:587.", id="hindcast.W002")]
    return []


def is_in_the_house(host: str) -> bool:
    """Whether the name or address can only be reached from this machine or its own network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(HOUSE_NAMES)
    return address.is_private or address.is_loopback or address.is_link_local


def others_can_read(path: Path) -> bool:
    """Whether its mode lets other users in, and the folder around it does not keep them out."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH and path.parent.stat().st_mode & stat.S_IXOTH)
    except OSError:
        return False


def disk_of(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that the folder lies on, or nothing where the system does not tell (only Linux does)."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    kinds = {}
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        kinds[re.sub(r"\\040", " ", point)] = kind
    return next((kinds[str(place)] for place in (folder, *folder.parents) if str(place) in kinds), "")
