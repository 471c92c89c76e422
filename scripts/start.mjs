/** @file `npm start`: sets itself up and explains the samples; with --ui it opens them in a real VS Code in the browser. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
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
  const sentiment = "samples/models/sentiment/model.onnx";
  const reviews = readFileSync(join(root, "samples/texts/reviews.txt"), "utf8").split("\n").slice(0, 6);
  runNode(["dist/cli.js", "explain", sentiment, ...reviews.flatMap((text) => ["--text", text]), "--set", "steps=auto", "--out", "explanations/texts", "--html"]);
  runNode(["dist/cli.js", "attention", sentiment, "--text", reviews[4], "--out", "explanations/attention"]);
  runNode(["dist/cli.js", "attention", "samples/models/scenes-vit.onnx", images[0], "--out", "explanations/attention-on-image"]);
  // An audit goes on or is refused where there is one already; this one is made anew.
  rmSync(join(root, "explanations/audit"), { recursive: true, force: true });
  runNode(["dist/cli.js", "audit", "samples/models/scenes.onnx", "samples/labelled", "--out", "explanations/audit"]);
  runNode(["dist/cli.js", "debug", "samples/models/scenes.onnx", "samples/shortcut/umbrella/01.jpg", "--true", "umbrella", "--among", "explanations/audit", "--out", "explanations/debug", "--format", "html,text"]);
  const at = (...path) => join(root, "explanations", ...path);
  console.log([
    `\nPictures, tensors and result.json: ${at()}, with texts, attention and attention-on-image inside`, `The page of the images: ${at("index.html")}`, `The page of the texts: ${at("texts", "index.html")}`,
    `The audit of the labelled pictures: ${at("audit", "report.html")}`, `One mistake in full: ${at("debug", "01.debug.html")}`,
  ].join("\n"));
}
