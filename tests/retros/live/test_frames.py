"""Frames as a browser reads them, and the cursor that it names."""

import json

import pytest

from retros.live import frames


def read(frame: bytes) -> dict[str, str]:
    """The fields of one frame; fails where it holds two, or a line that no browser understands."""
    assert frame.endswith(b"\n\n")
    return dict(line.split(": ", 1) for line in frame.decode()[:-2].split("\n"))


def test_a_change_carries_its_number_and_survives_any_text():
    html = 'A line\nanother\r\n: not a comment\n\ndata: "x" Zürich \u2028'
    fields = read(frames.change(7, ["notes"], "meeting", {"notes": html}))
    assert (fields["id"], fields["event"]) == ("7", "change")
    assert json.loads(fields["data"]) == {
        "seq": 7,
        "topics": ["notes"],
        "state": "meeting",
        "regions": {"notes": html},
        "by": "",
    }


def test_what_is_no_change_has_no_number():
    """Else a browser would come back with a cursor that it did not reach."""
    assert [read(f)["event"] for f in (frames.reset(), frames.gone(), frames.bye(500), frames.HEARTBEAT)] == [
        "reset", "gone", "bye", "beat",
    ]  # fmt: skip
    assert not any("id" in read(f) for f in (frames.reset(), frames.gone(), frames.bye(500), frames.HEARTBEAT))


def test_the_cursor_is_the_largest_number_that_is_named():
    assert frames.cursor("3", "12") == 12
    assert frames.cursor(None, "") == 0


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "9" * 19, " 1"])
def test_a_cursor_that_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="whole number"):
        frames.cursor(text)
