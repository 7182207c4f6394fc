// The regions of the room: brought up to date as frames come, and never under somebody's hands. What is typed and not kept stays.

export const room = document.getElementById("room");
export const words = room.dataset;
export const byId = (id) => document.getElementById(id);
export const on = (name, act, capture = false) => document.addEventListener(name, act, capture);
export const say = (text) => document.dispatchEvent(new CustomEvent("say", { detail: { text } }));
export const toast = (detail) => document.dispatchEvent(new CustomEvent("toast", { detail }));
export const make = (tag, properties, ...inside) => { const box = Object.assign(document.createElement(tag), properties); box.append(...inside); return box; };
const within = (root, id) => root.querySelector(`#${CSS.escape(id)}`);
const fragment = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
};

const FIELDS = "textarea,select,input:not([type=hidden])";
const isChanged = (f) =>
  f.matches("select") ? f.selectedIndex !== Math.max(0, [...f.options].findIndex((o) => o.defaultSelected))
  : f.matches("[type=radio],[type=checkbox]") ? f.checked !== f.defaultChecked
  : f.value !== f.defaultValue;
export const isTyped = (box) => [...box.querySelectorAll(FIELDS)].some(isChanged);

// --- Coming in: at once where it is quiet; in a burst ten times a second, each region as it is by then ---------------------
const coming = new Map(); // region id -> its newest html
const shown = new Map(); // region id -> the html that it shows, so that the same is not put twice
const after = []; // what other parts of the room do once regions have changed
let rest = 0;
let landed = -1e9;
let who;
export const onChange = (act) => after.push(act);
export function bring(regions, by = "") {
  who = by || "Somebody"; // never whose name came before
  for (const [id, html] of Object.entries(regions)) if (byId(id)) coming.set(id, html);
  if (!rest && coming.size) {
    const wait = landed + 100 - performance.now();
    if (wait > 0) rest = setTimeout(land, wait);
    else land();
  }
}
function land() {
  rest = 0;
  for (const [id, html] of coming) if (shown.get(id) !== html || waiting.has(id)) place(id, html);
  coming.clear();
  for (const act of after) act();
  landed = performance.now();
}
on("htmx:afterSwap", () => shown.clear());
// The answer to a form brings its part anew. Where another form is open there, or on its way, the news of it does so instead, which
// carries forms over.
on("htmx:beforeSwap", ({ detail }) => {
  const { target, xhr, requestConfig, shouldSwap } = detail;
  if (!shouldSwap || requestConfig.verb !== "post" || xhr.status > 299 || !target.matches(".part,.part-form")) return;
  const { elt, formData } = requestConfig;
  const sender = elt.closest(".part-form") ?? elt;
  const hasMore = sender.matches(".part-form") && [...elt.querySelectorAll("textarea:not([hidden])")].some((f) => f.value !== formData.get(f.name));
  if (!hasMore && (sender === target || ![...target.querySelectorAll(".part-form,.htmx-request")].some((box) => !sender.contains(box)))) return;
  detail.swapOverride = "none";
  if (hasMore) return; // what was typed while it was on its way stays open
  const at = document.activeElement;
  queueMicrotask(() => { // once its answer is read: what is said beside it finds its place from there
    if (sender.matches(".part-form")) close(elt);
    const rest = at.isConnected && at !== document.body ? at : restOf(target.id);
    aim(rest); // not in the other form, where the news would wait
  });
});

