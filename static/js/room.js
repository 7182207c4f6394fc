// The room in the browser: follows the numbered frames, swaps regions, never touches what somebody is writing.
// Without it the page works by forms and reload.

const room = document.getElementById("room");
const words = room.dataset;
let seq = Number(words.seq);
let source = null;
let tries = 0;
let lastSign = Date.now();
let polling = 0;
const waiting = new Map(); // region id -> html that waits until its field is left
const say = (text) => document.dispatchEvent(new CustomEvent("say", { detail: { text } }));

// --- Connection -------------------------------------------------------------------------------------------------------
const bar = document.getElementById("offline");
function lost() {
  if (bar.textContent) return;
  bar.textContent = words.lost;
  document.getElementById("live")?.classList.add("off");
}
function found() {
  lastSign = Date.now();
  tries = 0;
  clearInterval(polling);
  polling = 0;
  if (!bar.textContent) return;
  bar.textContent = "";
  document.getElementById("live")?.classList.remove("off");
  say(words.back);
}

function connect() {
  source?.close();
  source = new EventSource(`${words.stream}?after=${seq}`);
  source.onopen = found;
  source.addEventListener("change", (e) => { found(); apply(JSON.parse(e.data)); });
  source.addEventListener("reset", () => location.reload());
  source.addEventListener("gone", () => { source.close(); location.reload(); });
  source.addEventListener("bye", (e) => { source.close(); setTimeout(connect, JSON.parse(e.data).retry); });
  source.onerror = () => {
    source.close();
    lost();
    tries += 1;
    // Jitter keeps a whole room from coming back in the same moment.
    setTimeout(connect, Math.min(8000, 500 * 2 ** Math.min(tries, 4)) * (0.6 + Math.random() * 0.8));
    if (tries >= 3 && !polling) polling = setInterval(poll, 3000);
  };
}

