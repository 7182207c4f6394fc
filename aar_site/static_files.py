"""Style sheets and scripts under names that hold their content, each with a gzip twin that WhiteNoise sends instead."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

TEXTS = (".css", ".js", ".svg")


class TwinStorage(ManifestStaticFilesStorage):
    """Only gzip, and each twin once: the best brotli of a library's every file would double the first start.

    Of our own scripts, one that imports another names it by its hashed name too; a library's may name what is not here."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        ManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        for name, hashed, processed in super().post_process(paths, dry_run, **options):
            yield name, hashed, processed
            if not dry_run and hashed and hashed.endswith(TEXTS):
                make_twin(Path(self.path(hashed)))


def make_twin(path: Path) -> None:
    twin = path.with_name(f"{path.name}.gz")
    if not twin.exists():
        partial = path.with_name(f"{path.name}.part")
        partial.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
        partial.replace(twin)
