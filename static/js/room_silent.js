// Silent writing: its clock, which only shows. Numbers of what is sealed (notes, answers): that is no change, so no frame brings
// them; they are asked for every few seconds, in a large room less often.

import { byId, on, say } from "./room_regions.js";

const since = new WeakMap();
const two = (n) => String(n).padStart(2, "0");
const asked = new Map(); // id -> when its number was asked for last

function tick() {
  for (const clock of document.querySelectorAll("[data-silent-clock]")) {
    if (!since.has(clock)) since.set(clock, Date.now());
    const left = Math.max(0, Number(clock.dataset.planned) - Number(clock.dataset.seconds) - Math.round((Date.now() - since.get(clock)) / 1000));
    const text = `${two(Math.floor(left / 60))}:${two(left % 60)}`;
    if (text === "00:00" && clock.textContent === "00:01") say("The time for writing is up. It goes on until the notes are shown.");
    clock.textContent = text;
  }
  for (const count of document.querySelectorAll("[data-again-in]")) {
    if (!asked.has(count.id)) asked.set(count.id, Date.now());
    if (!document.hidden && Date.now() - asked.get(count.id) > Number(count.dataset.againIn) * 1000) ask(count);
  }
}
async function ask(count) {
  asked.set(count.id, Date.now() + Math.random() * 500);
  const answer = await fetch(count.dataset.from, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || !count.isConnected) return; // the next one brings it
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(count.id);
  if (fresh && fresh.innerHTML !== count.innerHTML) count.replaceChildren(...fresh.childNodes);
}
setInterval(tick, 1000);

// An action that answers a factor or a cause: the line is chosen for it.
on("click", (e) => {
  const link = e.target.closest("a[data-answers]");
  const select = link && byId(link.dataset.answers);
  if (!select) return;
  e.preventDefault();
  select.value = link.dataset.value;
  select.closest("details")?.setAttribute("open", "");
  byId("line_title").focus();
});
