// Answers while a slider moves: asks the same address the form's button would, and shows the part that answers. Without
// this file the button does the same.
"use strict";
for (const form of document.querySelectorAll("form[data-live]")) {
  const answer = document.getElementById(form.dataset.live);
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const reply = await fetch(form.action + "?" + new URLSearchParams(new FormData(form)));
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const part = page.getElementById(form.dataset.live);
    if (mine === asked && reply.ok && part) answer.replaceChildren(...part.childNodes);
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
