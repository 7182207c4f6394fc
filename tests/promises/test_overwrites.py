"""P9: two people on the same section never silently overwrite each other."""

import threading
import time
from itertools import pairwise

import pytest

from retros import sections
from retros.models import Change, Event, Revision, Role, SectionText
from tests.factories import make_member, make_user
from tests.promises.editing import Editor, Save
from tests.promises.writers import make_meeting

TARGET = "0 acknowledged texts missing, 0 silent overwrites, each 409 showed both; 20 editors x 200 saves on 5 sections, 5 kills"


@pytest.mark.promise("P9", TARGET)
def test_nobody_overwrites_anybody_silently(web, is_full, measured):
    runs = [(2, 200, 1), (5, 200, 1), (20, 200, 5)] if is_full else [(4, 8, 1)]
    site = web(app="tests.promises.unbounded:application")
    figures, wrong = [], list[str]()
    for editors, count, kills in runs:
        event = make_meeting([])
        people = [event.lead, make_member(event, make_user("Scribe"), Role.SCRIBE).user]
        slugs = list(sections.writable(event))[:5]
        windows = [Editor(people[n % 2], site.port, event=event, seed=n) for n in range(editors)]
        edit_and_kill(site, windows, slugs, count, kills)
        saves = [save for window in windows for save in window.saves]
        refused = sum(save.status == 409 for save in saves)
        figures.append(f"{editors} editors on {len(slugs)} sections: {len(saves) - refused} kept, {refused} refused")
        wrong += trouble(event, saves)
        assert len(saves) == editors * count
    measured(f"{'; '.join(figures)}; {len(wrong)} missing, overwritten or shown in part")
    assert wrong == []


def edit_and_kill(site, windows: list[Editor], slugs: list[str], count: int, kills: int) -> None:
    """Everybody at once; the web is killed so many times, spread over the saves."""
    threads = [threading.Thread(daemon=True, target=window.save_often, args=(slugs, count, 0.05)) for window in windows]
    for thread in threads:
        thread.start()
    for number in range(1, kills + 1):
        while sum(len(window.saves) for window in windows) < len(windows) * count * number // (kills + 1):
            time.sleep(0.02)
        site.kill()
        site.ready()
    for thread in threads:
        thread.join()


def trouble(event: Event, saves: list[Save]) -> list[str]:
    """What was kept or refused and is no revision; steps of the accepted line that leave one out; refusals that showed less
    than both texts."""
    wrong = []
    for slug in {save.slug for save in saves}:
        section = SectionText.objects.get(event=event, slug=slug)
        revisions = {row.number: row for row in Revision.objects.filter(section=section)}
        texts = {(row.text, row.base_number) for row in revisions.values()}
        for save in (save for save in saves if save.slug == slug):
            if (save.text, save.base) not in texts:
                wrong.append(f"{save.status}: no revision of {slug} holds {save.text[:40]}")
            if save.status == 409 and not shows_both(save, revisions[save.offered].text):
                wrong.append(f"409 of {slug} does not show both")
        wrong += silent(event, slug, revisions, section)
    assert {save.status for save in saves} <= {303, 409}
    return wrong


def shows_both(save: Save, theirs: str) -> bool:
    return all(" ".join(text.split()) in save.shown for text in (save.text, theirs))


def silent(event: Event, slug: str, revisions: dict[int, Revision], section: SectionText) -> list[str]:
    """Accepted revisions that did not start from the one accepted before; and a head that is not the last one accepted."""
    told = Change.objects.filter(event=event, what=f"wrote {slug}").values_list("detail", flat=True)
    line = sorted(detail["after"]["number"] for detail in told if detail)
    steps = [(0, line[0]), *pairwise(line)]
    wrong = [
        f"{slug}: {now} did not start from {before}" for before, now in steps if revisions[now].base_number != before
    ]
    is_head = section.number == line[-1] and section.text == revisions[line[-1]].text
    return wrong if is_head else [*wrong, f"{slug}: the head is not what was accepted last"]
