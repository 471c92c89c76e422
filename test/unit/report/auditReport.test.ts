/** @file An audit's report: what its page and its Markdown show, what they escape, and the schema that its JSON keeps. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Sentence } from "../../../src/engine/debug/evidence.js";
import type { AuditSummary } from "../../../src/protocol/audit.js";
import { auditSentenceText } from "../../../src/protocol/auditTexts.js";
import { fillIn } from "../../../src/protocol/errorTexts.js";
import type { ReportContext } from "../../../src/report/auditContent.js";
import { auditHtml } from "../../../src/report/auditHtml.js";
import { auditJson } from "../../../src/report/auditJson.js";
import { auditMarkdown } from "../../../src/report/auditMarkdown.js";
import { pictureKey, wantedPictures } from "../../../src/report/auditPictures.js";
import { exportAudit } from "../../../src/worker/audit/exportAudit.js";
import type { Gallery } from "../../../src/worker/audit/gallery.js";
import { WhylightError } from "../../../src/engine/errors.js";
import { schemaErrors, withoutOthers } from "../jsonSchema.js";
import { madeSummary } from "./auditSummary.js";

const schema: unknown = JSON.parse(readFileSync(new URL("../../../media/audit.schema.json", import.meta.url), "utf8"));
const said: Sentence = { code: "confusedPair", data: { images: 20, of: 100, label: "fish", class: "<mug>" } };
const finding = { id: "pair", about: "", severity: "medium", sentences: [said] } as const;

function contextOf(summary: AuditSummary): ReportContext {
  const translate: ReportContext["translate"] = (english, data = {}) => fillIn(english, data);
  return { summary, translate, version: "9.9.9", sentence: (sentence) => auditSentenceText(sentence, translate) };
}

/** Every picture wanted, each with bytes of its own. */
function picturesOf(summary: AuditSummary) {
  return new Map(wantedPictures(summary).map((one, i) => [pictureKey(one), { mime: "image/jpeg", bytes: Uint8Array.of(i >> 8, i & 255) }]));
}

const summary = madeSummary({ findings: [finding] });
const html = auditHtml(contextOf(summary), picturesOf(summary));

describe("the page", () => {
  it("needs nothing else: no scripts, no addresses, a policy that allows embedded pictures only", () => {
    expect(html).toContain("default-src 'none'; img-src data:");
    expect(html).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org\/2000\/svg)|url\(/);
    expect([...html.matchAll(/src="([^"]{0,11})/g)].every(([, start]) => start === "data:image/")).toBe(true);
  });

  it("escapes what comes out of files and models", () => {
    expect(html).toContain("shop &#60;b&#62;");
    expect(html).toContain("20 of 100 images of &#39;fish&#39; are answered &#39;&#60;mug&#62;&#39;");
    expect(html).not.toMatch(/<b>\s*·|<mug>/);
  });

  it("shows each picture as often as it is wanted", () => {
    // 36 mistakes and 6 of a region, each with its map; two suspects; one pair of duplicates.
    expect(html.match(/<img /g)).toHaveLength((36 + 6) * 2 + 2 + 2);
  });

  it.each([
    "82.0 % (95 % interval 79.5 % to 84.3 %)", "180 of 1000", "Mistakes into mug · the bottom right · confirmed by the counter-test", "171 of 180", "38 of 40", "37 of 40", "1 of 40", "91.0 %, 6.0 %", "15 of 20 got this answer",
    "20 labelled fish, answered mug", "Expected calibration error", "11.0 %", "fish/31.jpg", "7 of 8", "labelled flower", "car/broken.jpg", "teapot", "dark", "the channels in the order blue, green, red (BGR)", "80.2 images per second", "9.9.9",
  ])("says: %s", (text) => expect(html).toContain(text));

  it("shows mean maps beside pairs and classes, with the kinds that they fall into, and words for them", () => {
    const pairs = html.slice(html.indexOf("Most frequent confusions"), html.indexOf("Surest mistakes"));
    // Of two pairs, each with two kinds; the other seven have none.
    expect(pairs.match(/<svg class="mean-map"/g)).toHaveLength(6);
    expect(pairs).toContain("<title>Mean map of 20 images: most mass in the bottom right (62 %)</title>");
    expect(pairs).toContain("<title>Mean map of 7 images: most mass in the centre (40 %)</title>");
    expect(pairs.match(/<td>–<\/td>/g)).toHaveLength(7);
    const classes = html.slice(html.indexOf("<h2>Classes"));
    expect(classes).toContain('<th scope="col">Map of right answers</th><th scope="col">Map of mistakes into it</th>');
    expect(classes).toContain('aria-label="Mean map of 180 images: most mass in the bottom right (62 %)"');
    // Without maps there are no columns of them.
    expect(auditHtml(contextOf(madeSummary({ maps: [] })), new Map())).not.toContain("Map of right answers");
  });

  it("leaves out the parts that there is nothing to say in", () => {
    const bare = madeSummary({
      findings: [], labelled: 0, mistakes: 0, accuracy: null, accuracyRange: null, topFive: null, confusion: [], calibration: null, pairs: [], worst: [], labelSuspects: [], duplicates: [], quality: [], regions: [], preprocessing: [], failed: [], failedCount: 0, unknownLabels: [], layer: undefined, finished: undefined,
    });
    const page = auditHtml(contextOf(bare), new Map());
    expect([...page.matchAll(/<h2>([^<]*)/g)].map(([, title]) => title)).toEqual(["What stands out", "Classes", "How this was made"]);
    expect(page).toContain("stopped before its end");
    expect(page).not.toMatch(/undefined|NaN|null/);
  });

  it("shows the most confused classes of very many, and the lowest recalls", () => {
    const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const classes = labels.map((label, index) => ({ index, label, images: 10, predicted: 10, right: index % 10, precision: 0.5, recall: (index % 10) / 10, f1: 0.5, confidence: 0.5 }));
    const confusion = labels.flatMap((_, index) => [{ label: index, predicted: index, images: 5 }, { label: index, predicted: (index + 1) % 1000, images: 1 + (index === 500 ? 4 : 0) }]);
    const page = auditHtml(contextOf(madeSummary({ labels, classes, confusion, pairs: [], regions: [], worst: [], labelSuspects: [], duplicates: [] })), new Map());
    expect(page).toContain("The 20 classes of the largest confusions, of 1000 that occur.");
    expect(page).toContain("data-label=\"500\" data-predicted=\"501\"");
    expect(page).toContain("The 60 classes of the lowest recall; the other 940 are in the JSON report.");
    expect(page.length).toBeLessThan(200_000);
  });
});

