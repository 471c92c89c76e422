/** @file The page's arithmetic and sentences: zoom and pan, titles, layer names, numbers, colours. */
import { afterEach, describe, expect, it } from "vitest";
import { colorTable, colormapIds } from "../../../src/drawing/colormap.js";
import { milliseconds, percent, raw, scaled } from "../../../webview/numbers.js";
import { suggestedName } from "../../../src/host/exportName.js";
import { methodAt, pageState, shortLayer, titleParts } from "../../../webview/state.js";
import { setStrings, t } from "../../../webview/strings.js";
import { initialView } from "../../../webview/view.js";
import { fitted, panBy, place, zoomAt } from "../../../webview/viewport.js";
import { explanation, panelState } from "../../e2e/webviewHarness/syntheticState.js";

const stage = { width: 400, height: 300 };
const image = { width: 800, height: 300 };

describe("viewport", () => {
  it("fits the image in the middle", () => {
    expect(place(stage, image, fitted)).toEqual({ x: 0, y: 75, scale: 0.5 });
  });

  it("keeps the point under the pointer while zooming", () => {
    const before = place(stage, image, fitted);
    const at = { x: 130, y: 160 };
    const zoomed = zoomAt(stage, image, fitted, 4, at.x, at.y);
    const after = place(stage, image, zoomed);
    expect(zoomed.zoom).toBe(4);
    expect((at.x - after.x) / after.scale).toBeCloseTo((at.x - before.x) / before.scale);
    expect((at.y - after.y) / after.scale).toBeCloseTo((at.y - before.y) / before.scale);
  });

  it("never zooms out beyond the whole image, nor loses it by panning", () => {
    expect(zoomAt(stage, image, fitted, 0.1, 10, 10)).toEqual(fitted);
    expect(panBy(stage, image, fitted, 500, 500)).toEqual(fitted);
    const zoomed = zoomAt(stage, image, fitted, 4, 200, 150);
    expect(place(stage, image, panBy(stage, image, zoomed, 1e5, -1e5))).toMatchObject({ x: 0, y: stage.height - image.height * 2 });
  });
});

describe("sentences", () => {
  afterEach(() => setStrings({}));

  it("titles what is shown", () => {
    expect(titleParts(panelState(undefined))).toEqual(["cat on a wall.jpg", "resnet50"]);
    expect(titleParts(panelState(undefined, { explanation: explanation("grad-cam", 0) }))).toEqual(["cat on a wall.jpg", "resnet50", "tabby cat 45.2 %", "Grad-CAM at layer4.2/relu_2"]);
    expect(titleParts(panelState(undefined, { explanation: explanation("saliency", 2) })).at(-1)).toBe("Saliency");
  });

  it("says which class it is held against, and every layer", () => {
    const held = explanation("grad-cam", 0);
    expect(titleParts(panelState(undefined, { explanation: { ...held, versus: explanation("grad-cam", 1).target } }))[2]).toBe("tabby cat 45.2 % rather than Egyptian cat");
    expect(methodAt({ ...held, layer: "/layer3/layer3.2/relu/Relu_output_0, /layer4/layer4.2/relu_2/Relu_output_0" })).toBe("Grad-CAM at layer3.2/relu, layer4.2/relu_2");
  });

  it.each([
    ["/layer4/layer4.2/relu_2/Relu_output_0", "layer4.2/relu_2"], ["/features/features.18/features.18.2/Clip_output_0", "features.18.2/Clip"], ["/layer1/layer1.0/Add_output_0", "layer1.0/Add"],
    ["/layer1/layer1.0/relu/Relu_1_output_0", "layer1.0/relu/Relu_1"], ["relu_48", "relu_48"], ["/Relu_output_0", "Relu"], ["/", "/"],
  ])("shortens %s to %s", (name, short) => {
    expect(shortLayer(name)).toBe(short);
  });

  it("knows where it stands", () => {
    const busy = { phase: "computing", done: 0, total: 0, text: "" } as const;
    const preview = { bytes: new Uint8Array(), mime: "image/png", width: 1, height: 1 } as const;
    expect(pageState(panelState(undefined, { busy }))).toBe("loading");
    expect(pageState(panelState(preview, { busy }))).toBe("computing");
    expect(pageState(panelState(preview, { explanation: explanation("saliency", 0) }))).toBe("done");
    expect(pageState(panelState(preview, { explanation: explanation("saliency", 0), failure: { code: "internal", text: "", actions: [] } }))).toBe("failed");
  });

  it("takes the settings, then what was stored, and nothing that is no choice", () => {
    const settings = { opacity: 0.3, colormap: "inferno" };
    expect(initialView(settings, undefined)).toMatchObject({ opacity: 0.3, colormap: "inferno", signedColormap: "diverging", interpolation: "bilinear" });
    const stored = { opacity: 0.9, colormap: "no such map", sign: "negative", clip: "outlier", clipPercent: 80, wipe: "half", other: 1, power: 3 };
    const view = initialView(settings, stored);
    expect(view).toMatchObject({ opacity: 0.9, colormap: "inferno", sign: "negative", clip: "outlier", clipPercent: 2, wipe: 0, power: 1 });
    expect(view).not.toHaveProperty("other");
    for (const nothing of [undefined, null, "text", 3]) expect(initialView(settings, nothing)).toEqual(initialView(settings, undefined));
  });

  it("translates and fills in, and keeps English where there is nothing", () => {
    setStrings({ "Automatic ({layer})": "自動 ({layer})" });
    expect(t("Automatic ({layer})", { layer: "relu" })).toBe("自動 (relu)");
    expect(t("Automatic")).toBe("Automatic");
  });

  it("names the picture after its image and method", () => {
    expect(suggestedName("cat.on.wall.jpg", "grad-cam", "png")).toBe("cat.on.wall.grad-cam.png");
    expect(suggestedName("what?.jpg", "lime", "svg")).toBe("what_.lime.svg");
  });

  it.each([[percent(0.452), "45.2 %"], [percent(0), "0.0 %"], [percent(1e-5), "<0.1 %"], [raw(0), "0"], [raw(2.9812), "2.98"], [raw(0.00012345), "1.23e-4"], [raw(-1234567), "-1.23e+6"], [scaled(-0.001), "0.00"], [milliseconds(3.14), "3.1"], [milliseconds(48.3), "48"]])("writes %s", (written, expected) => {
    expect(written).toBe(expected);
  });
});

describe("colour maps", () => {
  const color = (id: (typeof colormapIds)[number], i: number) => [...colorTable(id).subarray(3 * i, 3 * i + 3)];

  it.each(colormapIds)("%s has 256 colours", (id) => {
    expect(colorTable(id).length).toBe(768);
  });

  it("has the published ends of viridis and inferno", () => {
    expect([color("viridis", 0), color("viridis", 255)]).toEqual([[0x44, 0x01, 0x54], [0xfd, 0xe7, 0x25]]);
    expect([color("inferno", 0), color("inferno", 255)]).toEqual([[0x00, 0x00, 0x04], [0xfc, 0xff, 0xa4]]);
  });

  it("diverges from blue over near white to orange", () => {
    const [low, middle, high] = [color("diverging", 0), color("diverging", 127), color("diverging", 255)];
    expect(low[2]).toBeGreaterThan((low[0] ?? 0) + 80);
    expect(Math.min(...middle)).toBeGreaterThan(240);
    expect(high[0]).toBeGreaterThan((high[2] ?? 0) + 80);
  });
});
