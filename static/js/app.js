// What the pages gain when scripts run. Without them each form and link works all the same.

const NBSP = "\u00a0";
const NEAR = 0.75; // as in templates/components/clock.html
const SHORTCUTS_KEY = "raccourcis";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- Time: the server's instant, carried on by the browser's stopwatch; its wall clock may be wrong.

const serverStart = Date.parse(document.body.dataset.now);
const stopwatchStart = performance.now();
const now = () => serverStart + performance.now() - stopwatchStart;

/** The two largest units of a length in milliseconds, as `duration` of app/web/filters.py writes it. */
function duration(length) {
  const total = Math.floor(Math.abs(length) / 60_000);
  const [days, hours, minutes] = [Math.floor(total / 1440), Math.floor(total / 60) % 24, total % 60];
  if (days) return `${days}${NBSP}j` + (hours ? `${NBSP}${hours}${NBSP}h` : "");
  if (hours) return `${hours}${NBSP}h` + (minutes ? `${NBSP}${String(minutes).padStart(2, "0")}` : "");
  return minutes ? `${minutes}${NBSP}min` : "moins d’une minute";
}

function tick() {
  const instant = now();
  for (const text of $$("[data-due]")) {
    const due = Date.parse(text.dataset.due);
    text.textContent = (due < instant ? "dépassée de " : "reste ") + duration(due - instant);
    const clock = text.closest("[data-started]");
    if (clock) age(clock, Date.parse(clock.dataset.started), due, instant);
  }
}

/** The bar, the colour and, once late, the word of a running clock. */
function age(clock, started, due, instant) {
  const share = due > started ? Math.min(1, Math.max(0, (instant - started) / (due - started))) : 1;
  $(".bar-fill", clock)?.setAttribute("width", String(share * 100));
  if (due >= instant) {
    if (share >= NEAR) clock.dataset.tone = "warning";
    return;
  }
  clock.dataset.tone = "alarm";
  const badge = $(".badge", clock);
  if (badge) {
    badge.className = "badge tone-alarm";
    $("span", badge).textContent = "Dépassée";
  }
}

if (serverStart) {
  tick();
  setInterval(tick, 15_000);
}

// --- Focus and voice after a swap: the element that had the focus is often gone.

document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  tick();
  reveal(elt);
  const urgent = $("[data-focus]", elt);
  const lost = !document.activeElement || document.activeElement === document.body;
  if (urgent) focusOn(urgent);
  else if (lost) focusOn($("h1[tabindex], h2[tabindex]", elt));
});

document.addEventListener("htmx:beforeRequest", ({ detail: { target } }) => target.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", ({ detail: { target } }) => target.removeAttribute("aria-busy"));

const REFUSALS = {
  // The form rests on a session that is over: sent again, it would be refused again.
  400: "Ce formulaire a expiré. Rien n’a été enregistré : copiez votre saisie, rechargez la page, puis collez-la.",
};

document.addEventListener("htmx:responseError", ({ detail: { xhr, requestConfig } }) => {
  if (xhr.status === 401 && session) {
    if (!requestConfig.headers[POLLING]) sessionModule().then(({ leave }) => leave(notice));
    return;
  }
  notice(
    REFUSALS[xhr.status] ??
      `Le serveur a refusé la demande (erreur ${xhr.status}). Rien n’a été enregistré, votre saisie est conservée.`,
  );
});
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () =>
    notice("Le serveur ne répond pas. Votre saisie est conservée : vérifiez la connexion, puis recommencez."),
  );
}

// --- The session: what a page asks by itself keeps nobody signed in, and someone may be typing in it.

const POLLING = "X-Polling";

document.addEventListener("htmx:configRequest", ({ detail: { headers, triggeringEvent } }) => {
  if (!triggeringEvent) headers[POLLING] = "1";
  else if (!["submit", "click"].includes(triggeringEvent.type)) headers["X-Aside"] = "1";
});

const session = $("#session");
const sessionModule = () => import(session.dataset.module);
if (session) {
  setTimeout(
    () => sessionModule().then(({ watch }) => watch(session, $("#session-warning").content)),
    Math.max(0, Date.parse(session.dataset.warnedAt) - now()),
  );
}

// A form that waited for its owner leaves as soon as they are back (templates/accounts/draft.html).
$("form[data-send]")?.requestSubmit();

/** A warning among the page's messages, which screen readers speak. */
function notice(message) {
  const callout = document.createElement("div");
  callout.className = "callout callout-alarm";
  const text = document.createElement("p");
  text.className = "callout-title";
  text.textContent = message;
  callout.append(text);
  $("#messages").replaceChildren(callout);
  callout.scrollIntoView({ block: "nearest" });
}

function announce(message) {
  $("#annonce").textContent = message;
}

function focusOn(element) {
  element?.focus();
}

focusOn($("[data-focus]"));

// --- Copy: the buttons are hidden from whoever could not use them.

/** Show what only works with scripts. */
function reveal(root) {
  for (const button of $$("[data-copy][hidden], [data-open][hidden]", root)) button.hidden = false;
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  source.select();
  try {
    await navigator.clipboard.writeText(source.value);
    announce("Texte copié.");
    const label = $("span", button);
    button.dataset.label ??= label.textContent;
    label.textContent = "Copié";
    setTimeout(() => (label.textContent = button.dataset.label), 2_000);
  } catch {
    announce("La copie a été refusée par le navigateur. Le texte est sélectionné : copiez-le avec Ctrl + C.");
  }
}

reveal(document);

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy], [data-open]");
  if (button?.dataset.copy) copy(button);
  else if (button) document.getElementById(button.dataset.open).showModal();
});

// --- Keyboard: letters alone, only outside of fields, and each person may switch them off.

const ROWS = "[data-row] a, a[data-row]";
let afterG = false;

function move(step) {
  const rows = $$("[data-row]").map((row) => (row.matches("a") ? row : $("a", row)));
  const here = rows.findIndex((link) => link === document.activeElement);
  focusOn(rows[Math.min(rows.length - 1, Math.max(0, here + step))]);
}

const ACTIONS = {
  "?": () => $("#shortcuts")?.showModal(),
  "/": () => {
    const box = $('main input[type="search"]') ?? $('[data-shortcut="/"]');
    if (box?.offsetParent) focusOn(box);
    else box?.form.submit(); // folded in the menu of a narrow screen: its page has the box
  },
  j: () => move(1),
  k: () => move(-1),
  o: () => document.activeElement?.matches(ROWS) && document.activeElement.click(),
  g: () => {
    afterG = true;
    setTimeout(() => (afterG = false), 1_500);
  },
};

/** Any other letter goes to the control that claims it with `data-shortcut`. */
function claim(key) {
  const control = $(`[data-shortcut="${CSS.escape(key)}"]`);
  if (control?.matches("input, textarea, select")) focusOn(control);
  else control?.click();
  return control;
}

function enabled() {
  return localStorage.getItem(SHORTCUTS_KEY) !== "non";
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || key.length !== 1) return;
  if (target.matches("input, textarea, select, [contenteditable]") || $("dialog[open]") || !enabled()) return;
  if (afterG) {
    afterG = false;
    $(`[data-go="${CSS.escape(key)}"]`)?.click();
    event.preventDefault();
  } else if (key in ACTIONS) {
    ACTIONS[key]();
    event.preventDefault();
  } else if (claim(key)) {
    event.preventDefault();
  }
});

const choice = $("#shortcuts-enabled");
if (choice) {
  choice.checked = enabled();
  choice.addEventListener("change", () => localStorage.setItem(SHORTCUTS_KEY, choice.checked ? "oui" : "non"));
}
