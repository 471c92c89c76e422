/**
 * @file Audits many drawn pictures with the built command line, one in a hundred damaged: memory must not grow with the folder, and a run that is killed again and again must lose and repeat nothing.
 * Options: --images N (20000). Needs dist/cli.js (npm run build).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { drawAuditPictures } from "./auditPictures.mjs";
import { cached } from "./cache.mjs";
import { root } from "./setup.mjs";

const { values } = parseArgs({ options: { images: { type: "string", default: "20000" } } });
const count = Number(values.images);
const share = 0.01;
/** How much higher the peak may be than that of a tenth of the images. */
const growth = 1.15;
const kills = 5;

const folder = join(await cached(`audit-check-${count}-1`, (building) => drawAuditPictures(join(building, "pictures"), count, share)), "pictures");
const everything = readdirSync(folder).flatMap((label) => readdirSync(join(folder, label)).map((name) => `${label}/${name}`)).toSorted();
const damaged = everything.filter((file) => Number(/(\d+)\.jpg$/.exec(file)[1]) % Math.round(1 / share) === 7);
const out = mkdtempSync(join(tmpdir(), "whylight-audit-check-"));
const failures = [];
const expect = (what, holds) => {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
  if (!holds) failures.push(what);
};

/** Starts an audit that tells its peak memory when it ends. */
function start(name, ...more) {
  const tellPeak = 'data:text/javascript,process.on("exit",()=>process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))';
  const run = spawn(process.execPath, ["--import", tellPeak, join(root, "dist/cli.js"), "audit", join(root, "samples/models/scenes.onnx"), folder, "--out", join(out, name), "--runtime", "onnxruntime", "--json", ...more],
    { stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  run.stdout.on("data", (text) => (said.out += text));
  run.stderr.on("data", (text) => (said.err += text));
  return { run, said, end: once(run, "close") };
}

async function whole(name, ...more) {
  const began = performance.now();
  const { run, said, end } = start(name, ...more);
  await end;
  if (run.exitCode !== 0) throw new Error(`the audit ended with ${run.exitCode}: ${said.err}`);
  const peak = Math.max(...[...said.err.matchAll(/peak (\d+)/g)].map(([, kilobytes]) => Number(kilobytes) / 1024));
  return { summary: JSON.parse(said.out), peak, seconds: (performance.now() - began) / 1000 };
}

const records = (name) => join(out, name, "audit.jsonl");
const filesOf = (name) => readFileSync(records(name), "utf8").trimEnd().split("\n").slice(1).map((line) => String(JSON.parse(line).file));

try {
  const tenth = await whole("tenth", "--limit", String(Math.round(count / 10)));
  console.log(`     ${Math.round(count / 10)} images: ${tenth.seconds.toFixed(1)} s, peak ${tenth.peak.toFixed(0)} MB`);
  const all = await whole("all");
  console.log(`     ${count} images: ${all.seconds.toFixed(1)} s, ${(count / all.seconds).toFixed(0)} images/s, peak ${all.peak.toFixed(0)} MB`);
  expect(`the peak is at most ${growth} times that of a tenth (${(all.peak / tenth.peak).toFixed(2)})`, all.peak <= growth * tenth.peak);
  expect("every image is recorded once", filesOf("all").toSorted().join() === everything.join());
  expect(`the ${damaged.length} damaged files are reported, and no other`, all.summary.failed.map(({ file }) => file).join() === damaged.join() && all.summary.failedCount === damaged.length);

  const size = statSync(records("all")).size;
  for (let kill = 0; kill < kills; kill++) {
    const at = Math.random() * size;
    const { run, end } = start("killed", "--resume");
    while (run.exitCode === null && !(existsSync(records("killed")) && statSync(records("killed")).size >= at)) await sleep(5);
    run.kill("SIGKILL");
    await end;
    console.log(`     killed at ${existsSync(records("killed")) ? statSync(records("killed")).size : 0} of ${size} bytes`);
  }
  const resumed = await whole("killed", "--resume");
  const files = filesOf("killed");
  expect(`${kills} kills lose no image and repeat none`, files.length === count && files.toSorted().join() === everything.join());
  const lasting = (summary) => JSON.stringify({ ...summary, started: "", finished: "", seconds: 0 });
  expect("the summary is that of the run that was never killed", lasting(resumed.summary) === lasting(all.summary));
} finally {
  rmSync(out, { recursive: true });
}
process.exitCode = failures.length > 0 ? 1 : 0;
