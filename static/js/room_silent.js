// Silent writing: its clock, which only shows, and the room's one number. A sealed note is no change, so no frame brings the
// number; it is asked for every few seconds, in a large room less often.
const since = new WeakMap();
const two = (n) => String(n).padStart(2, "0");
let asked = Date.now();

function tick() {
  for (const clock of document.querySelectorAll("[data-silent-clock]")) {
    if (!since.has(clock)) since.set(clock, Date.now());
    const left = Number(clock.dataset.planned) - Number(clock.dataset.seconds) - Math.round((Date.now() - since.get(clock)) / 1000);
    const text = `${two(Math.floor(Math.max(0, left) / 60))}:${two(Math.max(0, left) % 60)}`;
    if (text === "00:00" && clock.textContent === "00:01") document.dispatchEvent(new CustomEvent("say", { detail: { text: "The time for writing is up. It goes on until the notes are shown." } }));
    clock.textContent = text;
  }
  const count = document.getElementById("silent-count");
  if (count && !document.hidden && Date.now() - asked > Number(count.dataset.againIn) * 1000) ask(count);
}
async function ask(count) {
  asked = Date.now() + Math.random() * 500;
  const answer = await fetch(count.dataset.from, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || !count.isConnected) return; // the next one brings it
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("silent-count");
  if (fresh && fresh.innerHTML !== count.innerHTML) count.replaceChildren(...fresh.childNodes);
}
setInterval(tick, 1000);
