// Answers while a slider moves: asks the same address the form's button would, shows the part that answers, and says it
// where a screen reader listens. One question at a time: of those that come meanwhile only the last is asked. Without this
// file the button does the same.
"use strict";
for (const form of document.querySelectorAll("form[data-live]")) {
  const answer = document.getElementById(form.dataset.live);
  const said = document.getElementById(form.dataset.said);
  let busy = false;
  let again = false;
  const ask = async () => {
    again = busy;
    if (busy) return;
    busy = true;
    try {
      const reply = await fetch(form.action + "?" + new URLSearchParams(new FormData(form)));
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const part = page.getElementById(form.dataset.live);
      if (reply.ok && part) {
        answer.replaceChildren(...part.childNodes);
        said.textContent = page.getElementById(form.dataset.said).textContent;
      }
    } finally {
      busy = false;
      if (again) ask();
    }
  };
  form.addEventListener("input", (event) => {
    const output = form.querySelector(`output[for="${event.target.id}"]`);
    if (output) output.value = `${event.target.value} ${output.dataset.unit}`;
    ask();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
}
