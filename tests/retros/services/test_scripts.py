"""Words for the facilitator: in the house's voice, and short enough to be read aloud."""

import re

import pytest

from retros.services import scripts

EVERY = {**scripts.SCRIPTS, **{"/".join(key): script for key, script in scripts.OF_KIND.items()}}
AVOIDED = re.compile(r"[!\u2014]|should have|why did(n't| not)? you|failure of|culprit|whose fault", re.IGNORECASE)


@pytest.mark.parametrize("name", EVERY)
def test_a_script_can_be_said_aloud(name):
    script = EVERY[name]
    words = [script.do, script.say, *script.ask, script.listen, script.short]
    assert not [text for text in words if AVOIDED.search(text) or not text.endswith((".", "?", "”"))]
    assert len(script.say.split()) <= 60  # twenty seconds
    assert 1 <= len(script.ask) <= 5
    assert all(ask.endswith("?") for ask in script.ask)


def test_there_is_a_line_for_what_goes_astray():
    said = [(line.when, line.say, line.then) for line in scripts.RESCUES]
    assert len(said) == len({when for when, _, _ in said}) >= 8
    assert not [texts for texts in said if AVOIDED.search(" ".join(texts))]
    assert all(len(line.split()) <= 25 for _, line, _ in said)


def test_a_kind_has_its_own_words_where_it_has_some():
    assert scripts.of("project", ("timeline",)) == [scripts.OF_KIND["project", "timeline"]]
    assert scripts.of("incident", ("timeline", "factors")) == [scripts.SCRIPTS["timeline"], scripts.SCRIPTS["factors"]]
    assert scripts.of("incident", ("nowhere",)) == []
