/** @file Turns the rows of a run into TABLE.md, prints the counts, and says by its exit code whether enough pass. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Row } from "./row.js";
import { faultOf, notCounted } from "./row.js";
import { countsOf, tableOf } from "./table.js";

/** Share of the counted files that must pass on every runtime. */
const goal = 0.95;

const [rowsFile, tableFile, versions, ...runtimes] = process.argv.slice(2) as [string, string, string, ...string[]];
const rows = readFileSync(rowsFile, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
if (tableFile !== "") writeFileSync(tableFile, tableOf(rows, runtimes, versions));
for (const row of rows) {
  const skipped = notCounted(row);
  if (skipped !== undefined) console.log(`${row.name} ${row.file.exporter}: not counted: ${skipped}`);
  else for (const runtime of runtimes) {
    const fault = faultOf(row, row.outcomes[runtime]);
    if (fault !== undefined) console.log(`${row.name} ${row.file.exporter} ${runtime}: ${fault}`);
  }
}
const counts = countsOf(rows, runtimes);
for (const { runtime, passed, counted } of counts) console.log(`${runtime}: ${passed} of ${counted} files pass`);
process.exitCode = counts.every(({ passed, counted }) => counted > 0 && passed / counted >= goal) ? 0 : 1;
