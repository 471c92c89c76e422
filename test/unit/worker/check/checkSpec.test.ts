/** @file Specifications of checks: what is read, what is refused and where, and the published schema that says the same. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { WhylightError } from "../../../../src/engine/errors.js";
import { methodIds } from "../../../../src/protocol/api.js";
import { readCheckSpec } from "../../../../src/worker/check/checkSpec.js";
import { schemaErrors } from "../../jsonSchema.js";

const root = new URL("../../../../", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("media/check.schema.json", root), "utf8")) as { definitions: { focus: { properties: { method: { enum: string[] } } } } };
const folder = mkdtempSync(join(tmpdir(), "whylight-spec-"));
const file = join(folder, "checks.json");
afterAll(() => rmSync(folder, { recursive: true }));

function read(spec: unknown) {
  writeFileSync(file, typeof spec === "string" ? spec : JSON.stringify(spec));
  return readCheckSpec(file);
}

/** The field and the reason of what is refused. */
function refusal(spec: unknown): string {
  try {
    read(spec);
    return "";
  } catch (thrown) {
    const { code, data } = thrown as WhylightError;
    expect([code, data["path"]]).toEqual(["specInvalid", file]);
    return `${data["field"]}: ${data["reason"]}`;
  }
}

const image = (checks: object) => ({ images: [{ image: "a.png", ...checks }] });
const focus = (one: object) => image({ focus: { box: [0, 0, 1, 1], min: 0.5, ...one } });

describe("a specification", () => {
  it("is read whole, with its paths relative to the file and its defaults", () => {
    const spec = read({
      $schema: "x", images: [{ image: "pics/a.png", predicts: "cat", probability: { min: 0.5 }, focus: [{ box: [1, 2, 30, 40], max: 0.1 }, { class: 3, method: "saliency", mask: "m.png", min: 0.2, max: 0.9 }] }],
      accuracy: { folder: "all", labels: "labels.csv", min: 0.9, perClass: { cat: 0.8 }, limit: 100 }, noShortcuts: true,
    });
    expect(spec).toEqual({
      images: [{
        at: "images[0]", name: "pics/a.png", path: join(folder, "pics/a.png"), predicts: "cat", probability: { target: "cat", limits: { min: 0.5, max: undefined } },
        focus: [
          { at: "images[0].focus[0]", target: "predicted", method: "grad-cam", area: { kind: "box", box: [1, 2, 30, 40] }, limits: { min: undefined, max: 0.1 } },
          { at: "images[0].focus[1]", target: 3, method: "saliency", area: { kind: "mask", name: "m.png", path: join(folder, "m.png") }, limits: { min: 0.2, max: 0.9 } },
        ],
      }],
      accuracy: { name: "all", path: join(folder, "all"), labels: join(folder, "labels.csv"), limit: 100, min: 0.9, perClass: [{ target: "cat", min: 0.8 }] }, noShortcuts: true,
    });
  });

  it.each([
    ["[1]", /^the whole file: it must hold an object/], ["{", /^the whole file: it is not JSON/], [{}, /^images: there is nothing to check/],
    [{ images: [{}] }, /^images\[0\]\.image: it is missing/], [{ images: ["a.png"] }, /^images\[0\]: it must be an object/], [{ images: {} }, /^images: it must be a list/],
    [image({}), /^images\[0\]\.image: nothing is asked of it/], [image({ predict: "cat" }), /^images\[0\]\.predict: there is no such field/], [image({ predicts: "predicted" }), /^images\[0\]\.predicts: it must name a class/], [image({ predicts: -1 }), /^images\[0\]\.predicts/],
    [image({ probability: {} }), /^images\[0\]\.probability\.min: give min/], [image({ probability: { min: 90 } }), /^images\[0\]\.probability\.min: it must be a share/], [image({ probability: { min: 0.9, max: 0.1 } }), /^images\[0\]\.probability\.min: it is above max/],
    [focus({ box: undefined }), /^images\[0\]\.focus\.box: give either/], [focus({ mask: "m.png" }), /^images\[0\]\.focus\.box: give either/], [focus({ box: [0, 0, 1] }), /^images\[0\]\.focus\.box: it must be \[x/], [focus({ box: [0, 0, 0, 5] }), /^images\[0\]\.focus\.box/],
    [focus({ method: "magic" }), /^images\[0\]\.focus\.method: it must be one of/], [image({ focus: [{ box: [0, 0, 1, 1], min: 0.5 }, { box: [0, 0, 1, 1] }] }), /^images\[0\]\.focus\[1\]\.min: give min/],
    [{ accuracy: { min: 0.9 } }, /^accuracy\.folder: it is missing/], [{ accuracy: { folder: "f" } }, /^accuracy\.min: give min, perClass or noShortcuts/], [{ accuracy: { folder: "f", min: 0.9, limit: 0.5 } }, /^accuracy\.limit/],
    [{ accuracy: { folder: "f", perClass: { cat: 2 } } }, /^accuracy\.perClass\.cat: it must be a share/], [{ ...image({ predicts: 1 }), noShortcuts: true }, /^noShortcuts: it needs a folder/],
  ])("%j is refused", (spec, expected) => expect(refusal(spec)).toMatch(expected));

  it("that is not there is refused", () => {
    expect(() => readCheckSpec(join(folder, "none.json"))).toThrow(/specInvalid.*does not exist/);
  });
});

describe("the published schema", () => {
  it("accepts the sample and knows every method", () => {
    expect(schemaErrors(schema, JSON.parse(readFileSync(new URL("samples/checks.json", root), "utf8")))).toEqual([]);
    expect(schema.definitions.focus.properties.method.enum).toEqual(methodIds);
  });

  it("refuses what reading refuses", () => {
    for (const spec of [image({ predict: "cat" }), image({}), { images: [{}] }, image({ probability: {} }), image({ probability: { min: 90 } }), focus({ box: undefined }), focus({ mask: "m.png" }), focus({ box: [0, 0, 1] }), focus({ method: "magic" }), { accuracy: { min: 0.9 } }, { accuracy: { folder: "f", perClass: { cat: 2 } } }]) {
      expect(schemaErrors(schema, JSON.parse(JSON.stringify(spec))), JSON.stringify(spec)).not.toEqual([]);
      expect(refusal(spec), JSON.stringify(spec)).not.toBe("");
    }
  });
});
