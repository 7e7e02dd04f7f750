// The editor of articles: an image pasted or dropped into the text is sent, and its Markdown written there.
// Without this module the image is chosen with the form's own field.

const area = document.querySelector("textarea[data-paste]");

function say(message) {
  document.querySelector("#annonce").textContent = message;
}

/** Write in place of `mark`, or at the cursor, so that the browser's own undo still works. */
function replace(mark, text) {
  const start = area.value.indexOf(mark);
  if (start < 0) return;
  area.setRangeText(text, start, start + mark.length, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function send(image) {
  const mark = `![Envoi de l’image ${Date.now()}…]()`;
  area.setRangeText(mark, area.selectionStart, area.selectionEnd, "end");
  const body = new FormData();
  body.append("csrf_token", area.form.elements.csrf_token.value);
  body.append("image", image, image.name || "image.png");
  try {
    const answer = await fetch(area.dataset.paste, { method: "POST", body });
    const text = await answer.text();
    const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
    if (answer.status === 201) {
      replace(mark, text);
      say("Image ajoutée. Décrivez-la entre les crochets.");
    } else {
      replace(mark, "");
      warn(plain ? text : "L’image n’a pas pu être envoyée : votre session est peut-être terminée.");
    }
  } catch {
    replace(mark, "");
    warn("Le serveur ne répond pas : l’image n’a pas été envoyée. Votre texte est conservé.");
  }
}

function warn(message) {
  const callout = document.createElement("div");
  callout.className = "callout callout-alarm";
  const text = document.createElement("p");
  text.className = "callout-title";
  text.textContent = message;
  callout.append(text);
  document.querySelector("#messages").replaceChildren(callout);
  callout.scrollIntoView({ block: "nearest" });
}

function images(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

for (const [name, key] of [
  ["paste", "clipboardData"],
  ["drop", "dataTransfer"],
]) {
  area?.addEventListener(name, (event) => {
    const found = images(event[key]);
    if (!found.length) return;
    event.preventDefault();
    found.forEach(send);
  });
}
