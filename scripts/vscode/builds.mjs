/** @file The two VS Code builds that Whylight is tested in, and what each needs to be built from npm packages. */

/** The code-server package that carries VS Code 1.99.3, the oldest version `engines.vscode` allows. */
export const oldest = "4.99.4";

/** The code-server package that carries VS Code 1.139.1. */
export const newest = "4.139.1";

/**
 * Build recipes by code-server version. `node` is the major version the server runs on; `bundledExtensions`
 * says that `lib/vscode/extensions` has dependencies of its own; `native` are the modules compiled in `lib/vscode`.
 *
 * @type {Record<string, { vscode: string, node: number, bundledExtensions: boolean, native: string[] }>}
 */
export const builds = {
  [oldest]: {
    vscode: "1.99.3",
    node: 20,
    bundledExtensions: true,
    native: ["@vscode/spdlog", "native-watchdog", "node-pty", "@parcel/watcher", "kerberos"],
  },
  [newest]: {
    vscode: "1.139.1",
    node: 24,
    bundledExtensions: false,
    native: [
      "@vscode/spdlog",
      "@vscode/native-watchdog",
      "@vscode/sqlite3",
      "@vscode/deviceid",
      "kerberos",
      "@vscode/fs-copyfile",
    ],
  },
};
