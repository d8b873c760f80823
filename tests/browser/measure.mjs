// How long a person waits on a large estate: from the input of a slider to the new plan in the page, and for the list of
// servers. Prints; judges nothing but that an answer came.
// SPDX-License-Identifier: Apache-2.0

import { check, open, run } from "./browser.mjs";

const MOVES = 9;

await run(async (session) => {
  const { task, note } = session;
  const tab = await open(session);
  note(`plan, before any other page: ${await timed(tab, task.pages.plan)}`);
  note(`slider, the first move of all: ${(await moved(tab, "cpu", 0)).toFixed(0)} ms`);
  note(`list: ${await timed(tab, task.pages.servers)}`);
  note(`list, sorted by name: ${await timed(tab, `${task.pages.servers}?order=name`)}`);
  note(`list, searched: ${await timed(tab, `${task.pages.servers}?q=1`)}`);
  note(`list, last page: ${await timed(tab, `${task.pages.servers}?page=100000`)}`);
  note(`overview: ${await timed(tab, task.pages.overview)}`);
  note(`plan, again: ${await timed(tab, task.pages.plan)}`);
  for (const slider of ["cpu", "memory", "growth", "failures", "cores", "gib"]) {
    const waits = [];
    for (let move = 0; move < MOVES; move += 1) waits.push(await moved(tab, slider, move));
    waits.sort((a, b) => a - b);
    note(`slider ${slider}: median ${waits[MOVES >> 1].toFixed(0)} ms, longest ${waits[MOVES - 1].toFixed(0)} ms`);
  }
});

/** First byte, whole page and its size, of an ordinary visit. */
async function timed(tab, path) {
  await tab.go(path);
  const [entry] = await tab.page.evaluate(() => performance.getEntriesByType("navigation").map((entry) => entry.toJSON()));
  const ms = (value) => `${(value - entry.requestStart).toFixed(0)} ms`;
  const rows = await tab.page.locator("main tr").count();
  return `first byte ${ms(entry.responseStart)}, shown ${ms(entry.domContentLoadedEventEnd)}, ${(entry.decodedBodySize / 1024).toFixed(0)} KiB, ${rows} rows`;
}

/** Milliseconds from an input event to the answer of that very value in the page. */
async function moved(tab, slider, move) {
  const waited = await tab.page.evaluate(async ([slider, move]) => {
    const input = document.getElementById(`slide-${slider}`);
    const before = input.value;
    input[move % 2 ? "stepUp" : "stepDown"](1 + (move >> 1));
    if (input.value === before) input.stepUp(1);
    const answer = document.getElementById("answer");
    const began = performance.now();
    const shown = new Promise((resolve) => {
      const watch = new MutationObserver(() => answer.isConnected && (watch.disconnect(), resolve(performance.now())));
      watch.observe(answer, { childList: true, subtree: true });
    });
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return (await shown) - began;
  }, [slider, move]);
  check("slider", waited > 0, `${slider} got no answer`);
  return waited;
}
