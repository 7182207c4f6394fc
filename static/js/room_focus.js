// Where the focus goes in the room. The news of one's own press may be quicker than its answer and bring the place anew: then what
// the answer would have set the focus to stands no longer on the page, and nothing has it.

import { aim, byId, idsAround, isAimed, on, restOf } from "./room_regions.js";

const aimIn = (box) => box && aim(box.querySelector("[data-heading],h2,h3,h4") ?? box, false);
on("htmx:beforeRequest", ({ detail: { xhr, elt, requestConfig } }) => {
  const form = elt.closest("form");
  if (requestConfig.verb !== "post" || !form || "peek" in elt.dataset) return;
  const { then } = form.dataset; // what comes next, whoever brings it
  const has = document.activeElement.form === form || form.contains(document.activeElement); // pressed by its key, nothing has it
  const place = (has || then) && form.closest(".part[id],#notes,#parked")?.id;
  const row = form.closest("li");
  const next = has ? [row?.id, ...idsAround(row)] : []; // the row itself, where it stays
  xhr.addEventListener("loadend", () => {
    if (xhr.status < 200 || xhr.status > 299) return;
    const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".in-new[id]");
    const land = () => {
      const at = document.activeElement; // whoever has gone on to another control meanwhile is left there
      if (at !== document.body && at.tabIndex >= 0 && !isAimed(at)) return;
      const found = [fresh?.id, then, ...next].filter(Boolean).map(byId).find((box) => box?.checkVisibility());
      if (found) aimIn(found);
      else if (place && at === document.body) aimIn(restOf(place));
    };
    setTimeout(land, 200);
    setTimeout(land, 700);
  });
});

// htmx gives the focus back while what is chosen there is not shown yet: what is hidden takes none.
let had = "";
on("htmx:beforeSwap", () => (had = document.activeElement.id));
on("htmx:afterSettle", () => queueMicrotask(() => had && document.activeElement === document.body && byId(had)?.focus({ preventScroll: true })));

// What opens over the room takes the focus, unless a field of it has asked for that; closed, it gives it back.
on("toggle", ({ target, newState }) => {
  if (newState !== "open" || !target.matches("[popover]") || target.contains(document.activeElement)) return;
  aim(target.querySelector("h2") ?? target, false);
}, true);
// The browser gives it back to what opened the sheet; what came anew meanwhile is another element, with the same id.
let opener = "";
// What is said while the sheet is open is said in it: behind it nobody could see, hear or press it.
const saysIn = (place) => place.append(byId("toast"), byId("say"));
on("click", (e) => {
  const link = e.target.closest("[data-dialog]");
  opener = link?.id ?? opener;
  if (link?.dataset.dialog === "sheet") saysIn(byId("sheet"));
}, true);
on("close", ({ target }) => {
  if (target.id === "sheet") {
    byId("sheet-body").replaceChildren(); // what is fetched next takes nobody's focus away
    saysIn(document.body);
  }
  if (document.activeElement === document.body) aimIn(byId(opener) ?? byId("stage"));
}, true);
