"""A message in the folder of the embedded queue is read whole, however slowly it is written."""

import threading
from pathlib import Path
from typing import Any

from kombu import Connection


def connection(folder: Path) -> Connection:
    names = {"data_folder_in": folder, "data_folder_out": folder, "processed_folder": folder / "done"}
    options = {**{key: str(path) for key, path in names.items()}, "control_folder": str(folder / "control")}
    return Connection("filesystem://", transport="aar_site.broker:Transport", transport_options=options)


def test_a_reader_never_takes_half_of_a_message(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "done").mkdir()
    writing, go_on = threading.Event(), threading.Event()
    whole = Path.write_text

    def slowly(path: Path, text: str, **rest: Any) -> int:
        path.touch()
        writing.set()
        go_on.wait(5)
        return whole(path, text, **rest)

    monkeypatch.setattr(Path, "write_text", slowly)
    with connection(tmp_path) as writer, connection(tmp_path) as reader:
        queue = reader.SimpleQueue("work")
        sender = threading.Thread(target=lambda: writer.SimpleQueue("work").put({"id": 1}))
        sender.start()
        assert writing.wait(5)
        try:
            try:
                early = queue.get(timeout=0.2).payload
            except queue.Empty:
                early = None
        finally:
            go_on.set()
            sender.join(5)
        assert early is None
        assert queue.get(timeout=5).payload == {"id": 1}