async function poll() {
  const answer = await fetch(`${words.poll}?after=${seq}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer) return;
  if (answer.status === 401 || answer.status === 404) return location.reload();
  if (answer.status === 200) apply(await answer.json());
  if (answer.ok) { bar.textContent = ""; }
}
const wake = () => { if (!document.hidden && (!source || source.readyState === EventSource.CLOSED)) connect(); };
document.addEventListener("visibilitychange", wake);
window.addEventListener("online", connect);

// --- Regions ----------------------------------------------------------------------------------------------------------
function apply(frame) {
  if (frame.seq < seq) return; // seen already
  const before = document.getElementById("stage")?.dataset.step;
  seq = frame.seq;
  for (const [id, html] of Object.entries(frame.regions)) place(id, html);
  const stage = document.getElementById("stage");
  if (!before && stage?.dataset.step) location.reload(); // the room was opened: the whole page is another one
  if (document.getElementById("ctl") && !document.querySelector("#ctl .clock") && words.state === "meeting") location.reload();
  if (stage && before && stage.dataset.step !== before) say(`Now: ${stage.dataset.title}`);
}

function place(id, html) {
  const old = document.getElementById(id);
  if (!old) return;
  if (isBusy(old)) {
    if (!placeParts(html) && !waiting.has(id)) say(words.changed);
    waiting.set(id, html);
    old.dataset.changed = words.changed;
    return;
  }
  swap(id, html);
}

const isBusy = (region) => (region.contains(document.activeElement) && document.activeElement.matches("input:not([type=hidden]),textarea,select")) || isWriting(region);

// Parts beside the one in which somebody writes need not wait: the list grows while the next line is typed.
function placeParts(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const free = [...template.content.querySelectorAll(".part[id]")].filter((part) => { const mine = document.getElementById(part.id); return mine && !isBusy(mine); });
  for (const part of free) swap(part.id, part.outerHTML);
  return free.length;
}

function isWriting(region) {
  return [...region.querySelectorAll("textarea,input[type=text]")].some((f) => f.value !== f.defaultValue);
}

function swap(id, html) {
  const old = document.getElementById(id);
  const kept = [...old.querySelectorAll("[data-keep]")].map((e) => [e.id, e.open, [...e.querySelectorAll("input:checked")].map((i) => i.id)]);
  const scroll = old.scrollTop;
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const fresh = template.content.firstElementChild;
  for (const script of fresh.querySelectorAll("script")) script.remove();
  old.replaceWith(fresh);
  fresh.scrollTop = scroll;
  for (const [key, open, checked] of kept) {
    const again = key && document.getElementById(key);
    if (again && open !== undefined) again.open = open;
    for (const input of checked) { const box = document.getElementById(input); if (box) box.checked = true; }
  }
  window.htmx?.process(fresh);
  drafts(fresh);
  tick();
}

document.addEventListener("focusout", () => setTimeout(() => {
  for (const [id, html] of [...waiting]) {
    const region = document.getElementById(id);
    if (!region || region.contains(document.activeElement) || isWriting(region)) continue;
    waiting.delete(id);
    swap(id, html);
  }
}, 150));
document.addEventListener("htmx:afterRequest", (e) => {
  if (!e.detail.successful || "peek" in e.detail.elt.dataset) return;
  const form = e.detail.elt.closest?.("form");
  if (form?.dataset.draft) localStorage.removeItem(draftKey(form));
  if (form?.hasAttribute("data-agree")) document.body.classList.add("has-agreed");
  for (const id of waiting.keys()) if (form && document.getElementById(id)?.contains(form)) { swap(id, waiting.get(id)); waiting.delete(id); }
});

// --- Clocks: counted on the server, ticked here ---------------------------------------------------------------------------
const since = new WeakMap();
const spoken = new Set();
const two = (n) => String(n).padStart(2, "0");
function tick() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    if (!since.has(clock)) since.set(clock, Date.now());
    const ran = "runs" in clock.dataset ? Math.round((Date.now() - since.get(clock)) / 1000) : 0;
    const seconds = Number(clock.dataset.seconds) + ran;
    if (clock.dataset.clock === "up") { clock.textContent = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`; continue; }
    const left = Number(clock.dataset.planned) - seconds;
    clock.textContent = `${left < 0 ? "+" : ""}${two(Math.floor(Math.abs(left) / 60))}:${two(Math.abs(left) % 60)}`;
    clock.classList.toggle("over", left < 0);
    const step = document.getElementById("stage")?.dataset.step;
    for (const [at, text] of [[300, "Five minutes left"], [60, "One minute left"], [0, "Time is up. The step goes on until the facilitator moves it."]])
      if (left === at && !spoken.has(`${step}${at}`)) { spoken.add(`${step}${at}`); say(text); }
  }
}
setInterval(tick, 1000);

// --- Drafts: what is typed and not kept stays in this browser, per person -------------------------------------------------
const draftKey = (form) => `draft:${words.person}:${location.pathname}:${form.dataset.draft}`;
function drafts(root) {
  for (const form of root.querySelectorAll("form[data-draft]")) {
    const field = form.querySelector("textarea");
    const kept = localStorage.getItem(draftKey(form));
    if (field && kept && field.value === field.defaultValue) { field.value = kept; const box = field.closest("details"); if (box) box.open = true; }
  }
}
document.addEventListener("input", (e) => {
  const form = e.target.closest("form[data-draft]");
  if (form && e.target.matches("textarea")) e.target.value ? localStorage.setItem(draftKey(form), e.target.value) : localStorage.removeItem(draftKey(form));
});
document.addEventListener("submit", (e) => { if (e.target.dataset?.draft && !e.target.hasAttribute("hx-post")) localStorage.removeItem(draftKey(e.target)); });

// --- Keys -----------------------------------------------------------------------------------------------------------------
document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.closest("form")) { e.preventDefault(); e.target.closest("form").requestSubmit(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,textarea,select,dialog[open]") || localStorage.getItem("keys") === "off") return;
  const button = document.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
  if (button && button.offsetParent) { e.preventDefault(); button.click(); }
  if (e.key === "n") { const field = document.getElementById("note-text"); if (field?.offsetParent) { e.preventDefault(); field.focus(); } }
});

tick();
drafts(document);
connect();
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
if (words.state === "meeting") fetch(words.attend, { method: "POST", headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => {});
