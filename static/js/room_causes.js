// The root cause step in the browser: the view and the path that a reader chose outlast each new fragment, and the map follows.

const part = () => document.getElementById("part-whys");
const own = { view: "", node: "" }; // what this reader chose; nothing until then, and the path follows the room
const radio = (pk) => document.getElementById(`path-${pk}`);

function choose(pk) {
  for (let box = radio(pk); box; box = box.closest("ul").closest("li")?.querySelector("input")) box.checked = true;
}
// The boxes of the path, from the effect down.
function path(list = part()?.querySelector(".causes>ul"), found = []) {
  const box = [...(list?.children ?? [])].map((li) => li.querySelector(":scope>.it>input")).find((input) => input?.checked);
  return box ? path(box.closest("li").querySelector(":scope>ul"), [...found, box]) : found;
}
function draw() {
  const on = new Set(path().map((box) => box.value));
  const now = part()?.querySelector(".it.now input")?.value;
  const end = path().at(-1)?.value;
  for (const button of document.querySelectorAll("#bar-path,#bar-discuss")) button.hidden = button.name === "pk" && end === now;
  const take = document.getElementById("bar-discuss");
  if (take) take.value = end;
  for (const shape of document.querySelectorAll(".map [data-on]")) {
    shape.classList.toggle("on", on.has(shape.dataset.on));
    shape.classList.toggle("sel", shape.tagName === "rect" && shape.dataset.on === now);
  }
}
function restore() {
  const view = own.view && document.getElementById(own.view);
  if (view) view.checked = true;
  if (own.node) choose(own.node);
  draw();
}
// The next branch's end, in reading order.
function onward() {
  const ends = [...(part()?.querySelectorAll(".causes.deep li:not(.held,.sh,:has(ul>li:not(.held,.sh)))>.it>input") ?? [])];
  own.node = ends[(ends.indexOf(path().at(-1)) + 1) % ends.length].value;
  choose(own.node);
  draw();
}
let seen = null;
new MutationObserver(() => {
  const fresh = document.querySelector("#beside .map") ?? part();
  if (part() === seen?.part && fresh === seen?.fresh) return;
  seen = { part: part(), fresh };
  restore();
}).observe(document.getElementById("room") ?? document.body, { childList: true, subtree: true });

document.addEventListener("change", ({ target }) => {
  if (target.name === "cause-view") own.view = target.id;
  if (!target.closest(".causes") || target.type !== "radio") return;
  const boxes = path();
  own.node = boxes.at(-1).value;
  draw();
});
document.addEventListener("click", (e) => {
  if (e.target.closest("#bar-path")) return onward();
  const link = e.target.closest("[data-path]");
  if (!link || !part()) return;
  e.preventDefault();
  choose(link.dataset.path);
  own.node = path().at(-1)?.value ?? "";
  draw();
  const box = radio(link.dataset.path);
  (box.checkVisibility() ? box : document.getElementById(`why-${box.value}`)).focus();
});
restore();
