// The main tasks by keyboard alone, on a desk: skip link, navigation, find, sort and open a server, move a slider and hear
// the answer, open and close a "why?", sign out. What has the focus can be seen at every step.
// SPDX-License-Identifier: Apache-2.0

import { check, open, run } from "./browser.mjs";

/** Tab stops until one matches; more than this and nobody would get there. */
const STOPS = 150;

await run(async (session) => {
  const tab = await open(session);
  await tab.go(session.task.pages.overview);
  await skipAndNavigate(tab);
  await findServer(tab);
  await moveSlider(tab);
  await askWhy(tab, session.task.pages.overview);
  await signOut(tab, session.task);
});

/** Tab, or the other way, until the focus is on what a selector matches. */
async function tabTo(tab, selector, key = "Tab") {
  for (let stop = 0; stop < STOPS; stop += 1) {
    await tab.page.keyboard.press(key);
    const there = await tab.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector);
    await seen(tab);
    if (there) return;
  }
  throw new Error(`${tab.where}: no ${selector} within ${STOPS} tab stops`);
}

/** What has the focus has an outline, and stands on the screen. */
async function seen(tab) {
  const found = await tab.page.evaluate(() => {
    const part = document.activeElement;
    if (!part || part === document.body) return null;
    const style = getComputedStyle(part);
    const box = part.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { outlined, shown: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0, html: part.outerHTML.slice(0, 100) };
  });
  if (!found) return;
  check(tab.where, found.outlined && found.shown, `the focus is not to be seen: ${JSON.stringify(found)}`);
}

async function press(tab, key, leads) {
  const loaded = tab.page.waitForURL(leads);
  await tab.page.keyboard.press(key);
  await loaded;
  await tab.page.waitForLoadState();
}

async function skipAndNavigate(tab) {
  tab.where = "skip link";
  await tabTo(tab, "a.skip");
  await press(tab, "Enter", /#content$/);
  await tab.page.keyboard.press("Tab");
  const inside = await tab.page.evaluate(() => Boolean(document.activeElement?.closest("main")));
  check(tab.where, inside, "the next stop is not in the content");
  tab.where = "navigation";
  await tab.page.reload();
  await tabTo(tab, "nav a[href$='/servers']");
  await press(tab, "Enter", /\/servers$/);
  const here = await tab.page.locator("nav a[aria-current='page']").getAttribute("href");
  check(tab.where, here.endsWith("/servers"), `the page says it is ${here}`);
}

async function findServer(tab) {
  const { page } = tab;
  tab.where = "servers, sorted";
  const sorted = () => page.locator("th[aria-sort]").evaluateAll((all) => all.map((th) => [th.innerText.trim(), th.ariaSort]));
  const first = await sorted();
  check(tab.where, first.length === 1, `sorted by ${JSON.stringify(first)}`);
  const names = () => page.locator("tbody th a").allInnerTexts();
  await tabTo(tab, "thead a[href*='order=name']");
  await press(tab, "Enter", /order=name/);
  const rising = await names();
  check(tab.where, JSON.stringify(await sorted()) === JSON.stringify([["Server", "ascending"]]), JSON.stringify(await sorted()));
  check(tab.where, rising.every((name, at) => at === 0 || rising[at - 1] <= name), `not by name: ${rising}`);
  await tabTo(tab, "thead a[href*='order=name']");
  await press(tab, "Enter", /descending/);
  check(tab.where, JSON.stringify(await sorted()) === JSON.stringify([["Server", "descending"]]), JSON.stringify(await sorted()));
  tab.where = "servers, found";
  const wanted = rising[rising.length - 1];
  await tabTo(tab, "input[type='search']", "Shift+Tab");
  await page.keyboard.type(wanted);
  await press(tab, "Enter", (url) => url.searchParams.get("q") === wanted);
  const found = await names();
  check(tab.where, found.length > 0 && found.includes(wanted), `${wanted} is not in ${found}`);
  tab.where = "a server, opened";
  await tabTo(tab, "tbody th a");
  const name = await page.evaluate(() => document.activeElement.innerText);
  await press(tab, "Enter", /\/server\?name=/);
  const title = await page.locator("h1").innerText();
  check(tab.where, title === name, `${title} is not ${name}`);
}

async function moveSlider(tab) {
  const { page } = tab;
  tab.where = "slider";
  await tabTo(tab, "nav a[href$='/plan']");
  await press(tab, "Enter", /\/plan$/);
  await tabTo(tab, "#slide-cpu");
  const said = page.locator("#answer-said");
  check(tab.where, (await said.getAttribute("role")) === "status", "the answer is no live region");
  const kept = await said.elementHandle();
  const before = await said.innerText();
  for (let step = 0; step < 20; step += 1) await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() => document.querySelectorAll("#answer tbody tr").length === 2);
  await page.waitForFunction((before) => document.querySelector("#answer-said").innerText !== before, before);
  check(tab.where, await kept.evaluate((part) => part.isConnected), "the live region was replaced, so nothing is announced");
  const output = await page.locator("output[for='slide-cpu']").innerText();
  check(tab.where, output.startsWith("60"), `the slider says ${output}`);
  const focus = await page.evaluate(() => document.activeElement.id);
  check(tab.where, focus === "slide-cpu", `the focus went to ${focus}`);
}

async function askWhy(tab, path) {
  tab.where = "why?";
  await tab.go(path);
  await tabTo(tab, "details.why > summary");
  const isOpen = () => tab.page.evaluate(() => document.activeElement.parentElement.open);
  await tab.page.keyboard.press("Enter");
  check(tab.where, await isOpen(), "it does not open");
  await tab.page.keyboard.press("Enter");
  check(tab.where, !(await isOpen()), "it does not close");
}

async function signOut(tab, task) {
  if (!task.enter) return;
  tab.where = "sign-out";
  await tab.go(task.pages.overview);
  await tabTo(tab, "form.who button");
  await press(tab, "Enter", /sign-in/);
  await tab.page.goBack();
  await tab.page.goto(task.url + task.pages.overview);
  check(tab.where, tab.page.url().includes("sign-in"), `a page still opens: ${tab.page.url()}`);
}