// --- A region that somebody is at waits, and says so beside what they write ---------------------------------------------------
const waiting = new Map(); // region id -> html that is shown once its form is left, or when asked for
const kept = new WeakSet(); // forms whose words are kept, until somebody types again
// A press begins and ends on the same button, or it is no press: what is being pressed is not replaced in between.
let held = null;
let letGo = 0; // a press that ends outside the window tells nobody
const release = () => { held = null; clearTimeout(letGo); settle(); };
const hold = (e) => { held = e.target; clearTimeout(letGo); letGo = setTimeout(release, 2000); };
on("pointerdown", hold, true);
on("keydown", (e) => e.key === " " && hold(e), true);
for (const name of ["pointerup", "pointercancel", "keyup"]) on(name, () => held && setTimeout(release), true);
// The note line closes once a press beside it has arrived: what is pressed stays under the finger.
on("pointerdown", ({ target }) => {
  const line = document.activeElement.closest(".compose .write");
  if (!line || line.contains(target)) return;
  line.classList.add("stays");
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(() => line.classList.remove("stays"), 400), { once: true });
}, true);
function isBusy(region) {
  if (held && region.contains(held)) return true;
  // An answer finds its place as it stood when it was asked for; and brings what stands beside it, perhaps from before this news.
  if ((region.id === "beside" ? byId("stage") : region).querySelector(".htmx-request")) return true;
  const form = document.activeElement?.closest("form");
  if (form && !kept.has(form) && region.contains(form) && form.querySelector("textarea,select,input:not([type=hidden],[type=radio],[type=checkbox])")) return form;
  const picked = getSelection(); // somebody marks words, to copy or to read them out
  return picked && !picked.isCollapsed && region.contains(picked.anchorNode);
}
export function place(id, html) {
  const old = byId(id);
  if (!old) return;
  const busy = isBusy(old);
  if (!busy) return swap(id, html);
  if (placeBeside(old, html)) {
    old.querySelector(`.changed[data-shows="${id}"]`)?.remove(); // the room has come back to here
    if (waiting.has(id)) waiting.set(id, html);
    return;
  }
  waiting.set(id, html);
  if (!busy.append || busy.closest("[popover]")) return; // what lies over the room hides what changed, and is soon closed
  const isOn = fragment(html).dataset.step !== old.dataset.step;
  const text = isOn ? "The room has gone on." : `${who} changed this.`;
  const before = busy.querySelector(".changed");
  if (before?.textContent.startsWith(text)) return;
  before?.remove();
  const bar = make("p", { className: "changed line fine" }, `${text} It is shown once you leave the form. `, make("button", { type: "button", className: "btn mini", textContent: "Show it now" }));
  bar.dataset.shows = id;
  busy.append(bar); // below what is written: nothing moves that is under the caret
  say(text);
}
on("click", (e) => {
  const id = e.target.closest(".changed button")?.parentElement.dataset.shows;
  if (!waiting.has(id)) return;
  const field = at.isConnected ? at : null;
  const caret = field && [field.selectionStart, field.selectionEnd];
  swap(id, waiting.get(id));
  field?.focus({ preventScroll: true });
  if (field?.isConnected && caret[0] !== null) field.setSelectionRange?.(...caret);
});
let at = document.body; // the field that was typed in last
on("focusin", (e) => { if (e.target.matches("textarea,input")) at = e.target; });

// The parts beside the form need not wait: the list grows while its next line is typed.
function placeBeside(old, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(old.id);
  const parts = [...(fresh?.querySelectorAll(".part[id]") ?? [])];
  if (!parts.length || fresh.dataset.step !== old.dataset.step || parts.some((part) => !byId(part.id))) return false;
  const quiet = parts.filter((part) => !isBusy(byId(part.id)));
  for (const part of quiet) swap(part.id, part.outerHTML);
  return quiet.length === parts.length;
}

