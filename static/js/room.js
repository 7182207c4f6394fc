// The room in the browser: follows the numbered frames, ticks the clocks, listens to keys. Regions and forms: room_regions; what the
// line did not take: room_unsent. Without script the page works by forms and reload.

import { bring, byId, drafts, fillOwn, make, on, onChange, outdated, own, room, say, settle, words } from "./room_regions.js";
import { back, signedOut } from "./room_unsent.js";
import { alive, anew, news, seen } from "./room_people.js";
import "./room_causes.js";
import "./room_focus.js";
import "./room_silent.js";
import "./room_steer.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
let seq = Number(words.seq);

// --- Connection: a stream; where it does not come through, questions -----------------------------
let source = null;
let timer = 0;
let polling = 0;
let tries = 0;
let isHeard = false; // this stream has brought something
let isLost = false;
let lastSign = Date.now();

let doubt = 0;
function mark(lost) {
  clearTimeout(doubt);
  if (lost === isLost) return;
  isLost = lost;
  byId("offline").textContent = lost ? words.lost : "";
  const live = byId("live");
  if (live) live.textContent = lost ? words.off : words.on;
  live?.classList.toggle("off", lost);
  if (!lost) say(words.back);
}
function sign() {
  if (isLost || !isHeard) back();
  lastSign = Date.now();
  mark(false);
}
function heard() {
  tries = 0;
  clearInterval(polling);
  polling = 0;
  sign();
  isHeard = true;
  alive();
}

// Another role or another state is another page, which on a phone is read from its head.
function begin() {
  scrollTo({ top: 0, behavior: "instant" });
  location.reload();
}
function connect() {
  clearTimeout(timer);
  source?.close();
  isHeard = false;
  source = new EventSource(`${words.stream}?after=${seq}&role=${words.role}&line=${anew()}`);
  source.addEventListener("beat", heard);
  source.addEventListener("change", (e) => { heard(); apply(JSON.parse(e.data)); });
  source.addEventListener("presence", (e) => { heard(); news(JSON.parse(e.data)); });
  for (const name of ["reset", "gone"]) source.addEventListener(name, begin);
  source.addEventListener("bye", (e) => { source.close(); isHeard = false; clearTimeout(timer); timer = setTimeout(connect, JSON.parse(e.data).retry); });
  source.onerror = () => failed();
  timer = setTimeout(() => isHeard || failed(2), 4000); // a proxy that holds the stream back opens it and brings nothing
}
function failed(times = 1) {
  source.close();
  isHeard = false;
  tries += times;
  clearTimeout(doubt);
  if (!polling) doubt = setTimeout(mark, navigator.onLine ? 800 : 0, true); // a server that starts anew is back before one notices
  if (!polling && tries >= 2) { polling = setInterval(ask, Math.max(1500, 15 * document.querySelectorAll("#people [data-person]").length)); poll(); } // a full room asks as often as a small one
  clearTimeout(timer);
  // Jitter keeps a whole room from coming back in the same moment.
  timer = setTimeout(connect, Math.min(8000, 500 * 2 ** Math.min(tries, 4)) * (0.6 + Math.random() * 0.8));
}
// Often while nothing comes through, so that a line that carries again is noticed; half as often once questions are answered.
const ask = () => (isLost || Date.now() - lastSign > 2500) && poll();
async function poll() {
  const answer = await fetch(`${words.poll}?after=${seq}&${seen(polling)}`, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(4000) }).catch(() => null); // in a dead line they would hang, and hold all the lines that a browser opens
  if (!answer || answer.status >= 500) return mark(true);
  if (answer.status === 401) return signedOut(answer);
  if (!answer.ok) return location.reload();
  if (answer.status === 200) apply(await answer.json());
  sign();
}
setInterval(() => { if (isHeard && Date.now() - lastSign > 29000) failed(); }, 5000); // two beats are missing
const wake = () => { if (!document.hidden && (!isHeard || Date.now() - lastSign > 20000)) connect(); };
on("visibilitychange", wake);
addEventListener("online", connect);
addEventListener("offline", () => failed());

// --- Frames -----------------------------------------------------------------------------------------------------------------
let isLeaving = false; // a form without htmx is taking its sender to another page
on("submit", (e) => setTimeout(() => { if (!e.defaultPrevented) { isLeaving = true; setTimeout(() => (isLeaving = false), 5000); } }));
on("submit", (e) => { // such a form would lead to the browser's own page about the missing line
  if (!isLost || e.defaultPrevented || e.target.method !== "post" || e.target.hasAttribute("hx-post")) return;
  e.preventDefault();
  say(words.lost);
});

