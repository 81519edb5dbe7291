// What a page shows is held against the records every few seconds. Where they say otherwise, the page's own button is
// pressed, which draws it anew. A mark on the page tells where to ask, what was true when it was drawn, which button, and
// how often: <i data-watch="/conversations/ID/state" data-state="..." data-press="look" data-every="1" hidden></i>
"use strict";

const OFTEN = 1000; // milliseconds; a mark may want it less often
const LONGEST = 10000; // a connection that hangs is given up
const DRAWN_WITHIN = 5000; // a page that has not been drawn anew by then is pressed again
const DRAWING = 500; // so long a conversation is drawn after its mark
let pressed = { state: "", at: 0 };
let looked = 0;
let opened = { address: "", at: 0 }; // the conversation that is shown, and since when
let reached = false; // the document that the page's address names
let touched = 0; // when somebody last did something

async function look() {
  const mark = document.querySelector("[data-watch]");
  const now = Date.now();
  if (mark && !document.hidden && now - looked > 1000 * mark.dataset.every - OFTEN / 2) {
    looked = now;
    const answer = await fetch(mark.dataset.watch, { redirect: "error", signal: AbortSignal.timeout(LONGEST) });
    if (answer.status === 401) tellSignedOut(mark.dataset.signedOut);
    else document.getElementById("signed-out")?.remove();
    const state = answer.ok ? await answer.text() : mark.dataset.state;
    const waits = pressed.state === state && now - pressed.at < DRAWN_WITHIN;
    if (state !== mark.dataset.state && mark.isConnected && !waits) {
      pressed = { state, at: now };
      document.getElementById(mark.dataset.press)?.click();
    }
  }
}

function toLastQuestion() {
  // a conversation opens at its last question, not at its first; but nothing moves under somebody's hand
  const mark = document.querySelector("[data-watch]");
  if (!mark) return;
  if (mark.dataset.watch !== opened.address) opened = { address: mark.dataset.watch, at: Date.now() };
  if (Date.now() - opened.at > DRAWING || touched > opened.at) return;
  [...document.querySelectorAll(".turn.question")].at(-1)?.scrollIntoView();
}

function toChosen() {
  // the document that the page's address names is below the list
  if (reached || touched || !location.search.includes("document=") || !document.querySelector("#facts table")) return;
  reached = true;
  document.getElementById("chosen")?.scrollIntoView();
}

function tellSignedOut(words) {
  // what stands in a box is kept: nobody is sent away from it, and the page goes on once its person has signed in again
  if (document.getElementById("signed-out")) return;
  const link = Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: words });
  const notice = Object.assign(document.createElement("p"), { id: "signed-out", className: "notice error", role: "alert" });
  notice.append(link);
  document.body.prepend(notice);
}

function again() {
  // a server that is not there for a moment is asked again
  look().catch(() => undefined).finally(() => setTimeout(again, OFTEN));
}

// a page that is left for good says so, and the server forgets it; one that may be shown again (`persisted`) doesn't
addEventListener("pagehide", (event) => {
  const mark = document.querySelector("[data-leave]");
  if (mark && !event.persisted) navigator.sendBeacon(mark.dataset.leave);
});

for (const act of ["pointerdown", "keydown", "wheel"]) addEventListener(act, () => (touched = Date.now()), { passive: true });
new MutationObserver(() => (toLastQuestion(), toChosen())).observe(document.documentElement, { childList: true, subtree: true });
again();
