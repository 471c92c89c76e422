/** @file Pickles made to run something, to fill the memory or to never end: none of them does. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { bytesSource } from "../../../src/engine/importers/byteSource.js";
import { torchWeights } from "../../../src/engine/importers/torch/torchWeights.js";
import { archive, call, dict, global, int, legacy, list, pickle, stackGlobal, storage, tensor, text, tuple } from "./pickles.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-pickles-"));
const trace = join(folder, "executed");
afterAll(() => rmSync(folder, { recursive: true }));
// No pickle of any test may have left its trace, read by us.
afterEach(() => {
  expect(existsSync(trace)).toBe(false);
});

function readAll(bytes: Buffer): readonly string[] {
  const weights = torchWeights(bytesSource("weights.pt", bytes));
  for (const name of weights.names) weights.get(name);
  return weights.names;
}

const refusal = (code: string, data: Record<string, unknown>) => expect.objectContaining({ code, data: { path: "weights.pt", ...data } }) as Error;

const command = text(`touch ${trace}`);
const opened = tuple(text(trace), text("w"));
const importing = call(global("builtins", "__import__"), text("os"));

/** What each pickle would call, and the pickle. */
const armed: readonly (readonly [string, string, string])[] = [
  ["os.system", "posix.system", call(global("posix", "system"), command)],
  ["os.system by its other name", "os.system", call(global("os", "system"), command)],
  ["Windows's system", "nt.system", call(global("nt", "system"), command)],
  ["eval", "builtins.eval", call(global("builtins", "eval"), text(`open(${JSON.stringify(trace)},'w')`))],
  ["eval of Python 2", "builtins.eval", call(global("__builtin__", "eval"), text("1"))],
  ["exec", "builtins.exec", call(global("builtins", "exec"), text("1"))],
  ["open", "builtins.open", `${global("builtins", "open")}${opened}R`],
  ["a process", "subprocess.Popen", call(global("subprocess", "Popen"), list(text("touch"), text(trace)))],
  ["a process as a new object", "subprocess.Popen", `${global("subprocess", "Popen")}${tuple(list(text("touch"), text(trace)))}\x81`],
  ["a process as a new object with keywords", "subprocess.Popen", `${global("subprocess", "Popen")}${tuple(list(text("touch"), text(trace)))}}\x92`],
  ["a chain of getattr", "builtins.getattr", call(call(global("builtins", "getattr"), importing, text("system")), command)],
  ["a name put together on the stack", "posix.system", call(stackGlobal("posix", "system"), command)],
  ["a name out of the memo", "posix.system", `${text("posix")}q\x00${text("system")}q\x010h\x00h\x01\x93${tuple(command)}R`],
  ["a name reached through another module", "torch.serialization.os.system", call(stackGlobal("torch", "serialization.os.system"), command)],
  ["a module reached through another", "torch.storage.os.system", call(global("torch.storage", "os.system"), command)],
  ["the builtins of a function", "torch._utils._rebuild_tensor_v2.__globals__", global("torch._utils", "_rebuild_tensor_v2.__globals__")],
  ["an old-style instance", "posix.system", `(${command}iposix\nsystem\n`],
  ["an old-style object", "posix.system", `(${global("posix", "system")}${command}o`],
  ["importing", "importlib.import_module", call(global("importlib", "import_module"), text("antigravity"))],
  ["a browser", "webbrowser.open", call(global("webbrowser", "open"), text("http://localhost"))],
  ["a pickle inside", "pickle.loads", call(global("pickle", "loads"), text("cposix\nsystem\n."))],
  ["code as bytes", "marshal.loads", call(global("marshal", "loads"), text("c"))],
  ["PyTorch's own unpickler", "torch.load", call(global("torch", "load"), text(trace))],
  ["a repository", "torch.hub.load", call(global("torch.hub", "load"), text("a/b"))],
  ["a debugger", "pdb.Pdb", call(global("pdb", "Pdb"))],
  ["a constructor behind a harmless one", "posix.system", call(global("copyreg", "_reconstructor"), global("posix", "system"), global("builtins", "object"), "N")],
  ["attributes with slots", "builtins.setattr", `${call(global("collections", "OrderedDict"))}${tuple("N", dict({ __class__: global("builtins", "setattr") }))}b`],
  ["a default made by a call", "posix.system", call(global("collections", "defaultdict"), global("posix", "system"))],
  ["a tensor of a class", "posix.system", call(global("torch._tensor", "_rebuild_from_type_v2"), global("posix", "system"), global("torch", "Tensor"), tuple(command), "}")],
];

