/** @file Runs VS Code's server with one extension installed, in folders of its own that go away with it. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureVscode } from "../../../scripts/vscode/ensureVscode.mjs";

const guard = fileURLToPath(new URL("guard.mjs", import.meta.url));

/** What keeps the workbench quiet and the same each time: no suggestions, nothing that needs a network, no row that moves. */
const quietSettings = {
  "workbench.colorTheme": "Default Dark Modern",
  "window.autoDetectColorScheme": false,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "chat.disableAIFeatures": true,
  "extensions.ignoreRecommendations": true,
  "extensions.autoCheckUpdates": false,
  "explorer.compactFolders": false,
  "explorer.autoReveal": false,
  "git.openRepositoryInParentFolders": "never",
  "security.workspace.trust.startupPrompt": "never",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
};

/**
 * Installs `vsix` into a fresh VS Code and serves `workspace` on a free port of 127.0.0.1.
 * Resolves once the server answers; rejects with its log when it ends before that.
 *
 * @param {{ version: string, vsix?: string, workspace: string, settings?: Record<string, unknown>,
 *   trusted?: boolean, port?: number, env?: Record<string, string> }} options
 *   `settings` hold for the user and the machine; `trusted: false` opens the folder in Restricted Mode
 */
export async function startServer({
  version,
  vsix,
  workspace,
  settings = {},
  trusted = true,
  port = 0,
  env = {},
}) {
  const { node, entry, vscode } = await ensureVscode(version);
  const folder = await mkdtemp(join(tmpdir(), "whylight-vscode-"));
  const userData = join(folder, "user");
  const common = ["--config", join(folder, "config.yaml"), "--user-data-dir", userData];
  common.push("--extensions-dir", join(folder, "extensions"));

  let log = "";
  const run = (program, args, options) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...outerEnvironment(), ...env },
      ...options,
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
    return child;
  };

  let server;
  const stop = async () => {
    server?.stdin.end();
    if (server) await ended(server);
    await rm(folder, { recursive: true, force: true });
  };
  const writeSettings = async (scope, values) => {
    await mkdir(join(userData, scope), { recursive: true });
    await writeFile(join(userData, scope, "settings.json"), JSON.stringify(values, null, 2));
  };

  try {
    // Settings of scope "application" are read from the user's file, those of scope "machine" from the machine's.
    await writeSettings("User", { ...quietSettings, ...settings });
    await writeSettings("Machine", settings);
    let machineSettings = settings;
    if (vsix) {
      const status = await ended(
        run(node, [entry, ...common, "--install-extension", resolve(vsix)]),
      );
      if (status !== 0) throw new Error(`${vsix} could not be installed.`);
    }
    const trust = trusted ? ["--disable-workspace-trust"] : [];
    const flags = [
      "--auth",
      "none",
      "--bind-addr",
      `127.0.0.1:${port}`,
      "--disable-telemetry",
      "--disable-update-check",
    ];
    const command = [node, entry, ...common, ...flags, ...trust, resolve(workspace)];
    // Detached, so that Ctrl+C in a terminal does not end the guard before it has cleaned up.
    server = run(process.execPath, [guard, folder, ...command], { detached: true });
    const origin = await listening(server, () => log);
    return {
      /** The workbench with the workspace open. */
      url: `${origin}/?folder=${encodeURIComponent(resolve(workspace))}`,
      vscode,
      workspace: resolve(workspace),
      userData,
      /** Resolves when the server has ended, by `stop` or by itself. */
      ended: ended(server),
      /** All that the server has printed so far. */
      log: () => log,
      /**
       * Merges values into the machine's settings, which win over the user's; the workbench takes them up at once.
       * Changes to the user's file would only be seen after a reload.
       *
       * @param {Record<string, unknown>} changes
       */
      async changeSettings(changes) {
        machineSettings = { ...machineSettings, ...changes };
        await writeSettings("Machine", machineSettings);
      },
      /** Ends the server with everything it started and removes its folders. */
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(
      `VS Code ${vscode} did not start: ${/** @type {Error} */ (error).message}\n${log}`,
      { cause: error },
    );
  }
}

/** This process's environment without what would make the server join a VS Code, or an npm run, that started the tests. */
function outerEnvironment() {
  const foreign =
    /^(VSCODE_|CODE_SERVER_|npm_|PORT$|PASSWORD$|HASHED_PASSWORD$|NODE_ENV$|NODE_OPTIONS$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<number | string | null>} */
function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done, fail) => child.once("exit", done).once("error", fail));
}

/** The server's own word on where it listens, once that place answers. */
async function listening(server, log) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null || server.signalCode !== null)
      throw new Error("the server has ended.");
    const origin = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(log())?.[1];
    const response = origin ? await fetch(`${origin}/healthz`).catch(() => undefined) : undefined;
    if (origin && response?.ok) return origin;
    await sleep(50);
  }
  throw new Error("the server did not answer within 60 s.");
}