function swap(id, html) {
  waiting.delete(id);
  shown.set(id, html);
  const old = byId(id);
  const fresh = fragment(html);
  const was = old.contains(document.activeElement) ? document.activeElement : null;
  const isSame = old.dataset.step === fresh.dataset.step;
  const scrolls = [old, ...old.querySelectorAll("[tabindex='0'],.scroll")].map((box) => [box.scrollTop, box.scrollLeft]);
  for (const bar of old.querySelectorAll(".changed")) bar.remove();
  carry(old, fresh);
  own(fresh);
  fresh.inert = old.inert;
  old.replaceWith(fresh);
  if (!isSame && !document.activeElement.matches("textarea,input,select")) scrollTo({ top: 0, behavior: "instant" }); // on a phone the page scrolls: another step begins at its head
  if (isSame) [fresh, ...fresh.querySelectorAll("[tabindex='0'],.scroll")].forEach((box, i) => scrolls[i] && box.scrollTo({ top: scrolls[i][0], left: scrolls[i][1], behavior: "instant" }));
  window.htmx?.process(fresh);
  drafts(fresh);
  fillOwn(fresh);
  if (!was) return;
  refocus(was, fresh);
  queueMicrotask(() => document.activeElement === document.body && refocus(was, fresh)); // what is chosen there is shown by now: what is hidden takes none
}
// Moves over what belongs to this reader: forms that were opened here, came back with both texts, or have something typed, with
// the version they began from; what is open or chosen; private regions that are filled.
function carry(old, fresh) {
  const lost = [];
  for (const box of old.querySelectorAll(".part-form,[data-carry],form")) {
    if (!old.contains(box) || lost.some((one) => one.contains(box)) || !(box.matches(".part-form,[data-again],:has([data-again])") || (isTyped(box) && ![box, ...box.querySelectorAll("form")].some((f) => kept.has(f))))) continue;
    const place = (box.id && within(fresh, box.id)) || (box.action && fresh.querySelector(`form[action="${box.getAttribute("action")}"]`));
    if (place) place.replaceWith(box);
    else lost.push(box), lose(box);
  }
  for (const box of old.querySelectorAll("[data-keep][id],details[id]")) {
    const again = within(fresh, box.id);
    if (again && "open" in box) again.open = box.open;
    for (const input of again ? box.querySelectorAll("input:checked") : []) { const same = input.id && within(fresh, input.id); if (same) same.checked = true; }
  }
  for (const place of fresh.querySelectorAll("[data-private][id]")) {
    const mine = within(old, place.id);
    if (mine && mine.dataset.private === place.dataset.private) place.replaceWith(mine);
  }
}
// What a form was about is gone, while somebody wrote there.
let lose = () => {};
export const onLoss = (act) => (lose = act);
let aimed = null;
export const isAimed = (spot) => spot === aimed; // it has the focus because that was put there, not because somebody went there
export function aim(spot, preventScroll = true) {
  aimed = spot;
  if (spot.tabIndex < 0) spot.tabIndex = -1;
  spot.focus({ preventScroll });
}
// What had the focus is done with: what to do next, or the heading of its place.
export function restOf(id) {
  const stage = byId("stage");
  return [byId(id), stage].flatMap((box) => [...(box?.querySelectorAll("[data-focus],h2,h3") ?? [])]).find((box) => box.checkVisibility()) ?? stage;
}
// Ids of the rows behind a row, then of those before it, nearest first.
export function idsAround(row) {
  const rows = [...(row?.parentElement.children ?? [])];
  const here = rows.indexOf(row);
  return [...rows.slice(here + 1), ...rows.slice(0, here).reverse()].map((next) => next.id);
}
function refocus(was, fresh) {
  let same = was.isConnected ? was : was.id && byId(was.id); // what had the focus, or where it stood
  const isThere = same && !isAimed(was);
  if (kept.has(was.form) && same?.form) kept.add(same.form); // the same form, come anew
  const row = was.closest("li[id],.it[id]");
  for (const id of row ? [row.id, ...idsAround(row)] : []) same ||= id && byId(id);
  same ||= fresh.closest("#stage,#notes,#parked") || !fresh.checkVisibility() ? restOf(was.closest(".part[id],#notes,#parked")?.id) : fresh;
  aim(same);
  if (isThere) aimed = null; // whoever goes on typing there stays
}
// A participant changes what they wrote themselves; the scribe and the facilitator change everything.
export function own(root) {
  if (document.body.classList.contains("may-contribute")) for (const tool of root.querySelectorAll(`[data-by="${words.person}"]`)) tool.removeAttribute("data-may");
}
export function settle() {
  for (const [id, html] of [...waiting]) {
    const region = byId(id);
    if (!region || isBusy(region)) continue;
    if (!("private" in region.dataset)) swap(id, html);
    else waiting.delete(id), fetchSoon(region, 0); // what came while it was busy does not know what was kept since
  }
}
on("focusout", () => setTimeout(settle, 150));
on("htmx:afterRequest", () => setTimeout(settle, 60)); // once htmx has settled: its last event must find its form on the page
// What was asked for before this answer does not know of it.
on("htmx:beforeSwap", ({ detail: { target } }) => {
  const region = target.closest("[data-private]");
  if (turn.delete(region?.id)) fetchSoon(region, 0);
});
on("selectionchange", () => waiting.size && getSelection().isCollapsed && setTimeout(settle, 150));

