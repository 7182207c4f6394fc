// An account while it is written. What is typed stays in this tab until the server has it: where the session ended, the phone
// threw the page away, or a button was pressed without a connection, the page brings it back. Never longer than the tab lives.

const form = document.querySelector("form[data-keep]");
const store = `account:${form.dataset.keep}`;
const WINDOW = ["page", "count", "seen"]; // which window wrote it: so that it never replaces what another one saved since
const written = () => [...form.elements].filter((f) => f.matches("textarea,input:not([type=hidden])"));
const values = (fields) => Object.fromEntries(fields.map((f) => [f.name, f.value]));

function keep() {
  try {
    sessionStorage.setItem(store, JSON.stringify({ text: values(written()), from: values(WINDOW.map((name) => form.elements[name])) }));
  } catch { /* full, or switched off: autosave and the question before leaving remain */ }
}

function bringBack() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("account:") && name !== store) sessionStorage.removeItem(name); // somebody else's
  const kept = JSON.parse(sessionStorage.getItem(store) ?? "null");
  if (!kept) return;
  const lost = written().filter((f) => (kept.text[f.name] ?? f.value) !== f.value);
  if (!lost.length || document.querySelector("[data-conflict],.sum")) return sessionStorage.removeItem(store);
  for (const name of WINDOW) form.elements[name].value = kept.from[name];
  for (const field of lost) {
    field.value = kept.text[field.name];
    for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }
  lost[0].dispatchEvent(new Event("input", { bubbles: true }));
  form.querySelector("[data-saved]").textContent = form.dataset.kept;
}

bringBack();
form.addEventListener("input", keep);
form.addEventListener("submit", keep);
form.addEventListener("saved", (e) => {
  const now = values(written());
  if (e.detail.every(([f, value]) => !(f.name in now) || now[f.name] === value)) sessionStorage.removeItem(store);
});

// Enter in a single line goes on to the next question: on a phone it is the key that one presses after a clock, and it would hand in.
form.addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || e.isComposing || !e.target.matches("input")) return;
  e.preventDefault();
  const fields = written();
  fields[fields.indexOf(e.target) + 1]?.focus();
});
