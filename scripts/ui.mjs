/** @file `npm start -- --ui`: serves the samples in a real VS Code with Whylight installed, to be opened in a browser. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { startServer } from "../test/e2e/vscode/server.mjs";
import { newest, oldest } from "./vscode/builds.mjs";

const fromRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const help = `Serves a folder in a real VS Code with Whylight installed.

  --folder PATH   what to open instead of samples/
  --oldest        the oldest VS Code that Whylight supports instead of the newest
  --port NUMBER   the port on 127.0.0.1 instead of a free one
  --no-open       print the address only, open no browser
`;

/**
 * Serves until Ctrl+C. Resolves to the exit status.
 *
 * @param {string[]} args the command line after `--ui`
 * @returns {Promise<number>}
 */
export async function serveUi(args) {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: "string", default: fromRoot("samples") },
      oldest: { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      "no-open": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const vsix = fromRoot("dist/whylight.vsix");
  if (!existsSync(vsix)) {
    console.error("dist/whylight.vsix is missing: build it with `node build.mjs --vsix`.");
    return 1;
  }

  const version = values.oldest ? oldest : newest;
  const server = await startServer({
    version,
    vsix,
    workspace: resolve(values.folder),
    port: Number(values.port),
  });
  console.log(`VS Code ${server.vscode} with Whylight is at ${server.url}`);
  console.log("Press Ctrl+C to stop it.");
  if (!values["no-open"]) openBrowser(server.url);

  const status = await Promise.race([signalled(), server.ended.then(() => 1)]);
  if (status !== 0) console.error(`VS Code's server has ended:\n${server.log()}`);
  await server.stop();
  return status;
}

/** Resolves to 0 when this process is asked to stop; a second request ends it at once. */
function signalled() {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => done(0));
  });
}

/** Opens the address if this machine has a desktop; without one the printed address has to do. */
function openBrowser(url) {
  const isDesktop =
    process.platform !== "linux" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!isDesktop) return;
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", ""]
        : ["xdg-open"];
  const child = spawn(program, [...args, url], { detached: true, stdio: "ignore" });
  child.on("error", () => {});
  child.unref();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = await serveUi(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    return 1;
  });
}
