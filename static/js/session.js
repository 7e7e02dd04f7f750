// The end of a session: the warning before, and what to do after. Loaded shortly before, or when the server says
// that it is over: a page that is soon left never asks for it.

const NBSP = "\u00a0";
const EVERY = 30_000; // the words count minutes
const OVER =
  "Votre session est terminée. Ce que vous avez écrit n’est pas perdu" +
  `${NBSP}: envoyez-le, vous pourrez vous reconnecter et il partira.`;
const EXTENDABLE = "Sans rien faire, vous serez déconnecté. Ce que vous avez écrit ne sera pas perdu.";
const ABSOLUTE =
  "Elle a atteint sa durée la plus longue et ne peut pas être prolongée" +
  `${NBSP}: envoyez ce que vous avez écrit, ou reconnectez-vous ensuite.`;

/** Ask the server, which alone knows what other tabs did, and warn in `place` when the end is near. */
export function watch(place, template) {
  let timer;

  async function look(options = { headers: { "X-Polling": "1" } }) {
    clearTimeout(timer);
    let answer;
    try {
      answer = await fetch(place.dataset.state, { ...options, redirect: "manual" });
    } catch {
      timer = setTimeout(look, EVERY); // the network is away: nothing is known
      return;
    }
    if (!answer.ok) return say(OVER, "", false);
    const { ends_in, warned_in, can_be_extended } = await answer.json();
    if (warned_in > 0) {
      place.replaceChildren();
      timer = setTimeout(look, warned_in * 1000);
    } else {
      const left = ends_in < 60 ? "moins d’une minute" : `${Math.round(ends_in / 60)}${NBSP}min`;
      say(`Votre session se termine dans ${left}.`, can_be_extended ? EXTENDABLE : ABSOLUTE, can_be_extended);
      timer = setTimeout(look, Math.min(EVERY, (ends_in + 1) * 1000));
    }
  }

  function say(words, more, extendable) {
    if (!place.firstElementChild) place.append(template.cloneNode(true));
    const form = place.querySelector("form");
    write("[data-words]", words);
    write("[data-more]", more);
    form.hidden = !extendable;
    form.onsubmit = (event) => {
      event.preventDefault();
      look({ method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    };
  }

  /** Only what changed is written: a screen reader speaks each change. */
  function write(selector, words) {
    const line = place.querySelector(selector);
    if (line.textContent !== words) line.textContent = words;
    line.hidden = !words;
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  look();
}

/** The session is over: go and sign in, unless something is being typed; then say by `notice` that it will keep. */
export function leave(notice) {
  if (isTyping()) notice(OVER);
  else location.assign("/connexion");
}

/** Whether a form of the page holds something that the server has not. */
function isTyping() {
  return [...document.querySelectorAll('main form[method="post"] :is(input, textarea, select)')].some((control) => {
    if (control.type === "hidden") return false;
    if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
    if (control.options) return [...control.options].some((option) => option.selected !== option.defaultSelected);
    return control.value !== control.defaultValue;
  });
}
