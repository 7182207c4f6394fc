"""Style sheets and scripts under names that hold their content, each with a gzip twin that WhiteNoise sends instead.

Our own scripts are written as small modules with reasons beside the code. They travel without reasons, indents and most ends of
lines, and what one imports travels in the same file: a page would wait for each file of a chain.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

TEXTS = (".css", ".js", ".svg")
OURS = "js/"
INDENT = re.compile(r"^\s+", re.M)
REASON = re.compile(r"^\s*//.*\n|(?<=[;{},)]) // .*$", re.M)  # on a line of its own, or behind what it is about
LINE_END = re.compile(r"^((?!.*//).*[;{,])\n", re.M)  # where a line's end says nothing
IMPORT = re.compile(r'^import (?:(\{.*\}) from )?"\./([\w.]+)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+))", re.M)


class TwinStorage(ManifestStaticFilesStorage):
    """Only gzip, and each twin once: the best brotli of a library's every file would double the first start."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            paths = {**paths, **self._ours(paths)}
        for name, hashed, processed in super().post_process(paths, dry_run, **options):
            yield name, hashed, processed
            if not dry_run and hashed and hashed.endswith(TEXTS):
                make_twin(Path(self.path(hashed)))

    def _ours(self, paths: dict[str, Any]) -> dict[str, Any]:
        scripts = {}
        for name, (storage, path) in paths.items():
            if name.startswith(OURS):
                with storage.open(path) as source:
                    scripts[name.removeprefix(OURS)] = source.read().decode()
        for name in scripts:
            Path(self.path(OURS + name)).write_text(joined(scripts, name))
        return {OURS + name: (self, OURS + name) for name in scripts}


def joined(scripts: dict[str, str], name: str) -> str:
    """A script with all that it imports, in order, once, and each in a scope of its own."""
    found: dict[str, str] = {}

    def take(name: str) -> str:
        text = INDENT.sub("", REASON.sub("", scripts[name]))
        for _, other in IMPORT.findall(text):
            if other not in found:
                found[other] = ""
                found[other] = _scope(other, take(other))
                found[other] = found.pop(other)  # behind what it needs
        return IMPORT.sub(lambda m: f"const {m[1]} = {_name(m[2])};\n" if m[1] else "", text)

    last = take(name)
    return LINE_END.sub(r"\1", "".join(found.values()) + (EXPORT.sub("", last) if found else last))


def _scope(name: str, text: str) -> str:
    names = ", ".join(EXPORT.findall(text))
    return f"const {_name(name)} = (() => {{\n{EXPORT.sub('', text)}return {{ {names} }};\n}})();\n"


def _name(file: str) -> str:
    return f"${file.removesuffix('.js')}"


def make_twin(path: Path) -> None:
    twin = path.with_name(f"{path.name}.gz")
    if not twin.exists():
        partial = path.with_name(f"{path.name}.part")
        partial.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
        partial.replace(twin)
