// Numbers of what is sealed (silent notes, answers): that is no change, so no frame brings them; they are asked for every few seconds,
// in a large room less often.

import { byId, on } from "./room_regions.js";

const asked = new Map(); // id -> when its number was asked for last

function tick() {
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
