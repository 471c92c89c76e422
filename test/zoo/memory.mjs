/**
 * @file Measures the peak memory of `whylight explain` on the large models of the zoo (test/zoo/export.py --large); Linux only. Needs a build.
 * `node test/zoo/memory.mjs [FOLDER] [METHOD,...]`; exits 1 when a peak passes the limit.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** Times the model file. */
const limit = 2.2;

const root = join(import.meta.dirname, "../..");
const [folder = join(process.env.WHYLIGHT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "whylight"), "zoo/large"), methods = "grad-cam,saliency"] = process.argv.slice(2);

/** Resident bytes of a process and its children, now. */
function residentBytes(pid) {
  try {
    const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter((child) => child !== "");
    return children.reduce((sum, child) => sum + residentBytes(child), own);
  } catch {
    return 0;
  }
}

function measure(model, method) {
  const out = mkdtempSync(join(tmpdir(), "whylight-memory-"));
  const image = join(root, "samples/images/balloon-1.jpg");
  const child = spawn(process.execPath, [join(root, "dist/cli.js"), "explain", model, image, "--method", method, "--runtime", "onnxruntime", "--out", out], { stdio: ["ignore", "ignore", "inherit"] });
  let peak = 0;
  const timer = setInterval(() => { peak = Math.max(peak, residentBytes(child.pid)); }, 5);
  const start = performance.now();
  return new Promise((resolve) => {
    child.once("exit", (code) => {
      clearInterval(timer);
      rmSync(out, { recursive: true, force: true });
      resolve({ code, peak, seconds: (performance.now() - start) / 1000 });
    });
  });
}

let worst = 0;
for (const name of readdirSync(folder).filter((file) => file.endsWith(".onnx"))) {
  const model = join(folder, name);
  const { size } = statSync(model);
  for (const method of methods.split(",")) {
    const { code, peak, seconds } = await measure(model, method);
    if (code !== 0) process.exitCode = 1;
    worst = Math.max(worst, peak / size);
    console.log(`${name} (${(size / 1e6).toFixed(0)} MB), ${method}: peak ${(peak / 1e6).toFixed(0)} MB = ${(peak / size).toFixed(2)} times the file, ${seconds.toFixed(1)} s${code === 0 ? "" : `, exit code ${code}`}`);
  }
}
if (!(worst > 0 && worst <= limit)) process.exitCode = 1;