// --- Private regions: what differs by person is in no frame. Each browser fetches its own when a topic of it is named -----
const due = new Map(); // region id -> the timer of its next fetch
const turn = new Map(); // region id -> its newest fetch that is on its way: another answer that comes late is older news
function fetchSoon(region, ms = 30 + Math.random() * 370) { // a room of 500 does not come in one moment
  if (!due.has(region.id)) due.set(region.id, setTimeout(fetchOwn, ms, region.id));
}
async function fetchOwn(id) {
  due.delete(id); // what changes from here on asks again
  const region = byId(id);
  if (!region) return;
  const mine = {};
  turn.set(id, mine);
  const answer = await fetch(region.dataset.private, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || answer.status >= 500 || answer.status === 429) return fetchSoon(region, 3000 + Math.random() * 3000);
  const html = await answer.text();
  if (turn.get(id) !== mine) return;
  turn.delete(id);
  if (answer.status === 200) place(id, html);
  else if (answer.status !== 401) byId(id)?.replaceChildren(); // nothing here for this reader
}
export function outdated(topics) {
  for (const region of document.querySelectorAll("[data-private]"))
    if (topics.includes("all") || region.dataset.topics.split(",").some((topic) => topics.includes(topic))) fetchSoon(region);
}
// An empty one is a placeholder, whether it came with the page or with a pushed region around it.
export function fillOwn(root) {
  for (const region of root.querySelectorAll("[data-private]")) if (!region.firstElementChild) fetchSoon(region, 0);
}

// --- Drafts: what is typed and not kept stays in this browser, per person, with the version it began from -----------------
const draftKey = (form) => `draft:${words.person}:${location.pathname}:${form.dataset.draft}`;
const baseOf = (form) => form.querySelector("[name=base],[name=version]");
const wordsOf = (form) => form.querySelector("textarea:not([hidden])"); // beside two texts that differ, the one that is typed in
export const forget = (form) => localStorage.removeItem(draftKey(form));
function remember(form) {
  const field = wordsOf(form);
  if (!field) return;
  if (field.value && field.value !== field.defaultValue || form.hasAttribute("data-again")) localStorage.setItem(draftKey(form), JSON.stringify({ text: field.value, base: baseOf(form)?.value }));
  else forget(form);
}
export function drafts(root) {
  for (const form of root.querySelectorAll?.("form[data-draft]") ?? []) {
    const field = wordsOf(form);
    if (form.hasAttribute("data-again")) { remember(form); continue; } // came back with both texts: newer than the draft
    const draft = JSON.parse(localStorage.getItem(draftKey(form)) ?? "null");
    if (!draft || !field || field.value !== field.defaultValue || draft.text === field.value) continue;
    field.value = draft.text;
    if (draft.base !== undefined && baseOf(form)) baseOf(form).value = draft.base;
    const box = form.closest("details");
    if (box) box.open = true;
  }
}
on("input", (e) => {
  const { form } = e.target;
  kept.delete(form);
  if (form?.dataset.draft) remember(form);
});
// A form was kept: its words are drafts no more, unless something was typed meanwhile.
export function done(form, gone) {
  const texts = [...form.querySelectorAll("textarea")];
  if (form.hasAttribute("data-agree")) document.body.classList.add("has-agreed");
  if (texts.some((f) => f.value !== gone.get(f.name) && f.value !== f.defaultValue)) return false;
  if (form.dataset.draft) forget(form);
  for (const field of texts) if (!form.hasAttribute("data-reset")) field.defaultValue = field.value;
  form.removeAttribute("data-again");
  kept.add(form);
  // The text shows again where it stood, and its writer goes on with the room.
  const text = form.closest("details.writes");
  if (text) {
    text.open = false;
    if (form.contains(document.activeElement)) text.querySelector("summary").focus();
  }
  return true;
}
on("htmx:load", (e) => { own(e.detail.elt); drafts(e.detail.elt); });
// A form that was opened in place makes way for the empty slot that it replaced.
export function close(form) {
  const box = form.closest(".part-form");
  forget(form);
  box?.replaceWith(make("div", { id: box.id }));
}
on("click", (e) => {
  const form = e.target.closest("[data-cancel]")?.closest(".part-form")?.querySelector("form");
  if (!form) return;
  forget(form);
  setTimeout(settle);
});