function apply(frame) {
  if (frame.presence) news(frame.presence);
  if (frame.seq <= seq) return; // seen already, by a question and by the stream
  seq = frame.seq;
  // Another state is another page; so is the lobby after a change, and nobody writes there.
  const isLobby = words.state === "preparing" && document.activeElement === document.body && frame.topics.some((t) => ["event", "people", "all"].includes(t));
  if (frame.state !== words.state || isLobby) return isLeaving || begin();
  bring(frame.regions, frame.by);
  outdated(frame.topics);
}

// One voice: the step at once, notes gathered for a moment.
let step = byId("stage")?.dataset.step;
let notes = new Set();
let hush = 0;
const idsOf = () => new Set([...document.querySelectorAll(":is(#notes,#parked) li[id]")].map((li) => li.id));
function tell() {
  const fresh = [...document.querySelectorAll(":is(#notes,#parked) li[id]")].filter((li) => !notes.has(li.id) && !li.querySelector(`[data-by="${words.person}"]`));
  notes = idsOf();
  hush = 0;
  if (fresh.length > 1) say(`${fresh.length} new notes`);
  else if (fresh.length) say(`${fresh[0].querySelector(".fine").firstChild.textContent.split(",")[0]}: ${fresh[0].querySelector("p").textContent.slice(0, 140)}`);
}
let name = byId("name").textContent;
onChange(() => {
  tick();
  document.title = document.title.replace(name, () => (name = byId("name").textContent));
  const stage = byId("stage")?.dataset;
  if (stage && stage.step !== step) {
    say(`Now: ${stage.title}`);
    notes = idsOf();
  } else hush ||= setTimeout(tell, 700);
  step = stage?.step;
});
on("kept", () => {
  settle();
  tick();
  const at = seq;
  setTimeout(() => seq === at && poll(), 600); // the stream brings it; if not, ask
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
    else (clock.dataset.clock === "silent" ? countSilent : count)(clock, clock.dataset.planned - seconds, runs);
  }
}
function countSilent(clock, left) { // it only shows
  const text = minutes(Math.max(0, left));
  if (text === "00:00" && clock.textContent === "00:01") say("The time for writing is up. It goes on until the notes are shown.");
  clock.textContent = text;
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
  if (before.step === step) for (const [at, text] of MILESTONES) if (clock.dataset.planned > at && before.left > at && left <= at) say(text);
  before = { step, left };
}
setInterval(tick, 1000);

// --- Keys -----------------------------------------------------------------------------------------------------------------
on("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.closest("form")) { e.preventDefault(); e.target.closest("form").requestSubmit(); return; }
  // Out of a field, what is typed stays there: the keys of the room work again.
  if (e.key === "Escape" && e.target.matches(":is(#stage,.compose) :is(textarea,input,select)") && !e.isComposing) return byId("stage").focus({ preventScroll: true });
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input:not([type=radio]),textarea,select,dialog[open]") || localStorage.getItem("keys") === "off") return;
  const field = byId("note-text");
  if (e.key === "n" && field?.checkVisibility()) { e.preventDefault(); field.focus(); }
});

// On a phone the note field sticks above the foot, however high that is.
new ResizeObserver(([{ target }]) => room.style.setProperty("--foot", `${target.offsetHeight}px`)).observe(room.querySelector(".foot"));

// The list of keys begins with what this reader can press here and now.
function listKeys() {
  const list = document.querySelector("#keys dl");
  for (const old of list.querySelectorAll("[data-here]")) old.remove();
  const rows = [...document.querySelectorAll(".room [data-key]")].filter((b) => b.checkVisibility()).map((b) => [b.dataset.key, b]);
  if (byId("note-text")?.checkVisibility()) rows.unshift(["n", document.querySelector("label[for=note-text]")]);
  for (const [key, button] of rows.reverse()) {
    const says = button.cloneNode(true);
    for (const part of says.querySelectorAll("kbd,.vh")) part.remove();
    const row = [make("dt", {}, make("kbd", {}, key)), make("dd", {}, says.textContent.trim() || button.getAttribute("aria-label"))];
    for (const part of row) part.dataset.here = "";
    list.prepend(...row);
  }
}
on("keydown", (e) => e.key === "?" && listKeys(), true);
on("click", (e) => e.target.closest("[data-dialog=keys]") && listKeys(), true);

notes = idsOf();
own(document);
drafts(document);
fillOwn(document);
byId("live")?.removeAttribute("hidden"); // without script nothing here is live
tick();
connect();