describe.each([["an archive", (value: string) => archive(value)], ["a legacy file", (value: string) => legacy(value)], ["the first pickle of a legacy file", (value: string) => legacy(dict({ a: tensor() }), { first: value })]] as const)("code in %s is named and not run", (_, file) => {
  it.each(armed)("%s", (_name, what, value) => {
    const reason = expect.stringContaining(`it would call ${what}`) as unknown;
    expect(() => readAll(file(value))).toThrow(refusal("modelUnsafe", { reason }));
    expect(() => readAll(file(dict({ state_dict: dict({ a: tensor() }), optimizer: value })))).toThrow(refusal("modelUnsafe", { reason }));
  });

  it("by numbers of a registry", () => {
    for (const code of ["\x82\x01", "\x83\x01\x01", "\x84\x01\x01\x01\x01"]) expect(() => readAll(file(`${code}${tuple(command)}R`))).toThrow(refusal("modelUnsafe", { reason: expect.stringContaining("by a number") }));
  });

  it.each([["a class", "mine.models.Net", "class"], ["a function", "mine.models.make", "function"], ["what harmless things can do", "collections.OrderedDict.fromkeys", "function"], ["a partial call", "functools.partial", "function"]] as const)("or %s that is not known", (_name, what, kind) => {
    const [module, name] = what.startsWith("collections") ? ["collections", "OrderedDict.fromkeys"] as const : [what.slice(0, what.lastIndexOf(".")), what.slice(what.lastIndexOf(".") + 1)] as const;
    expect(() => readAll(file(dict({ a: tensor(), b: call(stackGlobal(module, name)) })))).toThrow(refusal("modelPickled", { what: `the ${kind} ${JSON.stringify(what)}` }));
  });
});

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) console.log("Skipped: there is no python3 to show that the pickles are armed.");
it.skipIf(!python)("and these pickles do run in Python", () => {
  for (const name of ["os.system", "open", "a process", "a name out of the memo", "an old-style instance", "an old-style object"]) {
    const file = join(folder, "armed.pkl");
    writeFileSync(file, pickle(armed.find(([called]) => called === name)![2]));
    spawnSync("python3", ["-c", `import pickle, time; pickle.load(open(${JSON.stringify(file)}, "rb")); time.sleep(0.2)`]);
    expect(existsSync(trace), name).toBe(true);
    rmSync(trace);
  }
});

describe("pickles that make no sense", () => {
  it.each<[string, string, string, RegExp]>([
    ["nothing", "", "modelCorrupt", /not put down/],
    ["an unknown instruction", "\xff", "modelCorrupt", /instruction 255/],
    ["buffers from elsewhere", "\x97", "modelCorrupt", /instruction 151/],
    ["a call of a tensor", `${tensor()})R`, "modelCorrupt", /no function/],
    ["a call of a text", `${text("system")})R`, "modelCorrupt", /no function/],
    ["a call with what is no tuple", `${global("collections", "OrderedDict")}${text("x")}R`, "modelCorrupt", /no function/],
    ["attributes of a function", `${global("collections", "OrderedDict")}}b`, "modelCorrupt", /plain data/],
    ["more than the stack has", "K\x01\x86", "modelCorrupt", /not put down/],
    ["what lies below a mark", "K\x01(0", "modelCorrupt", /not put down/],
    ["a mark that is not there", "t", "modelCorrupt", /not put down/],
    ["an object out of nothing", "(o", "modelCorrupt", /no function/],
    ["an empty memo", "h\x07", "modelCorrupt", /not remember/],
    ["a memo at a place that is none", "Np-1\n", "modelCorrupt", /no place/],
    ["items for a number", "K\x01(NNu", "modelCorrupt", /no dictionary/],
    ["a key without a value", "}(NNNu", "modelCorrupt", /no dictionary/],
    ["elements for a text", `${text("a")}Na`, "modelCorrupt", /no list/],
    ["a number that is none", "Iseven\n", "modelCorrupt", /none/],
    ["a number without end", "\x8b\xff\xff\xff\x7f", "modelCorrupt", /without end/],
    ["a text longer than the file", "X\xff\xff\xff\x7f", "modelUnsafe", /more objects/],
    ["a text of 2 to the 64", `\x8d${"\xff".repeat(8)}`, "modelUnsafe", /more objects/],
    ["bytes longer than the file", "B\xff\xff\xff\x01", "modelCorrupt", /ends before/],
    ["a name without end", `c${"a".repeat(10_000)}`, "modelCorrupt", /damaged/],
    ["a class named by a number", "K\x01K\x02\x93", "modelCorrupt", /no name/],
    ["a reference that is none", "K\x01Q", "modelCorrupt", /not in the file/],
    ["a reference to a file", `${tuple(text("file"), text("/etc/passwd"))}Q`, "modelCorrupt", /no storage/],
    ["a reference as a text", "P/etc/passwd\n", "modelCorrupt", /not in the file/],
    ["a storage of no type", `${storage("0", 4, "N")}`, "modelCorrupt", /no storage/],
    ["a storage of minus one element", `${storage("0", -1)}`, "modelCorrupt", /no storage/],
    ["a protocol of the future", "\x80\x09", "modelCorrupt", /newer/],
  ])("%s", (_, value, code, reason) => {
    for (const file of [archive(value), legacy(value)]) expect(() => readAll(file)).toThrow(refusal(code, { reason: expect.stringMatching(reason) }));
  });

  it.each<[string, string, string, RegExp]>([
    ["a view past the end of its storage", tensor({ shape: [5] }), "modelCorrupt", /outside its storage/],
    ["an offset past the end", tensor({ offset: 1 }), "modelCorrupt", /outside its storage/],
    ["strides past the end", tensor({ shape: [2, 2], strides: [3, 1] }), "modelCorrupt", /outside its storage/],
    ["sizes that overflow", tensor({ shape: [2 ** 30, 2 ** 30, 2 ** 30], strides: [0, 0, 0] }), "modelCorrupt", /outside its storage/],
    ["a view that repeats one number", tensor({ shape: [2 ** 30], strides: [0] }), "modelUnsafe", /unfold/],
    ["a storage that is not there", tensor({ of: storage("7") }), "modelCorrupt", /missing|no tensor has/],
    ["a storage outside the archive", tensor({ of: storage("../../../etc/passwd") }), "modelCorrupt", /missing|no tensor has/],
    ["a storage of more than the file has", tensor({ of: storage("0", 2 ** 30), shape: [2 ** 30] }), "modelCorrupt", /outside its storage|cut short|promises/],
  ])("%s", (_, value, code, reason) => {
    for (const file of [archive(dict({ a: value })), legacy(dict({ a: value }))]) expect(() => readAll(file)).toThrow(refusal(code, { reason: expect.stringMatching(reason) }));
  });

  it.each<[string, string]>([["sizes below zero", tensor({ shape: [-4] })], ["strides below zero", tensor({ strides: [-1] })], ["a stride too few", tensor({ strides: [] })], ["a text for a storage", tensor({ of: text("0") })], ["more dimensions than PyTorch has", tensor({ shape: new Array<number>(65).fill(1), strides: new Array<number>(65).fill(1) })]])("%s", (_, value) => {
    expect(() => readAll(archive(dict({ a: value })))).toThrow(refusal("weightUnsupported", { weight: "a", kind: "no tensor that can be rebuilt" }));
  });

  it("many views that repeat themselves", () => {
    const views = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`w${i}`, tensor({ shape: [2 ** 20], strides: [0] })]));
    expect(() => readAll(archive(dict(views)))).toThrow(refusal("modelUnsafe", { reason: expect.stringMatching(/unfold/) }));
  });

  it("a legacy file whose storages are not those of its tensors", () => {
    const value = dict({ a: tensor() });
    expect(() => readAll(legacy(value, { keys: "N" }))).toThrow(refusal("modelCorrupt", { reason: "it has no list of storages" }));
    expect(() => readAll(legacy(value, { keys: list() }))).toThrow(refusal("modelCorrupt", { reason: "the storage 0 is missing in it" }));
    expect(() => readAll(legacy(value, { keys: list(text("9")) }))).toThrow(refusal("modelCorrupt", { reason: "it lists a storage that no tensor has" }));
    expect(() => readAll(legacy(value, { storages: "\xff".repeat(24) }))).toThrow(refusal("modelCorrupt", { reason: "it is cut short" }));
    expect(() => readAll(legacy(value, { about: dict({ little_endian: "\x89" }) }))).toThrow(refusal("modelCorrupt", { reason: expect.stringContaining("big-endian") }));
    expect(() => readAll(legacy(value, { first: int(7) }))).toThrow(refusal("modelFormatUnknown", {}));
  });
});

