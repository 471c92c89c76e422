/** @file The bench as a program of its own: reads its options, runs groups, prints the tables and keeps them where it is told. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { groups } from "./groups.js";
import { describeMachine } from "./machine.js";
import { runOnce } from "./memory.js";
import { modelFolder, removeModels } from "./models/models.js";
import { notes } from "./notes.js";
import { readOptions, usual, type BenchOptions } from "./options.js";
import { findPython } from "./python.js";
import type { Setup } from "./setup.js";
import { asMarkdown, asText, judge, type Report, type Row, type Table } from "./table.js";

const tell = (line: string) => console.error(line);

/** What lies beside the built bench, with its scratch folder. */
function setUp({ python, pictures }: BenchOptions, work: string): Setup {
  const here = dirname(__filename);
  const peers = join(here, "peers");
  const samples = join(here, "../samples");
  return {
    script: __filename, cli: join(here, "cli.js"), peers, work, tell, model: (name) => modelFolder(name, tell), python: findPython(python, peers),
    pictures: pictures === undefined ? undefined : resolve(pictures), samples: existsSync(join(samples, "models/scenes.onnx")) ? samples : undefined,
  };
}

async function measure(options: BenchOptions, setup: Setup): Promise<Report> {
  const runs = options.runs ?? (options.isQuick ? usual.quickRuns : usual.runs);
  const names = options.only.length > 0 ? options.only : Object.keys(groups).filter((name) => !options.isQuick || groups[name]!.mostRuns === undefined);
  const machine = await describeMachine(setup);
  for (const line of machine) tell(line);
  const [rows, tables, failed]: [Row[], Table[], string[]] = [[], [], []];
  for (const name of names) {
    const start = performance.now();
    tell(`${name}: ${groups[name]!.title} ...`);
    // What was measured in many minutes is not lost because one group of many fails.
    try {
      const found = await groups[name]!.measure({ setup, runs: options.runs ?? Math.min(runs, groups[name]!.mostRuns ?? runs) });
      tell(`  ${((performance.now() - start) / 1000).toFixed(0)} s`);
      rows.push(...found.rows);
      tables.push(...found.tables);
      failed.push(...(found.failed ?? []));
    } catch (thrown) {
      failed.push(`${name} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      tell(`  ${failed.at(-1)!}`);
    }
  }
  return { machine, runs, rows: rows.map(judge), tables, failed, notes };
}

/** The exit code of the command line for options that cannot be. */
const wrongUse = 2;

/** What cannot be is told, and ends the process. */
function orWrongUse(read: () => BenchOptions): BenchOptions {
  try {
    return read();
  } catch (thrown) {
    tell(thrown instanceof Error ? thrown.message : String(thrown));
    process.exit(wrongUse);
  }
}

/** Returns the exit code: 1 when a group failed. */
async function main(args: readonly string[]): Promise<number> {
  const options = orWrongUse(() => readOptions(args));
  if (options.once) await runOnce(options.once.name, options.once.model);
  else if (options.isList) console.log(Object.entries(groups).map(([name, { title, mostRuns }]) => `${name.padEnd(28)}${title}${mostRuns === undefined ? "" : " (slow)"}`).join("\n"));
  else if (options.isRemove) console.log(removeModels());
  else return await measureAll(options);
  return 0;
}

async function measureAll(options: BenchOptions): Promise<number> {
  if (options.out !== undefined) mkdirSync(options.out, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "whylight-bench-"));
  try {
    const report = await measure(options, setUp(options, work));
    console.log(`\n${asText(report)}\n`);
    if (options.out !== undefined) {
      writeFileSync(join(options.out, "bench.md"), asMarkdown(report));
      writeFileSync(join(options.out, "bench.json"), `${JSON.stringify(report, undefined, 2)}\n`);
      tell(`Also in ${join(options.out, "bench.md")} and bench.json.`);
    }
    return report.failed.length === 0 ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).then(
  // The WASM module and ONNX Runtime's threads keep a process alive that has nothing left to do.
  (code) => process.exit(code),
  (thrown: unknown) => {
    tell(thrown instanceof Error ? thrown.message : String(thrown));
    process.exit(1);
  },
);
