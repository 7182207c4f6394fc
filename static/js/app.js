// What every page shares: tokens and operation ids on forms, the reader's clock, keys, focus, autosave, what is not sent yet.
// Pages work without it. Other scripts and HX-Trigger headers reach it by the events "toast" and "say" on document.

const $ = (query, root = document) => root.querySelector(query);
const words = $("#words")?.dataset ?? {};
const meta = $('meta[name="csrf-token"]');
const uuid = () =>
  // randomUUID is missing where the site is served without https to another machine.
  crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16));
const on = (name, act, capture = false) => document.addEventListener(name, act, capture);

// --- Saying -----------------------------------------------------------------------------------------------------------
function say(text) {
  const region = $("#say");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 60); // the same sentence twice is announced twice
}

function toast(text, { stay = false, link = null } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  box.append(text);
  if (link) {
    const a = Object.assign(document.createElement("a"), { href: link.href, textContent: link.text, target: "_blank", rel: "noopener" });
    box.append(a);
  }
  if (stay) {
    box.dataset.stay = "";
    box.append(Object.assign(document.createElement("button"), { type: "button", textContent: words.close ?? "Close" }));
    box.lastChild.dataset.close = "";
  }
  $("#toast")?.replaceChildren(box);
}

// A toast leaves after ten seconds, unless someone is at it or it must be read.
setInterval(() => {
  for (const box of document.querySelectorAll("#toast > .toast:not([data-stay])")) {
    if (box.matches(":hover,:focus-within")) continue;
    box.dataset.age = +(box.dataset.age ?? 0) + 1;
    if (box.dataset.age > 10) box.remove();
  }
}, 1000);

on("toast", (e) => toast(e.detail.text ?? e.detail.value ?? e.detail, e.detail));
on("say", (e) => say(e.detail.text ?? e.detail.value ?? e.detail));

// --- Tokens and operation ids -----------------------------------------------------------------------------------------
const pressed = new WeakMap(); // form on its way that was sent again meanwhile -> the text that it held then
const textOf = (form) => $("textarea", form)?.value;
const opOf = (form) => form && $('input[type="hidden"][name="op"]', form);
function fillOp(form) {
  const op = opOf(form);
  if (op && !op.value) op.value = uuid();
  return op;
}
on("input", (e) => fillOp(e.target.form), true);
// The forms of a page come with one id. It goes with the one that is sent first; another sent before that is answered is another operation.
function ownOp(form) {
  const op = fillOp(form);
  for (const same of op ? document.getElementsByName("op") : []) if (same !== op && same.value === op.value) same.value = "";
}
// Signing out takes what a room did not keep yet off this browser: whoever comes next could read it.
on("submit", (e) => {
  const { leaves } = e.target.dataset;
  const mine = Object.keys(leaves ? localStorage : {}).filter((key) => /^(unsent|draft):/.test(key) && key.split(":")[1] === document.body.dataset.person);
  if (!mine.length) return;
  if (!confirm(leaves)) return e.preventDefault(), e.stopImmediatePropagation();
  for (const key of mine) localStorage.removeItem(key);
}, true);
on("submit", (e) => {
  const form = e.target;
  const button = e.submitter ?? $("button:not([type=button])", form);
  if (button?.getAttribute("aria-busy") === "true") { // pressed twice, or the next line is there before the last is answered
    pressed.set(form, textOf(form));
    return e.preventDefault(), e.stopImmediatePropagation();
  }
  if (form.method !== "post" || new URL(form.action, location.href).origin !== location.origin) return;
  const place = form.getAttribute("hx-target");
  if (place?.startsWith("#") && !$(place) && !$("#room")) e.stopPropagation(); // a page of its own has no such place: htmx would do nothing
  ownOp(form);
  if (form.dataset.forget) history.replaceState(null, "", form.dataset.forget); // its address is a key, and stays in no history
  // A fragment that was pushed to everyone holds nobody's token.
  let field = $('input[name="csrfmiddlewaretoken"]', form);
  if (!field && meta) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name: "csrfmiddlewaretoken" });
    form.append(field);
  }
  if (field && meta) field.value = meta.content;
  leaving.add(form);
  setTimeout(() => {
    if (e.defaultPrevented || !button) return; // htmx took it, and marks its own
    button.setAttribute("aria-busy", "true");
    setTimeout(() => button.removeAttribute("aria-busy"), 8000); // a download leaves the page standing
  });
}, true);

