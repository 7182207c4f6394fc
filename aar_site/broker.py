"""The queue of the embedded default: Kombu's folder of files, in which a message stands whole or not at all."""

import os
from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Kombu writes into a file that readers take already, and a worker that reads half of a message dies of it.

        A name that does not end in ".msg" is nobody's, and the rename shows the whole message at once.
        """
        name = Path(self.data_folder_out) / f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg"
        part = name.with_suffix(".part")
        part.write_text(dumps(message), encoding="utf-8")
        os.replace(part, name)


class Transport(filesystem.Transport):
    Channel = Channel
