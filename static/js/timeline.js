// Keys of the timeline: j and k go from row to row and on to the next page; another key presses the row's data-row.

function go(key) {
  const rows = [...document.querySelectorAll(".tl > [id]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (key !== "j" && key !== "k") return rows[here]?.querySelector(`[data-row="${CSS.escape(key)}"]`);
  const next = here < 0 ? rows.find((row) => row.matches(":target") || row.getBoundingClientRect().top > 0) : rows[here + (key === "j" ? 1 : -1)];
  return next?.querySelector("[data-heading]") ?? document.querySelector(`[rel=${key === "j" ? "next" : "prev"}]`);
}

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || localStorage.getItem("keys") === "off") return;
  if (e.target.closest("input,textarea,select,[contenteditable],dialog[open]")) return;
  const found = go(e.key);
  if (!found) return;
  e.preventDefault();
  if (!found.matches("[data-heading]")) return found.click();
  found.tabIndex = -1;
  found.focus();
  found.scrollIntoView({ block: "nearest" });
});
