// What could not be sent: kept in this browser for its person and room, shown as not sent yet, and sent again in the order in which
// it was written. Each carries the id that it got at its first letter, so the server does it once however often it comes.

import { aim, byId, close, done, drafts, isTyped, make, on, onChange, onLoss, place, restOf, say, toast, words } from "./room_regions.js";

const meta = document.querySelector('meta[name="csrf-token"]');
const sentences = byId("words").dataset;
const PREFIX = `unsent:${words.person}:${location.pathname}:`;
const isDown = (status) => [0, 502, 503, 504].includes(status);
const PATIENCE = 12000; // a line that holds what it is given and answers nothing
const all = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).sort().map((key) => ({ ...JSON.parse(localStorage.getItem(key)), key }));
const store = ({ key, ...item }) => localStorage.setItem(key, JSON.stringify(item));
const waits = () => all().filter((item) => !item.why);
const formOf = (item) => [...document.forms].find((form) => form.getAttribute("action") === item.url && form.dataset.draft === item.draft && (form.dataset.unsent ?? item.key) === item.key);

// --- Into the queue ---------------------------------------------------------------------------------------------------------
const begun = new WeakMap(); // request -> when it was pressed
on("htmx:beforeRequest", (e) => {
  const { xhr, elt, requestConfig } = e.detail;
  const form = elt.closest("form");
  if (requestConfig.verb !== "post" || "peek" in elt.dataset || !form) return;
  const { path, formData } = requestConfig;
  const now = Date.now();
  if ((waits().length || !navigator.onLine) && keep(form, path, formData, now)) { // behind the others
    e.preventDefault();
    for (const field of form.elements) field.removeAttribute("aria-busy");
    return void flush();
  }
  xhr.timeout = PATIENCE;
  // By loadend, because the stream may be quicker than the answer, and then the form is no longer on the page.
  xhr.addEventListener("loadend", () => {
    if (xhr.status >= 200 && xhr.status < 300) {
      localStorage.removeItem(form.dataset.refused);
      done(form, formData);
      return document.dispatchEvent(new Event("kept"));
    }
    // Whoever is signed out, or signed in anew with another token, finds their words here afterwards.
    const isRefused = xhr.status === 401 || (xhr.status === 403 && isTyped(form));
    if (!(isDown(xhr.status) || isRefused) || !keep(form, path, formData, now)) return;
    byId("toast").replaceChildren();
    const seconds = xhr.getResponseHeader("Retry-After");
    seconds ? later(seconds) : flush();
  });
});

function itemOf(form, url, data, op, when = Date.now()) {
  const fields = [...data].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  const text = fields.filter(([name, value]) => value && [...form.elements].some((f) => f.name === name && f.matches("textarea,input[type=text],input:not([type])"))).map(([, value]) => value).join("\n");
  return { op, url, draft: form.dataset.draft, fields, text, key: `${PREFIX}${when}:${op || Math.random()}` };
}
function keep(form, url, data, when) {
  const op = data.get("op");
  if (!op) return false; // without an id it could be done twice
  const item = itemOf(form, url, data, op, when);
  const button = form.querySelector("button:not([type=button])");
  item.text ||= button?.getAttribute("aria-label") || button?.firstChild.textContent.trim();
  const plain = ({ url, fields }) => JSON.stringify([url, fields.filter(([name]) => name !== "op")]);
  try {
    if (!waits().some((other) => plain(other) === plain(item))) store(item); // pressed again because nothing seemed to happen
  } catch {
    return false; // this browser keeps no more: the words stay in the form
  }
  const id = form.querySelector("input[type=hidden][name=op]");
  if (id?.value === op) id.value = "";
  localStorage.removeItem(form.dataset.refused);
  if (done(form, data) && form.hasAttribute("data-reset")) form.reset();
  paint();
  say("Not sent yet. It is sent when the line is back.");
  return true;
}
// Words of a form whose place is gone: they wait for their writer to decide.
onLoss((box) => {
  const form = box.matches("form") ? box : box.querySelector("form");
  const item = itemOf(form, form.getAttribute("action"), new FormData(form), "");
  if (item.text && isTyped(form)) store({ ...item, why: "What this was about is gone. Your words are kept here." });
  setTimeout(paint);
});

