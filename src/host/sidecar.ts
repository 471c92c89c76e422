/** @file The description file beside a model, `<model>.whylight.json`. */
import * as vscode from "vscode";

/** Where a model's description lies: `resnet50.onnx` has `resnet50.whylight.json`. */
export function sidecarOf(model: vscode.Uri): vscode.Uri {
  return model.with({ path: `${model.path.replace(/\.[^./]*$/, "")}.whylight.json` });
}

/** Opens the description; where there is none, an unsaved one with the defaults spelled out. */
export async function openSidecar(model: vscode.Uri): Promise<void> {
  const file = sidecarOf(model);
  try {
    await vscode.workspace.fs.stat(file);
    await vscode.window.showTextDocument(file);
  } catch {
    const document = await vscode.workspace.openTextDocument(file.with({ scheme: "untitled" }));
    const editor = await vscode.window.showTextDocument(document);
    if (document.getText() === "") await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), template));
  }
}

const template = `${JSON.stringify({
  labels: ["first class", "second class"],
  preprocess: {
    resize: "shortest-side", size: [256, 256], crop: [224, 224], interpolation: "bilinear", channels: "rgb",
    scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], layout: "NCHW",
  },
}, null, 2)}\n`;