// After a session ended and began anew in another window, the page's token is stale.
let askToken = false;
function sessionEnded(address) {
  askToken = true;
  toast(words.session, { stay: true, link: { href: address ?? "/", text: words.signin ?? "Sign in" } });
}
async function renewToken() {
  if (!askToken || !meta) return;
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  const fresh = answer?.ok && (await answer.text()).match(/<meta name="csrf-token" content="([^"]+)"/)?.[1];
  if (!fresh) return;
  askToken = false;
  meta.content = fresh;
  $("#toast")?.replaceChildren();
}
window.addEventListener("focus", renewToken);

// --- htmx: busy buttons, answers, focus -------------------------------------------------------------------------------
const isPeek = (elt) => elt.dataset && "peek" in elt.dataset; // asks about what is being typed: nothing is sent or kept
const buttonOf = (detail) => {
  if (isPeek(detail.elt)) return null;
  const form = detail.elt.closest("form");
  return detail.requestConfig?.triggeringEvent?.submitter ?? (form && $("button:not([type=button])", form)) ?? null;
};
// What was pressed may be gone when its answer comes: another answer, or the room, brought its place anew. htmx would look for the
// places of what is said beside it from there, and find none.
function late(heard, elt, xhr) {
  const { target } = heard.detail;
  if (elt.isConnected || heard.detail.xhr !== xhr) return;
  heard.preventDefault();
  if (xhr.status >= 400) return toast($("span", new DOMParser().parseFromString(xhr.responseText, "text/html"))?.textContent ?? words.failed, { stay: true });
  const isBrought = $("#room") && target.matches(".part"); // by the news of it
  const place = !isBrought && document.getElementById(target.id);
  if (xhr.status !== 204) window.htmx.swap(place || document.createElement("div"), xhr.responseText, { swapStyle: place ? elt.getAttribute("hx-swap") ?? "outerHTML" : "none" }, { select: elt.getAttribute("hx-select") });
}
const busy = new WeakMap(); // request -> its button
let asked = ""; // id of what asked for a form in place last

on("htmx:configRequest", (e) => {
  if (meta) e.detail.headers["X-CSRFToken"] = meta.content;
});
on("htmx:beforeRequest", (e) => {
  const { elt, xhr } = e.detail;
  const button = buttonOf(e.detail);
  // The offer to take back is of the last thing: it goes when the next is sent, not when that is answered.
  if (elt.matches("form")) elt.addEventListener("htmx:beforeOnLoad", (heard) => late(heard, elt, xhr));
  if (elt.matches("form:not(#toast *)") && e.detail.requestConfig.verb !== "get" && !isPeek(elt) && !$("#toast [data-stay],#toast [aria-busy=true]")) $("#toast")?.replaceChildren();
  if (elt.matches("a")) asked = elt.id;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  busy.set(e.detail.xhr, button);
});
on("htmx:beforeOnLoad", (e) => {
  if (e.detail.xhr.status !== 401) return;
  // Going to the sign-in page now would lose what was typed.
  e.preventDefault();
  sessionEnded(e.detail.xhr.getResponseHeader("HX-Redirect"));
});
on("htmx:beforeSwap", (e) => {
  if (e.detail.xhr.status === 503 && e.detail.xhr.getResponseHeader("HX-Retarget")) Object.assign(e.detail, { shouldSwap: true, isError: false }); // the server's own: when to come back
});
const hasMore = (form, gone) => [...form.elements].some((f) => f.matches("textarea") && f.value !== gone?.get(f.name)); // typed while it was on its way
on("htmx:afterRequest", (e) => {
  const { xhr, elt } = e.detail;
  busy.get(xhr)?.removeAttribute("aria-busy");
  const form = elt.closest?.("form");
  if (!form || isPeek(elt)) return;
  leaving.delete(form);
  const isNext = form.hasAttribute("data-reset") && pressed.get(form) === textOf(form);
  pressed.delete(form);
  if (xhr.status < 200 || xhr.status >= 300) return;
  const op = opOf(form);
  const gone = e.detail.requestConfig.formData; // what was typed while it was on its way stays
  if (op && op.value === gone?.get("op")) op.value = ""; // the press after this one is another operation
  if (form.hasAttribute("data-reset")) { // the one before may have come back
    for (const box of form.querySelectorAll(".sum,.err")) box.remove();
    for (const field of form.elements) field.removeAttribute("aria-invalid");
  }
  if (hasMore(form, gone)) return isNext && form.requestSubmit();
  if (form.hasAttribute("data-reset")) form.reset();
  for (const field of form.elements) sent.set(field, field.value);
  if (form.hasAttribute("data-close")) form.closest("dialog")?.close();
  const offer = form.closest("#toast > .toast"); // taken back, it is offered no more
  const had = offer?.contains(document.activeElement);
  offer?.remove();
  const place = had && document.getElementById(e.detail.target.id);
  if (had) focusOn(headingOf(place?.closest("main") ? place : $("main")));
});
on("htmx:responseError", (e) => {
  const status = e.detail.xhr.status;
  toast({ 403: words.refused, 404: words.gone, 413: words.toobig }[status] ?? words.failed, { stay: true });
});
on("htmx:sendError", () => toast(words.failed, { stay: true }));

