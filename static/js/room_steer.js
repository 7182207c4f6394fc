// Who leads the room: said when it changes, and asked for again once the facilitator's browser has been gone for long enough.

import { byId, on, outdated, say, toast, words } from "./room_regions.js";

let isGone = false;
let count = 0;
on("here", (e) => {
  if (e.detail.size !== count) outdated(["here"]); // the facilitator sees whom the room can go to
  count = e.detail.size;
  const lead = byId("away")?.dataset.lead;
  const gone = Boolean(lead) && !e.detail.has(Number(lead));
  if (gone !== isGone) outdated(["lead"]);
  isGone = gone;
});

let lead = byId("ctl")?.dataset.lead;
let heard = byId("away-box")?.dataset.say;
setInterval(() => {
  const away = byId("away");
  if (away?.dataset.again && (away.dataset.again -= 1) <= 0) {
    delete away.dataset.again;
    outdated(["lead"]);
  }
  const news = byId("away-box")?.dataset.say;
  if (news && news !== heard) say(news);
  heard = news;
  const now = byId("ctl")?.dataset.lead;
  if (now && now !== lead && words.state === "meeting") {
    say(`Now facilitating: ${now}`);
    toast({ text: `Now facilitating: ${now}` });
  }
  lead = now;
}, 1000);
