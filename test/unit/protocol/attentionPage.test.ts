/** @file What a saved attention page carries, and what a panel keeps: written and read back, and whatever else storage may hold. */
import { describe, expect, it } from "vitest";
import { readAttentionMemento } from "../../../src/protocol/attentionMemento.js";
import { packContent, unpackContent, type AttentionPageContent } from "../../../src/protocol/attentionPage.js";
import { fromBase64, toBase64 } from "../../../src/protocol/base64.js";
import { attentionPage } from "../../../src/report/attentionPage.js";
import { attentionState, attentionSummary } from "../../e2e/webviewHarness/syntheticAttention.js";

describe("base64", () => {
  it("is that of RFC 4648, section 10", () => {
    const words = { "": "", f: "Zg==", fo: "Zm8=", foo: "Zm9v", foob: "Zm9vYg==", fooba: "Zm9vYmE=", foobar: "Zm9vYmFy" };
    for (const [plain, coded] of Object.entries(words)) {
      expect(toBase64(new TextEncoder().encode(plain))).toBe(coded);
      expect(new TextDecoder().decode(fromBase64(coded))).toBe(plain);
    }
  });

  it("is Node's own for every byte, whatever the length", () => {
    for (const length of [255, 256, 257, 100_003]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }
  });
});

const content = (text = "a film"): AttentionPageContent => ({
  config: { page: "attention", model: "file:///m.onnx", input: { kind: "text", text } },
  state: attentionState("sentence", { summary: attentionSummary("sentence"), image: { bytes: Uint8Array.of(0, 255, 60), mime: "image/png", width: 1, height: 1 } }),
  layers: { 3: { shape: [1, 1, 1, 3], data: Float32Array.of(0.1, NaN, -0) } }, view: { view: "heads", layer: 3 },
});

describe("the content", () => {
  it("comes back as it was, to the bit", () => {
    expect(unpackContent(packContent(content()))).toEqual(content());
  });

  it("takes a part of an array, not all of its memory", () => {
    const all = Float32Array.of(1, 2, 3);
    expect(unpackContent(packContent({ ...content(), layers: { 0: { shape: [1], data: all.subarray(1, 2) } } })).layers[0]?.data).toEqual(Float32Array.of(2));
  });
});

describe("the page", () => {
  const evil = '</script><!--<script>"&';
  const page = (text = evil) => attentionPage({ script: 'const a = "</script><!--";', style: "b { content: '</style>'; }", content: packContent(content(text)), language: "en" });

  it("lets no text end the element it stands in", () => {
    const html = page();
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/style>/g)).toHaveLength(2);
    expect(html).not.toContain("<!--");
    const [, json = ""] = /<script type="application\/json" id="whylight-content">(.*)<\/script>/.exec(html) ?? [];
    expect(unpackContent(json).config.input).toEqual({ kind: "text", text: evil });
  });

  it("asks nothing of the network", () => {
    const html = page();
    const [, policy = ""] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
    expect(policy).toContain("default-src &#39;none&#39;");
    expect(policy).not.toContain("http");
    expect(html).not.toMatch(/(src|href)="/);
  });

  it("names what it is of", () => {
    expect(page()).toContain("<title>review.txt · sentiment.onnx</title>");
  });
});

describe("what a panel keeps", () => {
  const text = { model: "file:///m.onnx", input: { kind: "text", text: "a", pair: "b" }, target: 3, view: {} };

  it("is read back", () => {
    expect(readAttentionMemento(text)).toMatchObject({ model: "file:///m.onnx", input: { kind: "text", text: "a", pair: "b" }, target: 3 });
    expect(readAttentionMemento({ model: "m", input: { kind: "image", path: "p", other: 1 }, target: {} })).toMatchObject({ model: "m", input: { kind: "image", path: "p" }, target: "predicted" });
  });

  it.each([undefined, null, 3, {}, { model: "m" }, { model: 3, input: text.input }, { model: "m", input: { kind: "image" } }, { model: "m", input: { kind: "text" } }, { model: "m", input: { kind: "sound", path: "p" } }, { model: "m", input: null }])("is nothing when it is %j", (stored) => {
    expect(readAttentionMemento(stored)).toBeUndefined();
  });
});