function focusOn(element) {
  if (!element) return;
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus();
}
const headingOf = (item) => item && ($("h2,h3,h4,[data-heading]", item) ?? item);
on("htmx:afterSettle", (e) => {
  const { xhr, elt } = e.detail;
  if (!xhr) return; // pushed by someone else: nobody's focus moves
  if (xhr.status === 422 || xhr.status === 409) return focusOn($(".sum,[data-conflict],[aria-invalid=true]", elt.isConnected ? elt.parentElement ?? elt : document));
  if (document.activeElement.matches("[data-reset] :is(input,textarea)")) return; // the list grows while its next line is typed
  if (elt.isConnected) focusOn($("[data-focus]", elt) ?? headingOf(elt.matches(".in-new") ? elt : $(".in-new", elt)));
});
focusOn($("main .sum,main [data-conflict]"));
// A form that comes back refused: what was typed while it was on its way stays, and what a line holds that is empty once it is kept,
// is typed and not given.
const isChoice = (field) => field.matches("[type=checkbox],[type=radio]");
on("htmx:beforeSwap", ({ detail: { xhr, target, requestConfig: { elt, formData } } }) => {
  if (![409, 422].includes(xhr.status) || !elt.matches("form")) return;
  const since = [...elt.elements].filter((f) => f.matches("textarea:not([hidden]),select,input:not([type=hidden],[type=file])")
    && (isChoice(f) ? f.checked !== formData.getAll(f.name).includes(f.value) : f.value !== (formData.get(f.name) ?? "")));
  queueMicrotask(() => {
    const box = target.id && document.getElementById(target.id);
    const form = box && [box, ...box.querySelectorAll("form")].find((f) => f !== elt && f.getAttribute("action") === elt.getAttribute("action"));
    if (!form) return;
    for (const f of form.hasAttribute("data-reset") ? form.elements : []) {
      const { value, checked } = f;
      for (const option of f.options ?? []) option.defaultSelected = false;
      if (isChoice(f)) f.defaultChecked = false, f.checked = checked;
      else if (f.matches("textarea,select,input:not([type=hidden])")) f.defaultValue = "", f.value = value;
    }
    for (const f of since) {
      const same = [...form.elements].find((g) => g.name === f.name && g.type === f.type && (!isChoice(f) || g.value === f.value));
      if (!same) continue;
      if (isChoice(f)) same.checked = f.checked;
      else same.value = f.value;
      const mine = f.matches("textarea") && form.elements.mine; // of two texts
      if (mine) mine.value = f.value;
      same.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
});
// The answer to a form brings its list anew. Another form that is open there moves over with what is typed in it; in the room its
// own script sees to that.
const opened = [];
on("htmx:beforeSwap", ({ detail: { target, requestConfig, shouldSwap } }) => {
  if (!shouldSwap || !target.matches(".part") || $("#room")) return;
  const { elt, formData } = requestConfig;
  const stays = (box) => !box.contains(elt) || (elt.matches("form") && hasMore(elt, formData));
  opened.push(...[...target.querySelectorAll(".part-form")].filter(stays));
  for (const box of opened) box.remove();
});
on("htmx:afterSettle", () => {
  for (const box of opened.splice(0)) document.getElementById(box.id)?.replaceWith(box);
});

on("click", (e) => {
  const opener = e.target.closest("[data-dialog]");
  if (opener) {
    document.getElementById(opener.dataset.dialog)?.showModal();
    e.preventDefault();
  }
  e.target.closest("[data-close]")?.closest(".toast")?.remove();
  const fill = e.target.closest("a[data-fill]");
  const field = fill && document.getElementById(fill.dataset.fill);
  if (field) {
    e.preventDefault();
    field.value = fill.dataset.text;
    field.form.elements.idea.value = fill.dataset.idea;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // A form that was opened in place makes way for the empty slot that it replaced.
  const form = e.target.closest("[data-cancel]")?.closest(".part-form");
  if (form) {
    e.preventDefault();
    form.replaceWith(Object.assign(document.createElement("div"), { id: form.id }));
    const leads = (b) => b?.matches(`:is(a,button)[hx-target="#${form.id}"]`) && b.checkVisibility();
    [document.getElementById(asked), ...document.querySelectorAll("[hx-target]")].find(leads)?.focus();
  }
});

// --- The reader's clock, with the event's beside it ---------------------------------------------------------------------
const zone = document.body.dataset.zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
function parts(at, timeZone) {
  const shape = { timeZone, weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const p = Object.fromEntries(new Intl.DateTimeFormat("en-US", shape).formatToParts(at).map((x) => [x.type, x.value]));
  const named = (locale) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short" }).formatToParts(at).find((x) => x.type === "timeZoneName").value;
  const name = [named("en-GB"), named("en-US")].find((x) => /^[A-Z]+$/.test(x)) ?? named("en-GB"); // CET is known to one, EDT to the other
  const year = +p.year === new Date().getFullYear() ? "" : ` ${p.year}`;
  return { day: `${p.weekday} ${p.day} ${p.month}${year}`, time: `${p.hour}:${p.minute}`, name: name.replace(/^GMT(?=[+-])/, "UTC").replace("-", "\u2212") };
}
function localTimes(root) {
  for (const t of root.querySelectorAll?.("time[data-local]") ?? []) {
    const form = t.dataset.local;
    t.removeAttribute("data-local");
    const at = new Date(t.dateTime);
    if (isNaN(at)) continue;
    const mine = parts(at, zone);
    const theirs = parts(at, t.dataset.zone || "UTC");
    if (mine.day === theirs.day && mine.time === theirs.time) continue;
    if (form === "own") { t.textContent = mine.time; continue; } // said just now: everybody's own clock is enough
    const beside = Object.assign(document.createElement("span"), { className: "fine" });
    beside.textContent = ` (${mine.day === theirs.day ? "" : theirs.day + ", "}${theirs.time} ${theirs.name})`;
    const clock = Object.assign(document.createElement("span"), { className: "t", textContent: mine.time });
    t.replaceChildren(...(form === "clock" ? [] : [`${mine.day}, `]), clock, ` ${mine.name}`, beside);
  }
}
localTimes(document);
const guess = $("select[data-guess-zone]"); // at the first start nobody has said yet where they are
if (guess && !$("main .sum") && [...guess.options].some((o) => o.value === zone)) guess.value = zone;
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) if (node.parentElement) localTimes(node.parentElement);
}).observe(document.body, { childList: true, subtree: true });

// --- Keys: off while typing, and for good where someone turned them off -------------------------------------------------
let going = -9999; // when "g" was pressed, by the key's own clock: a busy page comes to it late
const keysOff = () => localStorage.getItem("keys") === "off";
on("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.target.closest(".wrap form:has(button kbd)")?.requestSubmit(); // the room has its own
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || keysOff()) return;
  if (e.target.closest("input:not([type=radio]),textarea,select,[contenteditable],dialog[open]")) return; // a radio takes no letters
  if (e.timeStamp - going < 1200 && e.key.length === 1) {
    going = -9999;
    const link = [...document.querySelectorAll(".nav a")].find((a) => a.textContent[0].toLowerCase() === e.key);
    if (link) return e.preventDefault(), link.click();
  }
  if (e.key === "g") going = e.timeStamp;
  if (e.key === "?") $("#keys")?.showModal?.();
  $(`.wrap [data-key="${CSS.escape(e.key)}"]`)?.click();
  const button = [...document.querySelectorAll(`[data-key="${CSS.escape(e.key)}"]`)].find((b) => b.checkVisibility());
  if (button) return e.preventDefault(), button.click();
  if (e.key === "u") $("#toast .toast:not([data-stay]) :is(button,a)")?.click();
});
const keysBox = $("#keys-on");
if (keysBox) {
  keysBox.checked = !keysOff();
  keysBox.addEventListener("change", () => (keysBox.checked ? localStorage.removeItem("keys") : localStorage.setItem("keys", "off")));
}