// --- Out of it: one after the other, the next once the one before is answered ------------------------------------------------------
let isSending = false;
let timer = 0;
let wait = 2000;
function later(seconds) { // a room full of people does not come back in one moment
  clearTimeout(timer);
  wait = Math.min(wait * 2, 30000);
  timer = setTimeout(flush, Math.max(wait, 1000 * seconds || 0) * (1 + Math.random() * 0.3));
}
export async function flush() {
  if (isSending) return;
  isSending = true;
  clearTimeout(timer);
  let isSent = false;
  for (let [item] = waits(); item; [item] = waits()) {
    const answer = await send(item);
    if (!answer) break;
    wait = 2000;
    if (answer.ok || answer.type === "opaqueredirect") { isSent = true; await answered(item, answer); } // the redirect of a form that was kept
    else await refused(item, answer);
  }
  isSending = false;
  paint();
  if (!isSent) return;
  say("What waited is sent.");
  document.dispatchEvent(new Event("kept"));
}
async function send(item, isSecond = false) {
  const body = new URLSearchParams(item.fields);
  const headers = { "X-CSRFToken": meta.content, "HX-Request": "true" };
  const answer = await fetch(item.url, { method: "POST", body, headers, redirect: "manual", signal: AbortSignal.timeout?.(PATIENCE) }).catch(() => null);
  if (!answer || (answer.type !== "opaqueredirect" && isDown(answer.status)) || answer.status === 429) return later(answer?.headers.get("Retry-After"));
  if (answer.status === 401) return signedOut(answer);
  // After a new sign-in the token is another one. Is it somebody else, this page is not theirs, and what waits stays where it is.
  if (answer.status === 403 && !isSecond && (await renew())) return send(item, true);
  return answer;
}
let isOut = false;
export function signedOut(answer) {
  if (!isOut) toast({ text: sentences.session, stay: true, link: { href: answer.headers.get("HX-Redirect") ?? "/", text: sentences.signin } });
  isOut = true;
}
// The line is back, or the reader is.
export async function back() {
  if (isOut && (await renew())) { isOut = false; byId("toast").replaceChildren(); }
  return isOut || flush();
}
async function renew() {
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page && page.querySelector('meta[name="csrf-token"]')?.content;
  if (!token) return false;
  if (page.getElementById("room")?.dataset.person !== words.person) return location.reload(), false;
  meta.content = token;
  return true;
}
async function answered(item, answer) {
  localStorage.removeItem(item.key);
  const form = document.querySelector(`form[data-unsent="${item.key}"]`);
  const target = formOf(item)?.getAttribute("hx-target")?.slice(1);
  if (form?.closest(".part-form")) close(form);
  const page = new DOMParser().parseFromString(answer.type === "opaqueredirect" ? "" : await answer.text(), "text/html");
  const fresh = target && target !== "toast" && page.getElementById(target);
  if (fresh) place(target, fresh.outerHTML); // an answer for its writer alone, which no frame brings
  const offer = page.querySelector("#toast > .toast"); // a way back
  if (!offer) return;
  byId("toast").replaceChildren(offer);
  window.htmx?.process(offer);
}
// Comes back to its place with the reason: as the form that the server sends, else beside where it was written.
async function refused(item, answer) {
  const html = await answer.text();
  const page = new DOMParser().parseFromString(html, "text/html");
  const target = answer.headers.get("HX-Retarget")?.slice(1) ?? "";
  item.why = sentences[{ 403: "refused", 404: "gone", 413: "toobig" }[answer.status]] ?? (page.querySelector(".err,.sum li,[data-conflict] h3,[data-conflict] b") ?? (target === "toast" ? page.body : null))?.textContent.trim() ?? sentences.failed;
  if (target && target !== "toast") {
    for (const field of page.querySelectorAll("[name=csrfmiddlewaretoken]")) field.remove();
    Object.assign(item, { target, html: page.getElementById(target)?.outerHTML });
  }
  store(item);
  toast({ text: `Not kept: ${item.why}`, stay: true });
}

