/** @file Page objects for two of VS Code's lists: the Problems panel and the test view. */
import { until } from "./until.mjs";

/** The rows of the Problems panel, files and entries, from the top. @param {import("./workbench.mjs").Workbench} workbench */
export async function problems(workbench) {
  return rowsOf(workbench, ".markers-panel-container .monaco-list-row");
}

/** The rows of the test view, from the top. @param {import("./workbench.mjs").Workbench} workbench */
export async function testRows(workbench) {
  return rowsOf(workbench, ".test-explorer .monaco-list-row");
}

/** @param {import("./workbench.mjs").Workbench} workbench @param {string} selector */
async function rowsOf(workbench, selector) {
  const rows = workbench.page.locator(selector);
  return until("rows", async () => {
    const texts = await rows.evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? ""));
    return texts.length > 0 && texts;
  });
}
