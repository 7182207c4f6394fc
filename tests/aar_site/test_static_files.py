"""What travels is small: texts have a gzip twin, pages are compressed, streams are not."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from aar_site.middleware import SmallPagesMiddleware
from aar_site.static_files import EXPORT, IMPORT, TwinStorage, joined


def test_each_text_gets_one_twin_under_the_name_of_its_content(tmp_path):
    words = "body { color: black } " * 200
    (tmp_path / "app.css").write_text(words)
    (tmp_path / "sans.woff2").write_bytes(b"font" * 300)
    storage = TwinStorage(location=tmp_path, base_url="/static/")
    paths = {name: (storage, name) for name in ("app.css", "sans.woff2")}
    assert isinstance(storage, ManifestStaticFilesStorage)
    list(storage.post_process(dict(paths)))
    [twin] = tmp_path.glob("*.gz")
    assert twin.name == f"{storage.stored_name('app.css')}.gz"
    assert gzip.decompress(twin.read_bytes()).decode() == words
    assert twin.stat().st_size < len(words) / 10
    made = twin.stat().st_mtime_ns
    list(storage.post_process(dict(paths)))
    assert twin.stat().st_mtime_ns == made  # a second start does not do it again
    assert not list(tmp_path.glob("*.part"))


SCRIPTS = {
    "room.js": """// Why so.
import { words, say } from "./room_words.js";
import "./room_steps.js";

const mine = words; // as they are
say(mine);
""",
    "room_words.js": """export const words = 1;
const mine = "https://example.org";
export async function say(text) {
  // Not often.
  return mine + text;
}
""",
    "room_steps.js": """import { words } from "./room_words.js";
globalThis.steps = words;
""",
}
JOINED = """\
const $room_words = (() => {const words = 1;const mine = "https://example.org";
async function say(text) {return mine + text;}
return { words, say };})();const $room_steps = (() => {const { words } = $room_words;globalThis.steps = words;return {  };})();const { words, say } = $room_words;const mine = words;say(mine);"""  # noqa: E501


def test_what_a_script_of_ours_imports_travels_with_it_each_in_its_own_scope(tmp_path):
    assert joined(SCRIPTS, "room.js") == JOINED
    alone = joined(SCRIPTS, "room_words.js")
    assert alone.splitlines()[0] == 'export const words = 1;const mine = "https://example.org";'
    (tmp_path / "source/js").mkdir(parents=True)
    for name, text in SCRIPTS.items():
        (tmp_path / "source/js" / name).write_text(text)
    (tmp_path / "source/library.js").write_text("// Theirs.\n")
    source = FileSystemStorage(location=tmp_path / "source")
    served = TwinStorage(location=tmp_path / "served", base_url="/static/")
    (tmp_path / "served/js").mkdir(parents=True)
    paths = {name: (source, name) for name in ("js/room.js", "js/room_words.js", "js/room_steps.js", "library.js")}
    for text in (
        SCRIPTS["room_words.js"],
        SCRIPTS["room_words.js"].replace("1", "2"),
    ):  # the second time after an upgrade
        (tmp_path / "source/js/room_words.js").write_text(text)
        list(served.post_process(dict(paths)))
        (found,) = [(tmp_path / "served" / served.stored_name("js/room.js")).read_text()]
        assert found == JOINED.replace("words = 1", "words = 2" if "2" in text else "words = 1")
    assert (tmp_path / "served" / served.stored_name("library.js")).read_text() == "// Theirs.\n"


def test_the_rooms_scripts_are_joined_whole():
    """Each import and export of our scripts is written as `joined` reads it, and none has a circle."""
    folder = Path(settings.BASE_DIR) / "static/js"
    scripts = {path.name: path.read_text() for path in folder.glob("*.js")}
    for name, text in scripts.items():
        assert text.count("\nimport ") + text.startswith("import ") == len(IMPORT.findall(text)), name
        assert text.count("\nexport ") + text.startswith("export ") == len(EXPORT.findall(text)), name
        assert all(line.count("`") % 2 == 0 for line in text.splitlines()), f"a text over several lines in {name}"
    room = joined(scripts, "room.js")
    assert not re.search(r"(^|[;{}\n])(import|export) ", room)
    for name in {other for text in scripts.values() for _, other in IMPORT.findall(text)}:
        made, used = f"const ${name.removesuffix('.js')} =", f"}} = ${name.removesuffix('.js')};"
        assert used not in room[: room.index(made)], f"{name} is asked before it stands"
    assert len(gzip.compress(room.encode(), 9)) <= 14_000


@pytest.mark.parametrize(
    ("response", "is_small"),
    [
        (HttpResponse("a page " * 200), True),
        (HttpResponse("a PDF " * 200, content_type="application/pdf"), False),
        (StreamingHttpResponse(["data: x\n\n"] * 200, content_type="text/event-stream"), False),
        (StreamingHttpResponse(["a page "] * 200), False),
    ],
)
def test_a_page_travels_compressed_and_a_stream_as_it_comes(response, is_small):
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    answer = SmallPagesMiddleware(lambda _: response)(request)
    assert (answer.get("Content-Encoding") == "gzip") is is_small
