// Who is here, who writes, whose hand is up: small news beside the numbered changes. And this page's own signs of life.

import { bring, byId, on, onChange, say, toast, words } from "./room_regions.js";

const me = Number(words.person);
const page = Math.random().toString(36).slice(2);
let here = null; // nothing is known before the first news: what the page says stands
let writing = new Set();
let hands = new Set();
let floor = null;
let tag = "";
let line = page;
let lines = 0;
let answered = 0;

const tell = (address, more) => fetch(address, {
  method: "POST",
  headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content ?? "", "HX-Request": "true" },
  body: new URLSearchParams({ line, ...more }),
}).catch(() => {});

// Each connection has a name, so that the end of one is not taken for the end of the next.
export const anew = () => (line = `${page}-${lines++}`);
export function seen(isPolling) {
  if (isPolling) line = page;
  alive();
  return `line=${line}&seen=${tag}`;
}
// What comes proves that the line brings; the answer, that the page still hears. A hidden page hears too, while its timers sleep.
export function alive() {
  if (Date.now() - answered < 20000) return;
  setTimeout(tell, answered ? 0 : 2000, words.attend); // first what is looked at: that somebody came, the line itself says
  answered = Date.now();
}

// The floor concerns everybody, a raised hand the one who gives it. What stood before this page came is read, not said.
const called = (id) => document.querySelector(`#people [data-person="${id}"] .who`)?.lastChild.textContent ?? "";
function hear(told) {
  if (told.floor && told.floor !== floor) return say(told.floor === me ? "You have the floor" : `${called(told.floor)} has the floor`);
  const raised = told.hands.filter((id) => !hands.has(id) && id !== told.floor);
  if (!raised.length || !document.body.classList.contains("may-steer-room")) return;
  say(raised.length > 1 ? `${raised.length} hands went up` : `${called(raised[0])} raised a hand`);
}
export function news(told) {
  if (told.hands && here) hear(told);
  if (told.here) here = new Set(told.here);
  else if (here) { for (const id of told.came) here.add(id); for (const id of told.left) here.delete(id); }
  if (told.writing) writing = new Set(told.writing);
  if (told.hands) { hands = new Set(told.hands); floor = told.floor; }
  tag = told.seen ?? tag;
  if (told.regions) bring(told.regions);
  show();
}

function show() {
  if (!here) return;
  const count = { here: 0, left: 0, expected: 0 };
  const isMeeting = words.state === "meeting";
  if (!isMeeting && words.state !== "preparing") return;
  for (const li of document.querySelectorAll("#people [data-person]")) {
    const id = Number(li.dataset.person);
    if (here.has(id) && isMeeting) li.dataset.came = "";
    const is = here.has(id) ? "here" : "came" in li.dataset && isMeeting ? "left" : "expected";
    count[is] += 1;
    const doing = id === floor ? "has the floor" : hands.has(id) ? "hand up" : writing.has(id) ? "writing" : is === "here" || !isMeeting ? "" : is;
    const says = [li.dataset.word, doing].filter(Boolean).join(", ") || li.dataset.part || "";
    if (li.dataset.is === is && li.lastElementChild.textContent === says) continue;
    li.dataset.is = is;
    li.querySelector(".pic").classList.toggle("on", is === "here");
    li.lastElementChild.textContent = says;
  }
  arrange();
  for (const [name, number] of Object.entries(count)) {
    const place = document.querySelector(`#people [data-count="${name}"]`);
    if (!place) continue;
    place.textContent = number;
    if (place.parentElement.matches("span")) place.parentElement.hidden = !number;
  }
  names();
  ownHand();
  document.dispatchEvent(new CustomEvent("here", { detail: here }));
}
// A small room shows everybody, a larger one the first of those who are here; the others are one press away.
function arrange() {
  const [open, more] = document.querySelectorAll("#people .crew");
  const rows = [...document.querySelectorAll("#people [data-person]")].sort((a, b) => a.dataset.place - b.dataset.place);
  const most = Number(open.dataset.most);
  const shown = rows.length > most ? rows.filter((li) => li.dataset.is === "here").slice(0, most) : rows;
  const fits = (list, wanted) => list.children.length === wanted.length && wanted.every((li, n) => list.children[n] === li);
  const rest = rows.filter((li) => !shown.includes(li));
  if (!fits(open, shown)) open.replaceChildren(...shown);
  if (!fits(more, rest)) more.replaceChildren(...rest);
  more.parentElement.hidden = !rest.length;
  more.parentElement.querySelector("summary span").textContent = rest.length;
}
function names() {
  const place = byId("writers");
  if (!place) return;
  const who = [...writing].filter((id) => id !== me).map(called).filter(Boolean);
  place.textContent = who.length ? `${who.length > 2 ? `${who.length} people` : who.join(" and ")} ${who.length > 1 ? "are" : "is"} writing` : "";
}
function ownHand() {
  const button = byId("own-hand")?.querySelector("button");
  if (!button) return;
  const isUp = hands.has(me) || floor === me;
  button.value = isUp ? "no" : "yes";
  button.setAttribute("aria-pressed", isUp);
  button.firstElementChild.textContent = floor === me ? button.dataset.done : isUp ? button.dataset.lower : button.dataset.raise;
}
onChange(show);

// That somebody writes is told, never what: in fields of the room that everybody will read, and not where people write in silence.
let told = 0;
const isOpenForm = (form) => form?.matches(".room form[data-draft]:not(#silent-own *)") && document.body.classList.contains("may-contribute");
on("input", (e) => {
  if (!e.target.matches("textarea,input") || !isOpenForm(e.target.form) || Date.now() - told < 3000) return;
  told = Date.now();
  tell(words.writing, { is_writing: "yes" });
});
function stop() {
  if (Date.now() - told > 6000) return;
  told = 0;
  tell(words.writing, { is_writing: "no" });
}
on("kept", stop); // whatever became of its form
on("focusout", (e) => { if (isOpenForm(e.target.form) && !e.target.value) stop(); });

// On a phone the notes are not in sight, beside the causes neither: what went there says so.
on("htmx:afterRequest", ({ detail: { elt, successful, requestConfig } }) => {
  if (!successful || !elt.dataset.kept) return;
  const place = byId(requestConfig.formData.get("parked_for") ? "parked" : "notes");
  if (!place.checkVisibility() || place.getBoundingClientRect().top + 80 > byId("pane").getBoundingClientRect().bottom) toast({ text: elt.dataset.kept });
});
