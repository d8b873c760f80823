// Every page and the report file, light and dark, on a desk and on a phone: no complaint, nobody else asked, no violation
// of axe-core, nothing wider than the screen; without a script the pages hold the same; and a picture of each.
// SPDX-License-Identifier: Apache-2.0

import { DESKTOP, PHONE, check, fits, open, run, scan } from "./browser.mjs";
import { join } from "node:path";

const SCREENS = { desktop: DESKTOP, phone: PHONE };

await run(async (session) => {
  const { task } = session;
  for (const [screen, size] of Object.entries(SCREENS)) {
    for (const colorScheme of ["light", "dark"]) {
      const tab = await open(session, { ...size, colorScheme });
      for (const [name, path] of Object.entries(task.pages)) {
        await tab.go(path);
        tab.where = `${screen} ${colorScheme} ${path}`;
        await fits(tab);
        await picture(tab, `${name}-${screen}-${colorScheme}`);
        await scan(tab);
        await fits(tab);
        await drawn(tab);
        await worded(tab);
      }
      await tab.context.close();
    }
  }
  await withoutScript(session);
  await onPaper(session);
});

async function picture(tab, name) {
  const folder = process.env.CAIRN_PICTURES;
  // A whole report is longer than a picture can be.
  const fullPage = !tab.page.url().startsWith("file:");
  if (folder) await tab.page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

/** Each drawing is named for who cannot see it, and has its figures in a table beside it. */
async function drawn(tab) {
  const bare = await tab.page.evaluate(() =>
    [...document.querySelectorAll("svg.chart")]
      .filter((svg) => !svg.getAttribute("aria-labelledby") || !svg.closest("figure")?.querySelector("details.data table tbody tr"))
      .map((svg) => svg.outerHTML.slice(0, 120)));
  check(tab.where, bare.length === 0, `drawings without a name or a table: ${bare}`);
}

/** Every sentence has its wording; one that has none shows its id. */
async function worded(tab) {
  const bare = (await tab.page.locator("body").innerText()).match(/\[(page|report)\.[^\]]*\]/g) ?? [];
  check(tab.where, bare.length === 0, `without wording: ${[...new Set(bare)]}`);
}

async function withoutScript(session) {
  const { task } = session;
  const tab = await open(session, { ...DESKTOP, javaScriptEnabled: false });
  for (const path of Object.values(task.pages).filter((path) => !path.startsWith("file:"))) {
    await tab.go(path);
    tab.where = `without a script ${path}`;
    const words = (await tab.page.locator("main").innerText()).length;
    check(tab.where, words > 100, `only ${words} characters`);
  }
  await tab.go(task.pages.plan);
  await tab.page.locator("#slide-cpu").fill("60");
  await tab.page.locator("form.sliders button").click();
  tab.where = "without a script, sliders";
  check(tab.where, tab.page.url().includes("cpu=60"), tab.page.url());
  const rows = await tab.page.locator("#answer tbody tr").count();
  check(tab.where, rows === 2, `${rows} rows of an answer`);
  await tab.context.close();
}

/** On paper: no navigation, black on white, and nothing cut off at the right. */
async function onPaper(session) {
  const { task } = session;
  const tab = await open(session, { viewport: { width: 700, height: 1000 }, colorScheme: "dark" });
  await tab.page.emulateMedia({ media: "print", colorScheme: "dark" });
  for (const [name, path] of Object.entries(task.pages)) {
    await tab.go(path);
    tab.where = `printed ${path}`;
    const paper = await tab.page.evaluate(() => ({
      ground: getComputedStyle(document.body).backgroundColor,
      ways: [...document.querySelectorAll("nav, form button, .skip")].filter((part) => part.getClientRects().length).length,
    }));
    check(tab.where, paper.ground === "rgb(255, 255, 255)", `the paper is ${paper.ground}`);
    check(tab.where, paper.ways === 0, `${paper.ways} links or buttons that lead nowhere`);
    await fits(tab);
    await picture(tab, `${name}-paper`);
  }
  await tab.context.close();
}