// --- Records that are brought in ------------------------------------------------------------------------------------------
on("formdata", (e) => {
  for (const field of e.target.querySelectorAll("textarea[data-long]"))
    if (field.value.length > 2e5) e.formData.set(field.name, new File([field.value], "pasted text")); // a field holds 2 MB at most
});
on("change", (e) => {
  const { target } = e;
  if (target.files?.[0]?.size > (+target.dataset.most || Infinity)) {
    toast(target.dataset.big, { stay: true });
    target.value = "";
  }
  const count = target.name === "row" && $("[data-ticks]", target.form);
  if (count) count.textContent = [...target.form.elements].reduce((n, f) => n + (f.name === "row" && f.checked - f.defaultChecked), +count.dataset.ticks).toLocaleString("en");
});

// --- What is not sent yet -------------------------------------------------------------------------------------------------
const sent = new WeakMap(); // field -> the value that the server is known to hold
const leaving = new WeakSet(); // forms on their way
const isDirty = (form) =>
  [...form.elements].some((f) => f.matches("textarea,input:not([type=hidden],[type=checkbox],[type=radio])") && f.value !== (sent.get(f) ?? f.defaultValue));
window.addEventListener("beforeunload", (e) => {
  const open = [...document.querySelectorAll("form[data-guard],form[data-autosave]")];
  if (open.some((form) => !leaving.has(form) && isDirty(form))) e.preventDefault();
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
});