describe("pickles that unfold", () => {
  /** Lists of twice the one before, a thousand times: 2^1000 elements for whoever walks them. */
  const doubling = `)q\x00${"h\x00h\x00\x86q\x00".repeat(1000)}`;
  const itself = "}q\x00(" + text("state_dict") + "h\x00" + text("model") + "h\x00u";

  it("are read without being walked", () => {
    expect(readAll(archive(dict({ history: doubling, a: tensor() })))).toEqual(["a"]);
    expect(() => readAll(archive(doubling))).toThrow(refusal("modelFormatUnknown", {}));
    expect(() => readAll(archive(itself))).toThrow(refusal("modelFormatUnknown", {}));
    expect(() => readAll(archive(`]q\x00(${"h\x00".repeat(9)}e`))).toThrow(refusal("modelFormatUnknown", {}));
  });

  it("nested ten thousand deep, too", () => {
    expect(() => readAll(archive(`${"(".repeat(10_000)}${"t".repeat(10_000)}`))).toThrow(refusal("modelFormatUnknown", {}));
    expect(() => readAll(archive(`${"}".repeat(10_000)}`))).toThrow(refusal("modelFormatUnknown", {}));
    expect(() => readAll(archive(`${(`}${text("model")}`).repeat(10_000)}N${"s".repeat(10_000)}`))).toThrow(refusal("modelFormatUnknown", {}));
    const wrapped = dict({ [`${"module.".repeat(10_000)}a`]: tensor() });
    expect(readAll(archive(wrapped))[0]).toMatch(/module\.a$/);
    const rebuilt = global("torch._tensor", "_rebuild_from_type_v2");
    expect(() => readAll(archive(dict({ a: `${rebuilt}(${rebuilt}N]q\x00${rebuilt}aNah\x00ah\x00ttR` })))).toThrow(/modelCorrupt|weightUnsupported/);
  });
});
