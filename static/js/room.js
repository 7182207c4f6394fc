// The room in the browser: follows the numbered frames, swaps regions, never touches what somebody is writing.
// Without it the page works by forms and reload.

const room = document.getElementById("room");
const words = room.dataset;
const byId = (id) => document.getElementById(id);
const say = (text) => document.dispatchEvent(new CustomEvent("say", { detail: { text } }));
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
let seq = Number(words.seq);

// --- Connection: a stream; where it does not come through, a question every three seconds -----------------------------
let source = null;
let timer = 0;
let polling = 0;
let tries = 0;
let isHeard = false; // this stream has brought something
let isLost = false;
let lastSign = Date.now();

function mark(lost) {
  if (lost === isLost) return;
  isLost = lost;
  byId("offline").textContent = lost ? words.lost : "";
  const live = byId("live");
  if (live) live.textContent = lost ? words.off : words.on;
  live?.classList.toggle("off", lost);
  if (!lost) say(words.back);
}
function sign() {
  lastSign = Date.now();
  mark(false);
}
function heard() {
  isHeard = true;
  tries = 0;
  clearInterval(polling);
  polling = 0;
  sign();
}

function connect() {
  clearTimeout(timer);
  source?.close();
  isHeard = false;
  source = new EventSource(`${words.stream}?after=${seq}&role=${words.role}`);
  source.addEventListener("beat", heard);
  source.addEventListener("change", (e) => { heard(); apply(JSON.parse(e.data)); });
  source.addEventListener("reset", () => location.reload());
  source.addEventListener("gone", () => { source.close(); location.reload(); });
  source.addEventListener("bye", (e) => { source.close(); isHeard = false; clearTimeout(timer); timer = setTimeout(connect, JSON.parse(e.data).retry); });
  source.onerror = failed;
  timer = setTimeout(() => isHeard || failed(), 8000); // a proxy that holds the stream back opens it and brings nothing
}
function failed() {
  source.close();
  isHeard = false;
  tries += 1;
  if (!polling) mark(true);
  if (!polling && tries >= 2) { polling = setInterval(poll, 3000); poll(); }
  clearTimeout(timer);
  // Jitter keeps a whole room from coming back in the same moment.
  timer = setTimeout(connect, Math.min(8000, 500 * 2 ** Math.min(tries, 4)) * (0.6 + Math.random() * 0.8));
}
async function poll() {
  const answer = await fetch(`${words.poll}?after=${seq}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || answer.status >= 500) return mark(true);
  if (!answer.ok) return location.reload();
  if (answer.status === 200) apply(await answer.json());
  sign();
}
setInterval(() => { if (isHeard && Date.now() - lastSign > 35000) failed(); }, 5000);
const wake = () => { if (!document.hidden && (!isHeard || Date.now() - lastSign > 20000)) connect(); };
document.addEventListener("visibilitychange", wake);
window.addEventListener("online", connect);

// --- Regions ----------------------------------------------------------------------------------------------------------
const waiting = new Map(); // region id -> html that waits until its form is left
let isLeaving = false; // a form without htmx is taking its sender to another page
document.addEventListener("submit", (e) => setTimeout(() => { if (!e.defaultPrevented) { isLeaving = true; setTimeout(() => (isLeaving = false), 5000); } }));
const FIELDS = "textarea,select,input:not([type=hidden],[type=radio],[type=checkbox])";

function apply(frame) {
  if (frame.seq < seq) return; // seen already
  seq = frame.seq;
  // Another state is another page; so is the lobby after a change, and nobody writes there.
  const isLobby = words.state === "preparing" && document.activeElement === document.body && frame.topics.some((t) => ["event", "people", "all"].includes(t));
  if (frame.state !== words.state || isLobby) return isLeaving || location.reload();
  const notes = new Set([...document.querySelectorAll("#notes li")].map((li) => li.id));
  const step = byId("stage")?.dataset.step;
  for (const [id, html] of Object.entries(frame.regions)) place(id, html);
  outdated(frame.topics);
  const title = new DOMParser().parseFromString(frame.regions.stage ?? "", "text/html").getElementById("stage")?.dataset;
  if (title && title.step !== step) return say(`Now: ${title.title}`);
  const fresh = [...document.querySelectorAll("#notes li")].find((li) => !notes.has(li.id));
  if (fresh) say(`${fresh.querySelector(".fine").firstChild.textContent.split(",")[0]}: ${fresh.querySelector("p").textContent.slice(0, 140)}`);
}

const kept = new WeakSet(); // forms whose words are kept, until somebody types again
function isWriting(region) {
  const form = document.activeElement?.closest("form");
  return Boolean(form && !kept.has(form) && region.contains(form) && form.querySelector(FIELDS));
}
function place(id, html) {
  const old = byId(id);
  if (!old) return;
  if (!isWriting(old)) return swap(id, html);
  if (placeBeside(old, html)) return;
  // A line and a toast, nothing that moves what is under the pointer.
  if (!waiting.has(id)) document.dispatchEvent(new CustomEvent("toast", { detail: { text: words.changed } }));
  waiting.set(id, html);
  old.dataset.waits = "";
}

// The parts beside the form need not wait: the list grows while its next line is typed.
function placeBeside(old, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(old.id);
  const parts = [...(fresh?.querySelectorAll(".part[id]") ?? [])];
  if (!parts.length || fresh.dataset.step !== old.dataset.step || parts.some((part) => !byId(part.id) || isWriting(byId(part.id)))) return false;
  for (const part of parts) swap(part.id, part.outerHTML);
  return true;
}

const isTyped = (box) => [...box.querySelectorAll(FIELDS)].some((f) => (f.matches("select") ? [...f.options].some((o) => o.selected !== o.defaultSelected) : f.value !== f.defaultValue));
function swap(id, html) {
  waiting.delete(id);
  const old = byId(id);
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const fresh = template.content.firstElementChild;
  const was = old.contains(document.activeElement) ? document.activeElement : null;
  const { scrollTop, scrollLeft } = old;
  // Forms that were opened here or came back with both texts, and fields with something typed, move over as they are:
  // their words and the version they began from.
  for (const box of old.querySelectorAll(".part-form,[data-carry]"))
    if (box.id && (box.matches(".part-form,:has([data-again])") || isTyped(box))) fresh.querySelector(`#${CSS.escape(box.id)}`)?.replaceWith(box);
  for (const box of old.querySelectorAll("[data-keep][id]")) {
    const again = fresh.querySelector(`#${CSS.escape(box.id)}`);
    if (again && "open" in box) again.open = box.open;
    for (const input of again ? box.querySelectorAll("input:checked") : []) { const same = fresh.querySelector(`#${CSS.escape(input.id)}`); if (same) same.checked = true; }
  }
  for (const place of fresh.querySelectorAll("[data-private][id]")) {
    const mine = old.querySelector(`#${CSS.escape(place.id)}`);
    if (mine && mine.dataset.private === place.dataset.private) place.replaceWith(mine); // filled already; its topics bring it anew
  }
  own(fresh);
  old.replaceWith(fresh);
  fillOwn(fresh);
  if (old.dataset.step === fresh.dataset.step) fresh.scrollTo({ top: scrollTop, left: scrollLeft, behavior: "instant" });
  window.htmx?.process(fresh);
  drafts(fresh);
  tick();
  if (!was) return;
  const same = was.isConnected ? was : (was.id && byId(was.id)) || fresh; // what had the focus, or where it stood
  if (same.tabIndex < 0) same.tabIndex = -1;
  same.focus({ preventScroll: true });
}
// --- Private regions: what differs by person is in no frame. Each browser fetches its own when a topic of it is named -----
const due = new Map(); // region id -> the timer of its next fetch
function fetchSoon(region, ms = 30 + Math.random() * 370) { // a room of 500 does not come in one moment
  if (!due.has(region.id)) due.set(region.id, setTimeout(fetchOwn, ms, region.id));
}
async function fetchOwn(id) {
  due.delete(id); // what changes from here on asks again
  const region = byId(id);
  if (!region) return;
  const answer = await fetch(region.dataset.private, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || answer.status >= 500 || answer.status === 429) return fetchSoon(region, 3000 + Math.random() * 3000);
  if (answer.status === 200) place(id, await answer.text());
  else if (answer.status !== 401) byId(id)?.replaceChildren(); // nothing here for this reader
}
function outdated(topics) {
  for (const region of document.querySelectorAll("[data-private]"))
    if (topics.includes("all") || region.dataset.topics.split(",").some((topic) => topics.includes(topic))) fetchSoon(region);
}
// An empty one is a placeholder, whether it came with the page or with a pushed region around it.
function fillOwn(root) {
  for (const region of root.querySelectorAll("[data-private]")) if (!region.firstElementChild) fetchSoon(region, 0);
}

// A participant changes what they wrote themselves; the scribe and the facilitator change everything.
function own(root) {
  if (document.body.classList.contains("may-contribute")) for (const tool of root.querySelectorAll(`[data-by="${words.person}"]`)) tool.removeAttribute("data-may");
}
function settle() {
  for (const [id, html] of [...waiting]) if (byId(id) && !isWriting(byId(id))) swap(id, html);
}
document.addEventListener("focusout", () => setTimeout(settle, 150));

// --- Forms --------------------------------------------------------------------------------------------------------------
document.addEventListener("htmx:beforeSwap", (e) => {
  const { target } = e.detail;
  if (!target.isConnected && target.id) e.detail.target = byId(target.id) ?? target; // the region changed while the answer was under way
});
document.addEventListener("htmx:beforeRequest", (e) => {
  const { xhr, elt, requestConfig } = e.detail;
  if (requestConfig.verb !== "post" || "peek" in elt.dataset) return;
  const form = elt.closest("form");
  // By loadend, because the stream may be quicker than the answer, and then the form is no longer on the page.
  xhr.addEventListener("loadend", () => xhr.status >= 200 && xhr.status < 300 && done(form, requestConfig.formData));
});
function done(form, gone) {
  const texts = [...(form?.querySelectorAll("textarea") ?? [])];
  if (form?.hasAttribute("data-agree")) document.body.classList.add("has-agreed");
  if (form && texts.every((f) => f.value === gone.get(f.name) || f.value === f.defaultValue)) { // nothing was typed meanwhile
    if (form.dataset.draft) localStorage.removeItem(draftKey(form));
    for (const field of texts) if (!form.hasAttribute("data-reset")) field.defaultValue = field.value;
    form.removeAttribute("data-again");
    kept.add(form);
  }
  settle();
  const at = seq;
  setTimeout(() => seq === at && poll(), 600); // the stream brings it; if not, ask
}
document.addEventListener("htmx:load", (e) => { own(e.detail.elt); drafts(e.detail.elt); });
document.addEventListener("click", (e) => {
  const form = e.target.closest("[data-cancel]")?.closest(".part-form");
  if (!form) return;
  localStorage.removeItem(draftKey(form.querySelector("form")));
  settle();
});

// --- Drafts: what is typed and not kept stays in this browser, per person, with the version it began from -----------------
const draftKey = (form) => `draft:${words.person}:${location.pathname}:${form.dataset.draft}`;
const baseOf = (form) => form.querySelector("[name=base],[name=version]");
function remember(form) {
  const field = form.querySelector("textarea");
  if (!field) return;
  if (field.value && field.value !== field.defaultValue || form.hasAttribute("data-again")) localStorage.setItem(draftKey(form), JSON.stringify({ text: field.value, base: baseOf(form)?.value }));
  else localStorage.removeItem(draftKey(form));
}
function drafts(root) {
  for (const form of root.querySelectorAll?.("form[data-draft]") ?? []) {
    const field = form.querySelector("textarea");
    if (form.hasAttribute("data-again")) { remember(form); continue; } // came back with both texts: newer than the draft
    const draft = JSON.parse(localStorage.getItem(draftKey(form)) ?? "null");
    if (!draft || !field || field.value !== field.defaultValue || draft.text === field.value) continue;
    field.value = draft.text;
    if (draft.base !== undefined && baseOf(form)) baseOf(form).value = draft.base;
    const box = form.closest("details");
    if (box) box.open = true;
  }
}
document.addEventListener("input", (e) => {
  kept.delete(e.target.form);
  const form = e.target.closest("form[data-draft]");
  if (form && e.target.matches("textarea")) remember(form);
});

// --- Clocks: counted on the server, ticked here ---------------------------------------------------------------------------
const since = new WeakMap();
const MILESTONES = [[300, "Five minutes left"], [60, "One minute left"], [0, "Time is up. The step goes on until the facilitator moves it."]];
let before = {};
const two = (n) => String(n).padStart(2, "0");
const minutes = (n) => `${two(Math.floor(n / 60))}:${two(n % 60)}`;
function tick() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    if (!since.has(clock)) since.set(clock, Date.now());
    const runs = "runs" in clock.dataset;
    const seconds = Number(clock.dataset.seconds) + (runs ? Math.round((Date.now() - since.get(clock)) / 1000) : 0);
    if (clock.dataset.clock === "up") clock.textContent = `${two(Math.floor(seconds / 3600))}:${minutes(seconds % 3600)}`;
    else count(clock, Number(clock.dataset.planned) - seconds, runs);
  }
}
function count(clock, left, runs) {
  const whole = Math.round(clock.dataset.planned / 60);
  clock.textContent = (left < 0 ? "+" : "") + minutes(Math.abs(left));
  clock.classList.toggle("over", left < 0);
  if (!runs) return;
  byId("ctl-left").textContent = `${left < 0 ? "over" : "left of"} ${whole} min`;
  const here = document.querySelector(".agenda .here small");
  if (here) here.textContent = `${minutes(Math.abs(left))} ${left < 0 ? "over" : "left of"} ${whole} min`;
  const step = byId("stage")?.dataset.step;
  if (before.step === step) for (const [at, text] of MILESTONES) if (before.left > at && left <= at) say(text);
  before = { step, left };
}
setInterval(tick, 1000);

// --- Keys -----------------------------------------------------------------------------------------------------------------
document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.closest("form")) { e.preventDefault(); e.target.closest("form").requestSubmit(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,textarea,select,dialog[open]") || localStorage.getItem("keys") === "off") return;
  const field = byId("note-text");
  if (e.key === "n" && field?.checkVisibility()) { e.preventDefault(); field.focus(); }
});

own(document);
drafts(document);
fillOwn(document);
tick();
connect();
if (words.state === "meeting") fetch(words.attend, { method: "POST", headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => {});