describe("Markdown", () => {
  const { text, pictures } = auditMarkdown(contextOf(summary), picturesOf(summary), "my report");

  it("names exactly the pictures beside it", () => {
    const named = new Set([...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path]) => decodeURI(path!)));
    expect(named).toEqual(new Set(pictures.map(({ name }) => name)));
    expect(pictures[0]!.name).toBe("my report-pictures/001.jpg");
  });

  it("keeps tables whole and shows names as they are", () => {
    for (const table of text.split("\n\n").filter((part) => part.startsWith("|"))) {
      const columns = table.split("\n").map((line) => line.replaceAll("\\|", "").split("|").length);
      expect(new Set(columns).size).toBe(1);
    }
    expect(text).toContain("shop \\<b\\>");
    expect(text).toContain("answered '\\<mug\\>'");
    expect(text).toContain("| fish | ");
    expect(text).toContain("38 of 40");
    expect(text).toContain("2 kinds of maps: the bottom right 62 % (13 images), the centre 40 % (7 images)");
    expect(text).toMatch(/\| mug \| .* \| !\[Mean map of 100 images[^|]*<br>the centre 40 % \| !\[[^|]*<br>the bottom right 62 % \|/);
    const maps = pictures.filter(({ name }) => name.endsWith(".svg"));
    // Two pairs with two kinds each, and two of a class.
    expect(maps.map(({ name }) => name)).toEqual(Array.from({ length: 8 }, (_, i) => `my report-pictures/map-00${i + 1}.svg`));
    expect(new TextDecoder().decode(maps[0]!.bytes)).toMatch(/^<svg .*width="64" height="64" viewBox="0 0 128 128"/);
    expect(text).not.toMatch(/undefined|NaN/);
  });
});

describe("JSON", () => {
  it("keeps the published schema, which describes every field", () => {
    const document: unknown = JSON.parse(auditJson(contextOf(summary)));
    expect(schemaErrors(withoutOthers(schema), document)).toEqual([]);
    expect(document).toMatchObject({ whylight: "9.9.9", accuracy: 0.82, findings: [{ id: "pair", texts: ["Most confused: 20 of 100 images of 'fish' are answered '<mug>'."] }] });
  });

  it("is refused by the schema where something is wrong", () => {
    const document = JSON.parse(auditJson(contextOf(summary))) as Record<string, unknown>;
    expect(schemaErrors(schema, { ...document, accuracy: 82 })).toEqual([".accuracy: is too large"]);
    expect(schemaErrors(schema, { ...document, mistakes: undefined, findings: [{}] })).not.toEqual([]);
  });
});

describe("exporting", () => {
  /** A gallery with the made up audit, in which one picture has gone. */
  function gallery(failing: (file: string) => WhylightError | undefined): Gallery {
    const missing = () => Promise.reject(new Error("not asked for"));
    return {
      open: () => Promise.resolve(summary), images: missing, compare: missing, changed: missing,
      thumbnail: ({ file }) => { const error = failing(file); return error ? Promise.reject(error) : Promise.resolve({ bytes: Uint8Array.of(1), mime: "image/jpeg", width: 1, height: 1 }); },
    };
  }

  it.each([["html", "shop.html", 1], ["json", "shop.json", 1]] as const)("makes %s", async (format, name, files) => {
    const made = await exportAudit(gallery(() => undefined), { audit: "/a", format, name: "shop", strings: {} });
    expect(made.files.map((file) => file.name)).toEqual(Array.from({ length: files }, () => name));
  });

  it("translates", async () => {
    const { files: [page] } = await exportAudit(gallery(() => undefined), { audit: "/a", format: "html", name: "shop", strings: { "Surest mistakes": "確信度の高い誤り" } });
    expect(new TextDecoder().decode(page!.bytes)).toContain("<h2>確信度の高い誤り</h2>");
  });

  it("goes on without a picture that has gone since, and stops at faults of its own", async () => {
    const gone = await exportAudit(gallery((file) => (file === "fish/31.jpg" ? new WhylightError("inputNotFound", { path: file }) : undefined)), { audit: "/a", format: "markdown", name: "shop", strings: {} });
    expect(gone.files[0]!.name).toBe("shop.md");
    expect(new TextDecoder().decode(gone.files[0]!.bytes)).toContain("fish/31.jpg");
    await expect(exportAudit(gallery(() => new WhylightError("internal", { reason: "x" })), { audit: "/a", format: "html", name: "shop", strings: {} })).rejects.toThrow("internal");
  });
});
