"""The question that luck is asked, by the browser."""

from django.test import Client

from retros.models import RoomNote, WentWell


def press(cast, role, item, answer, **more):
    client = Client()
    client.force_login(getattr(cast, role))
    return client.post(f"/e/{cast.event.code}/analysis/well/{item.pk}/luck/", {"answer": answer}, **more)


def test_one_press_parks_luck_and_another_asks_again(cast):
    item = WentWell.objects.create(event=cast.event, kind="luck", text="Femi knew the order by heart")
    page = press(cast, "scribe", item, "parked", headers={"HX-Request": "true"}).content.decode()
    assert "Parked for the actions" in page
    assert RoomNote.objects.kept().get().text == "Make it design: Femi knew the order by heart"
    answer = press(cast, "scribe", item, "again")
    assert (answer.status_code, answer.url) == (303, f"/e/{cast.event.code}/analysis/#part-well")
    assert not RoomNote.objects.kept().exists()
    press(cast, "scribe", item, "nonsense")
    item.refresh_from_db()
    assert item.luck_answer == ""
    assert press(cast, "participant", item, "fine").status_code == 403
