// Where the focus goes in the room. The news of one's own press may be quicker than its answer and bring the place anew: then what
// the answer would have set the focus to stands no longer on the page, and nothing has it.

import { aim, byId, idsAround, isAimed, on, restOf } from "./room_regions.js";

const aimIn = (box) => box && aim(box.querySelector("[data-heading],h2,h3,h4") ?? box, false);
on("htmx:beforeRequest", ({ detail: { xhr, elt, requestConfig } }) => {
  const form = elt.closest("form");
  if (requestConfig.verb !== "post" || !form || "peek" in elt.dataset) return;
  const { then } = form.dataset; // what comes next, whoever brings it
  const has = document.activeElement.form === form || form.contains(document.activeElement); // pressed by its key, nothing has it
  const place = (has || then) && form.closest(".part[id],#notes,#parked,#stage")?.id;
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

// A text that is opened is written in.
on("click", ({ target }) => {
  const box = target.closest("details.writes>summary")?.parentElement;
  if (box && !box.open) setTimeout(() => box.querySelector("textarea").focus());
});

// The browser gives the focus back to what opened a sheet, if it is there still: what came anew meanwhile is another element, with the
// same id; and if the sheet has it: behind its last control nobody has.
let opener = "";
function giveBack() {
  const at = document.activeElement; // for a moment still what is shown no more
  if (at === document.body || !at.checkVisibility()) aimIn([opener, "to-pane", "stage"].map(byId).find((box) => box?.checkVisibility()));
}
// What opens over the room takes the focus, unless a field of it has asked for that; closed, it gives it back.
on("toggle", ({ target, newState }) => {
  if (!target.matches("[popover]")) return;
  if (newState !== "open") giveBack();
  else if (!target.contains(document.activeElement)) aim(target.querySelector("h2") ?? target, false);
}, true);
// What is said while a sheet is open is said in it: behind it nobody could see, hear or press it.
const saysIn = (place) => place.append(byId("toast"), byId("say"));
// People and notes lie over the room on a phone: a popover, which needs no script, and with it they are a dialog.
on("beforetoggle", ({ target, newState }) => {
  if (target.id !== "pane") return;
  const isOpen = newState === "open";
  target.role = isOpen ? "dialog" : null;
  for (const box of document.querySelectorAll(".skip,.room>:not(.flank),.flank>:not(.pane)")) box.inert = isOpen;
  saysIn(isOpen ? target : document.body);
}, true);
// A phone that is turned may be wide enough to show them beside the room: nothing lies over it any more.
addEventListener("resize", () => byId("to-pane").checkVisibility() || byId("pane").hidePopover());
on("click", (e) => {
  const link = e.target.closest("[data-dialog],[popovertarget]:not([popovertargetaction])");
  opener = link?.id ?? opener;
  if (link?.dataset.dialog === "sheet") saysIn(byId("sheet"));
});
on("close", ({ target }) => {
  if (target.id === "sheet") {
    byId("sheet-body").replaceChildren(); // what is fetched next takes nobody's focus away
    saysIn(document.body);
  }
  giveBack();
}, true);
