/** @file The page's frame, stored panels and failure sentences. */
import { describe, expect, it } from "vitest";
import { WhylightError, errorCodes } from "../../../src/engine/errors.js";
import { panelHtml } from "../../../src/host/panelHtml.js";
import { failureActions, failureText } from "../../../src/host/texts.js";
import { readChosen, readMemento } from "../../../src/protocol/panelMemento.js";

const parts = {
  cspSource: "https://csp.test", scriptUri: "https://csp.test/webview.js", styleUri: "https://csp.test/webview.css", language: "en",
  title: `"><script>alert(1)</script>`, config: { image: `file:///a"b<c>.png`, model: "file:///m.onnx", view: { opacity: 0.5, colormap: "viridis" } },
};

describe("panel page", () => {
  it("runs no script but its own, by a nonce that changes", () => {
    const [one, two] = [panelHtml(parts), panelHtml(parts)];
    const nonce = /script-src &#39;nonce-([^&]+)&#39;/.exec(one)?.[1];
    expect(nonce?.length).toBeGreaterThanOrEqual(22);
    expect(one).toContain(`<script nonce="${nonce}" src="https://csp.test/webview.js">`);
    expect(one.match(/<script/g)?.length).toBe(1);
    expect(two).not.toContain(nonce);
    expect(one).toContain("default-src &#39;none&#39;");
    expect(one).not.toContain("unsafe");
  });

  it("escapes what names files", () => {
    const html = panelHtml(parts);
    expect(html).not.toContain("<script>alert");
    expect(html).toContain("file:///a\\&quot;b&lt;c&gt;.png");
  });
});

describe("stored panels", () => {
  const chosen = { method: "saliency", target: 3, versus: undefined, layer: "relu", score: "logit", parameters: { samples: 10 } };
  it("reads what a page stored", () => {
    expect(readMemento({ image: "file:///a.png", model: "file:///m.onnx", chosen, view: {} })).toEqual({ image: "file:///a.png", model: "file:///m.onnx", chosen });
  });

  it.each([undefined, null, "x", {}, { image: 1, model: "m", chosen }, { image: "i", model: "m", chosen: { ...chosen, method: "magic" } }])("refuses %j", (stored) => {
    expect(readMemento(stored)).toBeUndefined();
  });

  it("takes a layer that is not text for none", () => {
    expect(readChosen({ ...chosen, layer: null })?.layer).toBeUndefined();
  });
});

describe("failures as sentences", () => {
  const plain = (english: string) => english;

  it.each(errorCodes)("%s has a sentence, a next step and a button", (code) => {
    const text = failureText(new WhylightError(code), plain);
    expect(text).toMatch(/\. \S.*[.)]$/s);
    expect(text).not.toMatch(/[{}]/);
    expect(failureActions(new WhylightError(code), plain).length).toBeGreaterThan(0);
  });

  it("fills in the facts, translated", () => {
    const german = (english: string) => english.replace("The runtime {runtime} failed", "Die Laufzeit {runtime} versagte");
    expect(failureText(new WhylightError("runtimeFailed", { runtime: "onnxruntime", reason: "no" }), german)).toContain("Die Laufzeit onnxruntime versagte: no.");
  });

  it("says that a worker is not started again after too many crashes", () => {
    expect(failureText(new WhylightError("workerCrashed", { exit: "stopped", crashes: 3 }), plain)).toContain("3 times in a row");
  });
});
