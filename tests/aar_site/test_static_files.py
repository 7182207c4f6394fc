"""What travels is small: texts have a gzip twin, pages are compressed, streams are not."""

import gzip

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from aar_site.middleware import SmallPagesMiddleware
from aar_site.static_files import TwinStorage


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


def test_a_script_of_ours_names_another_by_its_hashed_name_and_a_library_may_name_what_is_not_here(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js/room.js").write_text('import { words } from "./room_words.js";\nimport "./room_words.js";\n')
    (tmp_path / "js/room_words.js").write_text("export const words = 1;\n")
    (tmp_path / "library.js").write_text('import htmx from "./htmx";\n')
    storage = TwinStorage(location=tmp_path, base_url="/static/")
    paths = {name: (storage, name) for name in ("js/room.js", "js/room_words.js", "library.js")}
    list(storage.post_process(dict(paths)))
    hashed = storage.stored_name("js/room_words.js").removeprefix("js/")
    served = (tmp_path / storage.stored_name("js/room.js")).read_text()
    assert served.count(f'"./{hashed}"') == 2
    assert '"./htmx"' in (tmp_path / storage.stored_name("library.js")).read_text()


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
