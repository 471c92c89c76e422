/** @file Page object for the panel outside VS Code: the real page, script, style and content security policy, with a fake host behind. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium, type Browser, type Page } from "playwright-core";
import { panelHtml, type PageParts } from "../../../src/host/panelHtml.js";
import type { PanelConfig } from "../../../src/protocol/panelMemento.js";
import { ensureChromium } from "../../../scripts/vscode/debianPackages.mjs";
import { themes, type ThemeKind } from "./themes.js";

const origin = "http://panel.test";
const explanationConfig: PanelConfig = {
  image: "file:///workspace/images/cat.jpg",
  model: "file:///workspace/models/resnet50.onnx",
  view: { opacity: 0.5, colormap: "viridis" },
};
const shots = fileURLToPath(new URL("../../../test-output/screenshots/", import.meta.url));
const at = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export interface PanelPage {
  readonly page: Page;
  /** What the browser complained about: script errors and refusals of the content security policy. */
  readonly complaints: string[];
  shot(name: string): Promise<void>;
  /** The whole page, beyond the window too. */
  fullShot(name: string): Promise<void>;
}

export interface Harness {
  /** The page's script and style as text. */
  readonly script: string;
  readonly style: string;
  /** `strings` are translations; English without any. */
  open(theme: ThemeKind, viewport?: { width: number; height: number }, strings?: Readonly<Record<string, string>>): Promise<PanelPage>;
  close(): Promise<void>;
}

/** Bundles the page once and starts a browser. A page of another kind has its own fake host. */
export async function startHarness(config: PageParts["config"] = explanationConfig, fakeHostFile = "./fakeHost.ts"): Promise<Harness> {
  const [script, style] = await bundle(at("../../../webview/main.ts"), { ".css": "css" });
  const [fakeHost] = await bundle(at(fakeHostFile), {});
  const browser: Browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const html = panelHtml({
    cspSource: origin,
    scriptUri: `${origin}/webview.js`,
    styleUri: `${origin}/webview.css`,
    title: "cat",
    language: "en",
    config,
  });
  const files: Record<string, { body: string; contentType: string }> = {
    "/": { body: html, contentType: "text/html" },
    "/webview.js": { body: script ?? "", contentType: "text/javascript" },
    "/webview.css": { body: style ?? "", contentType: "text/css" },
  };
  return {
    script: script ?? "",
    style: style ?? "",
    open: async (theme, viewport = { width: 1180, height: 800 }, strings = {}) => {
      const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on(
        "console",
        (message) => message.type() === "error" && complaints.push(message.text()),
      );
      await page.route(`${origin}/**`, (route) =>
        route.fulfill(files[new URL(route.request().url()).pathname] ?? { status: 404 }),
      );
      await page.addInitScript({ content: `window.pageStrings = ${JSON.stringify(strings)};` });
      await page.addInitScript({ content: fakeHost ?? "" });
      await page.addInitScript(applyTheme, { variables: themes[theme], theme });
      await page.goto(`${origin}/`);
      await page.locator("#title").waitFor();
      return {
        page,
        complaints,
        shot: async (name) => {
          await mkdir(shots, { recursive: true });
          await page.screenshot({ path: `${shots}webview-${name}.png` });
        },
        fullShot: async (name) => {
          await mkdir(shots, { recursive: true });
          await page.screenshot({ path: `${shots}webview-${name}.png`, fullPage: true });
        },
      };
    },
    close: () => browser.close(),
  };
}

/** As VS Code does it: variables on the root element, the kind of theme as a class of the body. */
function applyTheme({
  variables,
  theme,
}: {
  variables: Readonly<Record<string, string>>;
  theme: string;
}): void {
  const apply = () => {
    for (const [name, value] of Object.entries(variables))
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    document.body.classList.add(theme);
  };
  if (document.body) apply();
  else
    new MutationObserver(
      (_, observer) => document.body && (observer.disconnect(), apply()),
    ).observe(document, { childList: true, subtree: true });
}

async function bundle(entry: string, loader: Record<string, "css">): Promise<string[]> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    outdir: "/",
    loader,
    logLevel: "warning",
  });
  return outputFiles.toSorted((a, b) => b.path.localeCompare(a.path)).map(({ text }) => text);
}
