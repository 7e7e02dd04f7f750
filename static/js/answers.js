// What may answer beside the form of a new ticket: never in the way of who types.

const FEWEST_WORDS = 3; // as in app/tickets/deflections.py
const WIDE = "(min-width: 80rem)"; // as in static/css/search.css

const block = document.querySelector("[data-beside]");

/** On a wide screen the block stands aside, open; elsewhere only whoever unfolds it moves the fields. */
function place() {
  block.open = matchMedia(WIDE).matches || block.hasAttribute("data-unfolded");
}

function words() {
  const typed = ["subject", "text"].map((id) => document.getElementById(id)?.value ?? "").join(" ");
  return typed.split(/\s+/).filter(Boolean).length;
}

if (block) {
  place();
  matchMedia(WIDE).addEventListener("change", place);
  block.querySelector("summary").addEventListener("click", () => block.toggleAttribute("data-unfolded", !block.open));

  let asked = false;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "new-answers") return;
    const typing = event.detail.requestConfig?.triggeringEvent?.type === "input";
    if (typing && words() < FEWEST_WORDS && !asked) event.preventDefault();
    else asked = words() >= FEWEST_WORDS;
  });

  // Whoever has moved into the list keeps it under their fingers.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = event.detail;
    if (target.id === "new-answers" && target.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
}

// The same words are not spoken twice.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.id === "annonce" && target.textContent.trim() === fragment.textContent.trim()) event.detail.shouldSwap = false;
});
