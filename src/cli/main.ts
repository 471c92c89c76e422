/** @file The command line: sub-commands and their options, exit codes, and nothing else. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { runtimeNames } from "../engine/runtime.js";
import { methodIds, type RuntimeChoice } from "../protocol/api.js";
import { auditFormats, type AuditFormat } from "../protocol/audit.js";
import { parseHubName } from "../protocol/hubName.js";
import { tensorflowPackages, type TensorflowPackage } from "../protocol/setup.js";
import { version } from "../worker/version.js";
import type { BenchFlags } from "./benchCommand.js";
import { translationFor } from "./localize.js";
import { addAttentionOptions, attentionOptions, type AttentionFlags } from "./attentionOptions.js";
import { addCompareOptions, compareOptions, type CompareFlags } from "./compareOptions.js";
import { addDebugOptions, debugOptions, type DebugFlags } from "./debugOptions.js";
import { addExplainOptions, collect, explainOptions, type ExplainFlags } from "./explainOptions.js";
import { formatsAmong, parseMethods, parseParameters, parseTarget } from "./parameters.js";
import { describeFailure, exitCodeOf, processTerminal, type Terminal } from "./terminal.js";
import { areTexts, givenTexts } from "./textInputs.js";

interface TrustFlags extends Pick<ExplainFlags, "target" | "score" | "set" | "runtime" | "json"> {
  method: string;
  layer?: string;
  tests?: string;
  with: string[];
}

interface AuditFlags {
  out: string;
  labels?: string;
  limit?: number;
  resume?: boolean;
  workers?: number;
  format: AuditFormat[];
  runtime: RuntimeChoice;
  json?: boolean;
}

interface DownloadFlags {
  out?: string;
  endpoint: string;
  list?: boolean;
  yes?: boolean;
  json?: boolean;
}

interface SetupFlags {
  python?: string;
  package?: TensorflowPackage;
  dir?: string;
  remove?: boolean;
  yes?: boolean;
  json?: boolean;
}

function runtimeOption(): Option {
  return new Option("--runtime <name>", "what computes; auto takes the fastest that works, as doctor measured it").choices(["auto", ...runtimeNames]).default("auto");
}

/** The program with its sub-commands; `finish` takes each one's exit code. */
function buildProgram(terminal: Terminal, finish: (code: number) => void): Command {
  const program = new Command("whylight").description("Explains what models predict: which parts of an image speak for a class, and which words of a text for a class or for the next token.").version(version);
  program.exitOverride().configureOutput({ writeErr: (text) => terminal.err(text.trimEnd()) });
  const explain = program.command("explain").description("Explain predictions: a heatmap per image and method, or each word's share of a text's prediction")
    .argument("<model>", "a model's file or folder").argument("[input...]", "images, .safetensors files whose tensors carry the model's input names (input_ids for texts), or texts in .txt and .md files");
  addExplainOptions(explain, runtimeOption()).action(async (model: string, inputs: string[], flags: ExplainFlags) => {
    if (areTexts(flags.text, inputs, flags.pair)) {
      const { explainTextOptions, runExplainText } = await import("./explainTextCommand.js");
      finish(await runExplainText(model, givenTexts(flags.text, inputs), explainTextOptions(flags), terminal));
    } else finish(await (await import("./explainCommand.js")).runExplain(model, inputs, explainOptions(flags), terminal));
  });
  const attention = program.command("attention").description("Look at the attention of transformers: who attends to whom in a text, or where in an image")
    .argument("<model>", "a model's file or folder").argument("[input...]", "images, .safetensors files whose tensors carry the model's input names (input_ids for texts), or texts in .txt and .md files");
  addAttentionOptions(attention, runtimeOption()).action(async (model: string, inputs: string[], flags: AttentionFlags) => {
    const { imageInputs, runAttention, textInputs } = await import("./attentionCommand.js");
    const asked = areTexts(flags.text, inputs, flags.pair) ? textInputs(givenTexts(flags.text, inputs), flags.pair) : imageInputs(inputs);
    finish(await runAttention(model, asked, attentionOptions(flags), terminal));
  });
  const compare = program.command("compare").description("Compare maps of one input: methods, baselines of Integrated Gradients, or numbers of samples of SmoothGrad")
    .argument("<model>", "a model's file or folder").argument("<input>", "an image, or a .safetensors file whose tensors carry the model's input names");
  addCompareOptions(compare, runtimeOption()).action(async (model: string, input: string, flags: CompareFlags) => {
    finish(await (await import("./compareCommand.js")).runCompare(model, input, compareOptions(flags), terminal));
  });
  program.command("predict").description("Print the likeliest classes of inputs, or the likeliest next tokens")
    .argument("<model>", "a model's file or folder").argument("[input...]", "images, .safetensors files whose tensors carry the model's input names (input_ids for texts), or texts in .txt and .md files")
    .option("--text <text>", "a text, or the name of a text file; may be repeated", collect, []).option("--pair <text>", "the second text, for models that take two")
    .option("--top <n>", "how many classes", parseCount, 5).addOption(runtimeOption())
    .option("--json", "print one JSON document on standard output, everything else on standard error")
    .action(async (model: string, inputs: string[], { text, pair, top, runtime, json = false }: { text: string[]; pair?: string; top: number; runtime: RuntimeChoice; json?: boolean }) => {
      const { runPredict, runPredictText } = await import("./predictCommand.js");
      const options = { top, runtime, json };
      finish(await (areTexts(text, inputs, pair) ? runPredictText(model, givenTexts(text, inputs), { ...options, pair }, terminal) : runPredict(model, inputs, options, terminal)));
    });
  program.command("trust").description("Test how far a map can be trusted: deletion and insertion, other classes, noise, other methods, random weights")
    .argument("<model>", "a model's file or folder").argument("<input...>", "images, or .safetensors files whose tensors carry the model's input names")
    .option("--method <id,...>", `one or more of ${methodIds.join(", ")}`, "grad-cam")
    .option("--tests <name,...>", "some of curves, classes, stability, agreement, weights; all when left out")
    .option("--target <class>", "the class to explain: predicted, an index from 0, or a label", "predicted")
    .option("--layer <name>", "the layer of the CAM family (see inspect); chosen by itself when left out")
    .addOption(new Option("--score <kind>", "what is differentiated").choices(["logit", "probability"]).default("logit"))
    .option("--set <key=value>", "a parameter of the method; may be repeated", (value: string, all: string[]) => [...all, value], [])
    .option("--with <key=value>", "a setting of the tests: steps, fill, noise, draws, classes or seed; may be repeated", (value: string, all: string[]) => [...all, value], [])
    .addOption(runtimeOption())
    .option("--json", "print one JSON document on standard output, everything else on standard error")
    .action(async (model: string, inputs: string[], flags: TrustFlags) => {
      const { method, tests, target, layer, score, set, runtime, json = false } = flags;
      const { parseTests, runTrust } = await import("./trustCommand.js");
      const options = {
        methods: parseMethods(method), tests: tests === undefined ? undefined : parseTests(tests), target: parseTarget(target), layer, score, parameters: parseParameters(set), settings: parseParameters(flags.with), runtime, json,
      };
      finish(await runTrust(model, inputs, options, terminal));
    });
  program.command("check").description("Hold a model against a specification: its answers, where its maps lie, how often it is right; exit code 1 when a check fails")
    .argument("<model>", "a model's file or folder").argument("<spec>", "a JSON file of checks (docs/checks.md); paths in it are relative to it")
    .option("--junit <file>", "also write the results as JUnit XML").addOption(runtimeOption())
    .option("--json", "print one JSON document on standard output, everything else on standard error")
    .action(async (model: string, spec: string, { junit, runtime, json = false }: { junit?: string; runtime: RuntimeChoice; json?: boolean }) => {
      finish(await (await import("./checkCommand.js")).runCheck(model, spec, { junit, runtime, json }, terminal));
    });
  const debug = program.command("debug").description("Find out why a model may get images wrong: both classes' maps, counter-tests, and the likely causes")
    .argument("<model>", "a model's file or folder").argument("<image...>", "images");
  addDebugOptions(debug, runtimeOption()).action(async (model: string, inputs: string[], flags: DebugFlags) => {
    finish(await (await import("./debugCommand.js")).runDebug(model, inputs, debugOptions(flags), terminal));
  });
  program.command("inspect").description("Show a model's inputs, outputs, layers, preprocessing, labels, and operators without support")
    .argument("<model>", "a model's file or folder").option("--json", "print JSON")
    .option("--graph", "print the graph in its text form instead, one line per value")
    .action(async (model: string, { json = false, graph = false }: { json?: boolean; graph?: boolean }) => {
      finish(await (await import("./inspectCommand.js")).runInspect(model, { json, graph }, terminal));
    });
  program.command("models").description("List the models in a folder and those below it, by their first bytes and the small files beside them")
    .argument("[folder]", "where to look; the current folder when left out").option("--json", "print JSON")
    .action(async (folder: string | undefined, { json = false }: { json?: boolean }) => finish(await (await import("./modelsCommand.js")).runModels(folder ?? ".", json, terminal)));
  program.command("audit").description("Audit a folder of labelled images: what the model gets wrong, and what it looks at when it does")
    .argument("<model>", "a model's file or folder").argument("<folder>", "a folder of images, with a folder per class unless --labels is given")
    .requiredOption("--out <dir>", "where records, summary, table and report are kept").option("--labels <file>", "a CSV or JSON file of labels instead of the folders' names")
    .option("--limit <n>", "audit at most so many images, spread over the classes", parseCount).option("--resume", "go on with an audit that was stopped")
    .option("--workers <n>", "threads that decode images; chosen by itself when left out", parseCount).addOption(runtimeOption())
    .option("--format <kind,...>", `the report's: ${auditFormats.join(", ")}`, formatsAmong(auditFormats), ["html"])
    .option("--json", "print one JSON document on standard output, everything else on standard error")
    .action(async (model: string, folder: string, { out, labels, limit, resume = false, workers, format, runtime, json = false }: AuditFlags) => {
      finish(await (await import("./auditCommand.js")).runAudit(model, folder, { out, labels, limit, resume, workers, formats: format, runtime, json }, terminal));
    });
  program.command("compare-audits").description("Compare two audits of the same images: what got fixed, what broke, and whether that is more than chance")
    .argument("<before>", "the folder of an audit").argument("<after>", "the folder of another one, as of a later checkpoint").option("--json", "print JSON")
    .action(async (before: string, after: string, { json = false }: { json?: boolean }) => finish(await (await import("./compareAuditsCommand.js")).runCompareAudits(before, after, { json }, terminal)));
  program.command("download").description("Load a model from Hugging Face, or another hub with its API, into a folder; its files, size and licence are shown first")
    .argument("<name>", "as \"google/vit-base-patch16-224\", with \"@revision\" for another one than main, or the address of its page")
    .option("--out <dir>", "the folder it goes to; called after the model when left out").option("--endpoint <url>", "another hub", process.env["HF_ENDPOINT"] ?? "https://huggingface.co")
    .option("--list", "only list its files").option("--yes", "load without asking").option("--json", "print JSON")
    .addHelpText("after", "\nThe environment variable HF_TOKEN holds the token for models that need one.")
    .action(async (name: string, { out, endpoint, list = false, yes = false, json = false }: DownloadFlags) => {
      const { runDownload } = await import("./downloadCommand.js");
      const wanted = parseHubName(name, endpoint) ?? { name, revision: "main" };
      finish(await runDownload(wanted.name, { revision: wanted.revision, endpoint, token: process.env["HF_TOKEN"], out, list, yes, json }, terminal));
    });
  program.command("setup-tensorflow").description("Set up native TensorFlow for the runtime tfjs-tensorflow: the official package, or today's TensorFlow of a Python environment; steps and sizes are shown first")
    .option("--python <path>", "the Python whose TensorFlow is used, or that makes an environment for it; found by itself when left out")
    .addOption(new Option("--package <name>", "make an environment with this package").choices([...tensorflowPackages]))
    .option("--dir <dir>", "the folder it goes into; in this machine's cache folder when left out").option("--remove", "remove what was set up").option("--yes", "do it without asking").option("--json", "print JSON")
    .addHelpText("after", "\nStopped or broken off, the same command goes on where it was.")
    .action(async ({ python, package: wanted, dir, remove = false, yes = false, json = false }: SetupFlags) => {
      finish(await (await import("./setupCommand.js")).runSetup({ folder: dir, python, package: wanted, remove, yes, json }, terminal));
    });
  program.command("doctor").description("Show which runtimes work here and how fast they are, and why the others do not; a second per runtime the first time")
    .option("--measure", "measure them again").option("--json", "print JSON")
    .action(async ({ json = false, measure = false }: { json?: boolean; measure?: boolean }) => finish(await (await import("./doctorCommand.js")).runDoctor({ json, measure }, terminal)));
  program.command("bench").description("Measure this machine: explanations here and, where a Python with PyTorch is found, the same in PyTorch, side by side")
    .option("--only <group,...>", "some groups (see --list); all when left out").option("--runs <n>", "how often each side of a case runs; 5 when left out, fewer of slow groups", parseCount)
    .option("--quick", "leave out slow groups, and run the others twice").option("--out <dir>", "also write bench.md and bench.json into this folder")
    .option("--python <path>", "a Python with torch and torchvision, and transformers for texts; WHYLIGHT_PYTHON or the system's when left out")
    .option("--pictures <dir>", "a folder of pictures to audit, with a folder per class; drawn when left out").option("--list", "list the groups and end")
    .option("--remove-models", "remove the models that were written for it, 1.2 GB, and end")
    .addHelpText("after", "\nThe models have random weights; they are written into this machine's cache folder when they are first measured.")
    .action(async (flags: BenchFlags) => finish(await (await import("./benchCommand.js")).runBench(flags, terminal)));
  return program;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(text);
}

/** Runs one command line (without `node` and the script). Returns the exit code: 0 all well, 1 something failed, 2 wrong use. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;
  try {
    await buildProgram(terminal, (result) => (code = result)).parseAsync(args, { from: "user" });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const failure = describeFailure(thrown, terminal.translate);
    terminal.err(`${failure.text} ${failure.next}`);
    return exitCodeOf([failure]);
  }
}

/** The terminal of this process in the reader's language. */
export function ownTerminal(): Terminal {
  return processTerminal(translationFor(process.env, process.argv[1]));
}
