// The root cause step in the browser: the view and the path that a reader chose outlast each new fragment, and the map follows.

const byId = (id) => document.getElementById(id); // it stands alone on the page of the analysis
const part = () => byId("part-whys");
const own = { view: "", node: "", at: "" }; // what this reader chose, the path by its end; nothing until then, and both follow the room
let asked = ""; // what the bar below and its keys ask about: the box that was pressed, else what the room discusses
const radio = (pk) => byId(`path-${pk}`);
const above = (box) => box?.closest("ul").closest("li")?.querySelector("input");

function choose(pk) {
  for (let box = radio(pk); box; box = above(box)) box.checked = true;
}
// The boxes of the path, from the effect down.
function path(list = part()?.querySelector(".causes>ul"), found = []) {
  const box = [...(list?.children ?? [])].map((li) => li.querySelector(":scope:not(.held)>.it>input")).find((input) => input?.checked);
  return box ? path(box.closest("li").querySelector(":scope>ul"), [...found, box]) : found;
}
const led = () => part()?.querySelector(".it.now input")?.value;
function draw() {
  const on = path().map((box) => box.value);
  const now = led();
  asked = [own.at, now, above(radio(now))?.value].find((pk) => on.includes(pk)) ?? on.at(-1);
  for (const box of document.querySelectorAll(".deep .it>input")) { // not the fields of a form in a row
    box.tabIndex = box.value === asked ? 0 : -1; // Tab stops here once: the arrow keys lead on
    box.parentElement.classList.toggle("at", box.value === asked);
  }
  for (const level of document.querySelectorAll(".lv")) level.textContent = document.querySelector(`#why-${asked} .n`)?.textContent;
  for (const link of document.querySelectorAll(".chain-bar a")) link.search = link.search.replace(/parent=\d*/, `parent=${link.id === "bar-and" ? above(radio(asked))?.value ?? "" : asked}`);
  for (const [id, is] of [["bar-path", true], ["bar-discuss", asked !== now], ["bar-and", above(radio(asked))]]) {
    const button = byId(id);
    if (button) button.hidden = !is, button.value = asked;
  }
  for (const shape of document.querySelectorAll(".map [data-on]")) {
    shape.classList.toggle("on", on.includes(shape.dataset.on));
    shape.classList.toggle("sel", shape.tagName === "rect" && shape.dataset.on === now);
  }
}
function restore() {
  const view = byId(own.view);
  if (view) view.checked = true;
  const fresh = part()?.querySelector("li:not(.held)>.in-new input")?.value; // an answer of my own, be the room elsewhere
  if (fresh) own.node = own.at = fresh === led() ? "" : fresh;
  choose(own.node);
  draw();
}
function go(pk) {
  choose(pk);
  own.at = pk;
  own.node = path().at(-1).value;
  draw();
}
// The next branch's end, in reading order.
function onward() {
  const ends = [...document.querySelectorAll(".deep li:not(.held,.sh,:has(ul>li:not(.held,.sh)))>.it>input")];
  go(ends[(ends.indexOf(path().at(-1)) + 1) % ends.length].value);
}
let seen = [];
new MutationObserver(() => {
  const fresh = [part(), document.querySelector("#beside .map")];
  if (fresh.every((box, i) => box === seen[i])) return;
  seen = fresh;
  restore();
}).observe(document.body, { childList: true, subtree: true });

// Up and down lead along the path; left and right, as in any such group, to what met it there.
document.addEventListener("keydown", (e) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (!step || !e.target.matches(".deep .it>input")) return;
  e.preventDefault();
  const boxes = path();
  const next = boxes[boxes.indexOf(e.target) + step] ?? e.target;
  next.focus();
  next.click();
});
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { elt, path } = detail;
  if (elt.matches(".chain-bar a")) detail.path = path.replace(/parent=\d*/, elt.search.match(/parent=\d*/)); // the box that was pressed
});
document.addEventListener("click", (e) => {
  const { target } = e;
  if (target.name === "cause-view") own.view = target.id;
  if (target.closest("#bar-path")) return onward();
  if (target.matches(".deep .it>input")) return go(target.value);
  const link = target.closest("[data-path]");
  if (!link || !part()) return;
  e.preventDefault();
  go(link.dataset.path);
  radio(own.at).focus();
  byId(`why-${own.at}`).scrollIntoView({ block: "nearest" });
});
restore();
