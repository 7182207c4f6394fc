"""Opens what was brought: bytes become text, an archive becomes its files, one at a time. Bombs and junk are refused before they grow."""

import codecs
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from retros.imports import limits
from retros.imports.found import Refused

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
PACKED = {
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"PK\x05\x06": "an empty archive",
    b"SQLite format 3": "a database",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"bplist": "a binary property list",
    b"\x7fELF": "a program",
}
OTHER_ENCODING = "Not UTF-8; read as Windows-1252."
_DIRECTORY_END, _ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_UNUSUAL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def text_of(data: bytes, name: str = "") -> tuple[str, bool]:
    """The text of a file with \\n for every end of a line, and whether its encoding had to be guessed. Raises Refused with the
    line where it is no text."""
    where = f"{name}: " if name else ""
    if data.startswith(GZIP):
        data = _unpacked(data, where)
    for magic, what in PACKED.items():
        if data.startswith(magic):
            raise Refused(f"{where}this is {what}. Bring its text.")
    text, is_guess = _decoded(data, where)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    nul = text.find("\0")
    if nul >= 0:
        raise Refused(f"{where}line {text.count(chr(10), 0, nul) + 1}: a NUL character; this is not a text file.")
    unusual = len(_UNUSUAL.findall(text[:100_000]))
    if unusual > 20 and unusual * 50 > min(len(text), 100_000):
        first = _UNUSUAL.search(text)
        line = text.count("\n", 0, first.start()) + 1 if first else 1
        raise Refused(f"{where}line {line}: characters that no text has; this is not a text file.")
    if not text.strip():
        raise Refused(f"{where}the file is empty.")
    return text, is_guess


def _unpacked(data: bytes, where: str) -> bytes:
    """A gzip file, as logs are rotated; unpacked no further than a file may be long."""
    try:
        packed = zlib.decompressobj(wbits=31)
        found = packed.decompress(data, limits.MAX_BYTES + 1)
    except zlib.error:
        raise Refused(f"{where}the gzip file is damaged.") from None
    if len(found) > limits.MAX_BYTES:
        raise Refused(f"{where}the gzip file unpacks to more than {limits.MAX_BYTES // limits.MEGABYTE} MB.")
    if not packed.eof:
        raise Refused(f"{where}the gzip file is cut off.")
    return found


def _decoded(data: bytes, where: str) -> tuple[str, bool]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Refused(f"{where}the file is UTF-32. Save it as UTF-8.")
    sixteen = _sixteen(data)
    try:
        if sixteen:
            return data.decode(sixteen).removeprefix("\ufeff"), False
        return data.decode("utf-8-sig"), False
    except UnicodeDecodeError as error:
        if sixteen:
            raise Refused(f"{where}byte {error.start + 1}: broken UTF-16. Save the file as UTF-8.") from None
        line = data.count(b"\n", 0, error.start) + 1
        if data.startswith(codecs.BOM_UTF8) or b"\0" in data[: error.start + 4096]:
            raise Refused(f"{where}line {line}: byte {error.start + 1} is not UTF-8. Save the file as UTF-8.") from None
    try:
        return data.decode("cp1252"), True
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"{where}line {line}: byte {error.start + 1} is neither UTF-8 nor Windows-1252. Save the file as UTF-8."
        ) from None


def _sixteen(data: bytes) -> str:
    """UTF-16 by its mark, or by a NUL in nearly every second byte of its beginning."""
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    head = data[:2000]
    if len(head) >= 8 and not len(data) % 2:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = len(head) // 2
        if odd > half * 0.8 and even < half * 0.1:
            return "utf-16-le"
        if even > half * 0.8 and odd < half * 0.1:
            return "utf-16-be"
    return ""


def check_bytes(data: bytes) -> None:
    """Refuse a file that is larger than a record may be."""
    if len(data) > limits.MAX_BYTES:
        raise Refused(
            f"the file is larger than {limits.MAX_BYTES // limits.MEGABYTE} MB. Cut it to the hours of the event."
        )


def is_zip(data: bytes) -> bool:
    return data.startswith(ZIP)


class Archive:
    """The files of a zip, looked at before anything is unpacked. Raises Refused for what an export never is."""

    def __init__(self, data: bytes) -> None:
        _check_directory(data)
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, struct.error) as error:
            raise Refused(f"the archive is damaged: {' '.join(str(error).split())[:100]}") from None
        if not all(info.filename for info in self.zip.infolist()):
            raise Refused("the archive is damaged: a file without a name.")
        self.members = [info for info in self.zip.infolist() if not info.is_dir()]
        self._check()
        self.names = [info.filename for info in self.members]

    def _check(self) -> None:
        seen: set[str] = set()
        total, ends = 0, 0
        for info in self.members:
            name = info.filename.replace("\\", "/")
            told = name[:80]
            if (
                name.startswith("/")
                or ".." in name.split("/")
                or re.match(r"[A-Za-z]:", name)
                or "\0" in info.orig_filename
            ):
                raise Refused(f"{told}: a name that leads out of the archive.")
            if name.casefold() in seen:
                raise Refused(f"{told}: the archive holds this name twice.")
            seen.add(name.casefold())
            if stat.S_ISLNK(info.external_attr >> 16):
                raise Refused(f"{told}: a link instead of a file.")
            if info.flag_bits & 1:
                raise Refused(f"{told}: encrypted. Unpack the archive, and pack it without a password.")
            if name.casefold().endswith((".zip", ".gz", ".tgz", ".7z", ".rar")):
                raise Refused(f"{told}: an archive inside the archive. Unpack it first.")
            if info.file_size > limits.MAX_RATIO * max(info.compress_size, 1) and info.file_size > limits.MEGABYTE:
                raise Refused(
                    f"{told}: unpacks to {info.file_size:,} bytes, more than {limits.MAX_RATIO} times its packed size."
                )
            if info.file_size > limits.MAX_BYTES:
                raise Refused(f"{told}: larger than {limits.MAX_BYTES // limits.MEGABYTE} MB.")
            total += info.file_size
        if total > limits.MAX_UNPACKED:
            raise Refused(
                f"the archive unpacks to more than {limits.MAX_UNPACKED // limits.MEGABYTE} MB. Take the channels of the event only."
            )
        for info in sorted(self.members, key=lambda i: i.header_offset):
            if info.header_offset < ends:
                raise Refused(f"{info.filename[:80]}: lies over another file of the archive.")
            ends = info.header_offset + 30 + info.compress_size

    def read(self, name: str) -> bytes:
        """One file. Its size is what the archive says, or it is refused."""
        info = self.zip.getinfo(name)
        try:
            with self.zip.open(info) as opened:
                data = opened.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
            struct.error,
        ) as error:
            raise Refused(f"{name[:80]}: damaged: {' '.join(str(error).split())[:100]}") from None
        if len(data) != info.file_size:
            raise Refused(f"{name[:80]}: not as long as the archive says.")
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)


def _check_directory(data: bytes) -> None:
    """The list of files at the end of a zip, before the library builds an object for each."""
    end = data.rfind(_DIRECTORY_END, max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise Refused("the archive is cut off: it has no list of its files.")
    count, size = struct.unpack("<HI", data[end + 10 : end + 16])
    # A second list of the 64-bit kind may say something else; what the library builds is one object for each entry.
    if max(count, data.count(_ENTRY)) > limits.MAX_FILES or size > limits.MAX_FILES * 400:
        raise Refused(f"the archive holds more than {limits.MAX_FILES:,} files. Take the channels of the event only.")