// --- On the page: beside the form that it was written in, at the top where that is not shown -----------------------------------------
const rows = new Map(); // item, reason and whether its form is here -> how it is shown, so that a press in the middle of news is not lost
export function paint() {
  const items = all();
  const count = items.filter((item) => !item.why).length;
  byId("offline").dataset.count = count ? `${count} not sent yet` : "";
  for (const form of document.querySelectorAll("form[data-unsent]")) {
    form.hidden = false;
    delete form.dataset.unsent;
  }
  const tails = new Map();
  const shown = new Set();
  const tray = byId("unsent") ?? make("section", { id: "unsent" });
  if (items.length && !tray.isConnected) byId("offline").after(tray);
  for (const item of items) {
    if (item.html && putBack(item)) continue;
    const form = isOpen(formOf(item));
    const sign = item.key + item.why + !formOf(item);
    if (!rows.has(sign)) rows.set(sign, row(item));
    const [box, last] = [rows.get(sign), tails.get(form ?? tray) ?? form];
    if (last ? last.nextElementSibling !== box : tray.firstElementChild !== box) last ? last.after(box) : tray.prepend(box);
    tails.set(form ?? tray, box);
    shown.add(box);
    if (!form || form.hasAttribute("data-reset")) continue;
    form.dataset.unsent = item.key;
    const had = form.contains(document.activeElement);
    form.hidden = true;
    if (had) box.querySelector("button")?.focus({ preventScroll: true });
  }
  for (const old of document.querySelectorAll(".unsent")) {
    if (shown.has(old)) continue;
    const place = old.contains(document.activeElement) && (old.closest(".part[id],#notes,#parked")?.id ?? "stage");
    old.remove();
    if (place) aim(restOf(place));
  }
  if (!tray.firstElementChild) tray.remove();
}
const isOpen = (form) => (form?.querySelector("textarea,input:not([type=hidden])") && form.parentElement.checkVisibility() ? form : null);
function putBack(item) {
  const target = byId(item.target);
  if (!target) return false;
  if (document.querySelector(`[data-refused="${item.key}"]`)) return true;
  if (target.matches(":focus-within") || isTyped(target)) return false;
  target.outerHTML = item.html;
  const fresh = byId(item.target);
  const form = fresh.matches("form") ? fresh : fresh.querySelector("form");
  form.dataset.refused = item.key;
  for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  window.htmx?.process(fresh);
  drafts(fresh);
  return true;
}
function row(item) {
  const press = (text, act) => make("button", { type: "button", className: "btn mini soft", textContent: text, onclick: act });
  const again = () => { store({ ...item, why: undefined, html: undefined }); paint(); flush(); };
  const tools = item.why ? [item.op ? press("Send it again", again) : "", press("Throw it away", () => drop(item))] : formOf(item) ? [press("Take it back", () => takeBack(item))] : [];
  const line = make("div", { className: "line" }, make("span", { className: "fine" }, item.why ?? "Not sent yet"), ...tools);
  return make("div", { className: "unsent note gold" }, make("p", { className: "serif lines" }, item.text), line);
}
function takeBack(item) {
  const form = formOf(item);
  if (!form) return; // it went while this was pressed
  localStorage.removeItem(item.key);
  paint();
  let isJoined = false; // with what is being typed there
  for (const [name, value] of item.fields) for (const field of form.elements) {
    if (field.name !== name || field.matches("button,[type=hidden]")) continue;
    if (field.matches("[type=radio],[type=checkbox]")) field.checked ||= field.value === value;
    else if (field.matches("select") || [field.defaultValue, value].includes(field.value)) field.value = value;
    else if (value) isJoined = field.value = `${value} \n\n${field.value}`; // a field of one line drops its ends
  }
  form.querySelector("textarea,input:not([type=hidden])")?.focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
  if (isJoined) return toast({ text: "It stands before what you are writing." });
  // It may have arrived, though no answer did: the same words are the same operation, others are another.
  const id = form.querySelector("input[type=hidden][name=op]");
  id.value = item.op;
  form.addEventListener("input", () => { if (id.value === item.op) id.value = ""; }, { once: true });
}
function drop(item) {
  localStorage.removeItem(item.key);
  paint();
  toast({ text: "Thrown away." });
  byId("toast").firstElementChild.append(make("button", { type: "button", textContent: "Undo", onclick() { store(item); paint(); byId("toast").replaceChildren(); } }));
}
on("click", (e) => {
  const form = e.target.closest("[data-cancel]")?.closest("form[data-refused]");
  if (form) localStorage.removeItem(form.dataset.refused);
});
onChange(paint);
on("htmx:load", paint); // a form that is opened may replace the one that words wait beside
addEventListener("storage", (e) => e.key?.startsWith(PREFIX) && paint()); // another tab of the same person
addEventListener("focus", back);
paint();
