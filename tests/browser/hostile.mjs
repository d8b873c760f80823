// Servers with names chosen to do harm: each stands in the list, its link opens its own page, and nothing runs.
// SPDX-License-Identifier: Apache-2.0

import { check, fits, open, run, PHONE } from "./browser.mjs";

await run(async (session) => {
  const { task } = session;
  const tab = await open(session);
  await tab.go(task.pages.servers);
  const links = await tab.page.locator("tbody th a").evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.innerText]));
  check(tab.where, links.length === task.names.length, `${links.length} links for ${task.names.length} servers`);
  for (const [href, text] of links) {
    const name = new URL(href, task.url).searchParams.get("name");
    check("links", task.names.includes(name), `a link to ${JSON.stringify(name)}, which no server is called`);
    await tab.go(href);
    const title = await tab.page.locator("h1").innerText();
    check(href, title === text, `${JSON.stringify(text)} opens ${JSON.stringify(title)}`);
    check(href, !/[\u0000-\u0008\u001b\u202a-\u202e\u2066-\u2069]/.test(title), "control characters on the page");
  }
  const phone = await open(session, PHONE);
  for (const path of [...Object.values(task.pages), ...links.map(([href]) => href)]) {
    await phone.go(path);
    await fits(phone);
    await phone.page.waitForTimeout(0);
  }
  const planted = await phone.page.evaluate(() => window.planted);
  check("pages", planted === undefined, "a name ran as a script");
});
