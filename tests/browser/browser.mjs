// A browser for one task: opened, signed in once, and watched for whatever a page complains of or asks elsewhere.
// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The packages are installed beside the other tools, not into the repository.
const require = createRequire(join(process.env.CAIRN_BROWSER_PACKAGES, "package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

export const DESKTOP = { viewport: { width: 1280, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1 };

/** What was found wrong, as lines; each names the page. */
export const faults = [];
export const fault = (where, what) => faults.push(`${where}: ${what}`);
export const check = (where, holds, what) => holds || fault(where, what);

/** Opens the browser for the task in `CAIRN_TASK`, does it, and prints `{faults, measured}`. */
export async function run(work) {
  const task = JSON.parse(process.env.CAIRN_TASK);
  const browser = await chromium.launch({ executablePath: task.browser, args: ["--no-sandbox", "--disable-gpu"] });
  const measured = [];
  try {
    const session = await signIn(browser, task);
    await work({ task, browser, session, note: (line) => measured.push(line) });
  } catch (error) {
    fault("the task", error.stack);
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify({ faults, measured }));
}

/** Signs in, once; what the browser keeps of it is given to every context. */
async function signIn(browser, task) {
  if (!task.enter) return undefined;
  const context = await browser.newContext();
  const page = await context.newPage();
  const answer = await page.goto(task.enter);
  check("sign-in", answer.ok(), `status ${answer.status()}`);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** A tab of its own, watched. `where` names it in faults and may be changed. */
export async function open({ task, browser, session }, options = DESKTOP) {
  const context = await browser.newContext({ locale: "en-GB", storageState: session, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const tab = { page, context, where: "", expected: 0 };
  page.on("console", (said) => {
    if (["error", "warning"].includes(said.type())) fault(tab.where, `console: ${said.text()}`);
  });
  page.on("pageerror", (error) => fault(tab.where, `script: ${error.message}`));
  page.on("dialog", async (dialog) => {
    fault(tab.where, `a dialog opened: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(task.url + "/") && !/^(data|blob|file|about):/.test(url)) fault(tab.where, `asked ${url}`);
  });
  tab.go = async (path) => {
    tab.where = path;
    const answer = await page.goto(path.startsWith("file:") ? path : task.url + path);
    if (answer && answer.status() !== 200) fault(path, `status ${answer.status()}`);
  };
  return tab;
}

/** Violations of axe-core on a page as it is now, everything folded opened first. */
export async function scan(tab) {
  await tab.page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
  await tab.page.evaluate(AXE + ";0");
  const violations = await tab.page.evaluate(async (rules) => {
    const found = await window.axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    const node = (node) => `${node.target.join(" ")} ${node.html.slice(0, 160)} (${node.failureSummary.replace(/\s+/g, " ").slice(0, 260)})`;
    return found.violations.map((rule) => `${rule.id}, ${rule.nodes.length} times: ${node(rule.nodes[0])}`);
  }, RULES);
  violations.forEach((violation) => fault(tab.where, `axe ${violation}`));
}

/** Nothing stands out of the page to the right. */
export async function fits(tab) {
  const wide = await tab.page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return null;
    const out = [...document.body.querySelectorAll("*")].filter((part) =>
      part.getBoundingClientRect().right > room + 1 && !part.closest(".table, .drawing, pre"));
    return `${document.documentElement.scrollWidth} of ${room}: ${out.at(-1)?.outerHTML.slice(0, 120)}`;
  });
  check(tab.where, wide === null, `wider than the screen: ${wide}`);
}