// Autosave: <form data-autosave="URL"> posts the whole form two seconds after the last key; [data-saved] inside says how it stands.
// 2xx is saved; a JSON object in the answer refreshes hidden fields of those names (the version). Anything else is tried again.
function autosave(form) {
  let timer = 0, wait = 2000, op = "", inFlight = false;
  const state = (text) => $("[data-saved]", form)?.replaceChildren(text);
  const numbered = () => { const count = $('[type="hidden"][name="count"]', form); if (count) count.value = +count.value + 1; }; // an older save never replaces a newer one
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
  async function save() {
    if (inFlight) return later(500);
    if (!form.isConnected || leaving.has(form) || !isDirty(form)) return;
    inFlight = true;
    numbered();
    const held = [...form.elements].map((f) => [f, f.value]);
    const body = new FormData(form);
    body.set("op", (op ||= uuid())); // one id per text: a retry is the same operation, the next text is a new one
    state(words.saving);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "error", headers: { "X-CSRFToken": meta?.content ?? "", Accept: "application/json", "HX-Request": "true" } });
      if (answer.status === 409 && answer.headers.get("Content-Type")?.startsWith("text/plain")) return state(await answer.text()); // it says what to do
      if (answer.status === 401 && !askToken) sessionEnded(answer.headers.get("HX-Redirect"));
      if ([403, 404, 409, 413, 422].includes(answer.status) && !askToken) return state(words.stopped); // trying again cannot help
      if (!answer.ok) throw (wait = Math.max(wait, 625 * answer.headers.get("Retry-After") || 0)); // twice as long below, or a little less
      for (const [field, value] of held) sent.set(field, value);
      form.dispatchEvent(new CustomEvent("saved", { detail: held }));
      if (answer.headers.get("Content-Type")?.includes("json"))
        for (const [name, value] of Object.entries(await answer.json())) {
          const field = $(`:is(input[type="hidden"],output)[name="${CSS.escape(name)}"]`, form);
          if (field) field.value = value;
        }
      op = "";
      wait = 2000;
      state((words.saved ?? "%s").replace("%s", parts(new Date(), zone).time));
    } catch {
      state(words.unsaved);
      wait = Math.min(wait * 2, 30000);
      later(wait * (0.8 + Math.random() * 0.4));
    } finally {
      inFlight = false;
    }
  }
  form.addEventListener("submit", numbered);
  form.addEventListener("input", () => { op = ""; later(2000); });
  window.addEventListener("online", () => later(200));
  on("visibilitychange", () => document.hidden && save());
}
document.querySelectorAll("form[data-autosave]").forEach(autosave);

// What was written in the room and could not be sent waits in this browser until the room is open again.
const waiting = $("[data-waits]");
if (waiting) waiting.hidden = !Object.keys(localStorage).some((key) => key.startsWith(waiting.dataset.waits));

const offline = $("#offline");
const line = () => { if (offline) offline.textContent = navigator.onLine ? "" : offline.dataset.words; };
window.addEventListener("offline", line);
window.addEventListener("online", () => { line(); say(words.online ?? ""); });
line();
