/** @file Page objects for two of VS Code's lists: the Problems panel and the test view. */
import { until } from "./until.mjs";

/** The rows of the Problems panel, files and entries, from the top. @param {import("./workbench.mjs").Workbench} workbench */
export async function problems(workbench) {
  return rowsOf(workbench, ".markers-panel-container .monaco-list-row");
}

/** The rows of the test view, from the top: name, description and state. @param {import("./workbench.mjs").Workbench} workbench */
export async function testRows(workbench) {
  const rows = workbench.page.locator(".test-explorer .monaco-list-row");
  return until("tests", async () => {
    const texts = await rows.evaluateAll((all) => all.map((row) => `${row.textContent} ${row.getAttribute("aria-label")?.replace(/^.*\(/, "(")}`));
    return texts.length > 0 && texts;
  });
}

/** Waits until a list has no rows left. @param {import("./workbench.mjs").Workbench} workbench @param {"problems" | "tests"} list */
export async function untilEmpty(workbench, list) {
  const rows = workbench.page.locator({ problems: ".markers-panel-container .monaco-list-row", tests: ".test-explorer .monaco-list-row" }[list]);
  await until(`no ${list}`, async () => (await rows.count()) === 0);
}

/** Opens items of the test view, one inside the other, by their names. @param {import("./workbench.mjs").Workbench} workbench @param {readonly string[]} path */
export async function openTests(workbench, path) {
  for (const name of path) {
    const row = testRow(workbench, name);
    await until(`the tests of ${name} to open`, async () => {
      if ((await row.getAttribute("aria-expanded", { timeout: 1000 })) === "true") return true;
      await row.locator(".monaco-tl-twistie").click({ timeout: 1000 });
      return false;
    });
  }
}

/** Runs one item of the test view. @param {import("./workbench.mjs").Workbench} workbench @param {string} name */
export async function runTest(workbench, name) {
  const row = testRow(workbench, name);
  await row.hover();
  await row.locator(".codicon-testing-run-icon").first().click();
}

/** The row of an item of the test view. @param {import("./workbench.mjs").Workbench} workbench @param {string} name */
export function testRow(workbench, name) {
  return workbench.page.locator(".test-explorer .monaco-list-row").filter({ hasText: new RegExp(`^\\s*${name}`) }).first();
}

/** @param {import("./workbench.mjs").Workbench} workbench @param {string} selector */
async function rowsOf(workbench, selector) {
  const rows = workbench.page.locator(selector);
  return until("rows", async () => {
    const texts = await rows.evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? ""));
    return texts.length > 0 && texts;
  });
}
