/** @file `npm start`: sets itself up and explains the samples; with --ui it opens them in a real VS Code in the browser. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensurePackages, root, runNode } from "./setup.mjs";

ensurePackages();
if (process.argv.includes("--ui")) {
  runNode(["build.mjs", "--vsix"]);
  const { serveUi } = await import("./ui.mjs");
  process.exitCode = await serveUi(process.argv.slice(2).filter((argument) => argument !== "--ui"));
} else {
  runNode(["build.mjs"]);
  const images = readdirSync(join(root, "samples/images")).sort().map((name) => `samples/images/${name}`);
  runNode(["dist/cli.js", "explain", "samples/models/scenes.onnx", ...images, "--method", "grad-cam,saliency", "--out", "explanations", "--html"]);
  console.log(`Pictures, tensors and result.json: ${join(root, "explanations")}\nThe page: ${join(root, "explanations/index.html")}`);
}
