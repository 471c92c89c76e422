/** @file Runs a step's programs: what they say becomes progress, and how they fail becomes one sentence. */
import { basename, isAbsolute } from "node:path";
import type { CancelSignal } from "../../engine/cancellation.js";
import { WhylightError } from "../../engine/errors.js";
import { lastLine, runTool, ToolFailure } from "./runTool.js";

/** Runs a program of a step. Throws `setupFailed`, `outputUnwritable`, `cancelled`. */
export type RunTool = (command: string, args: readonly string[]) => Promise<string>;

export interface StepRunner {
  readonly folder: string;
  readonly signal: CancelSignal | undefined;
  onLine(line: string): void;
  onStart(pid: number): void;
}

/** What tools write when the network or the disk is at fault: their last lines speak of something else. */
const knownCauses: readonly { readonly words: RegExp; readonly reason: string }[] = [
  { words: /No space left on device|ENOSPC|Disk quota exceeded/, reason: "the disk is full" },
  { words: /Temporary failure in name resolution|Name or service not known|getaddrinfo|ENOTFOUND|EAI_AGAIN|nodename nor servname/, reason: "the network cannot be reached" },
  { words: /NewConnectionError|ConnectTimeoutError|Connection refused|ECONNREFUSED|ETIMEDOUT|ECONNRESET|Network is unreachable|ENETUNREACH|Read timed out|ProxyError|socket hang up/, reason: "the network cannot be reached" },
  { words: /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|unable to get local issuer/, reason: "the server's certificate is not trusted here" },
];

const longestReason = 200;

/** A runner of programs for one set-up. */
export function stepTools({ folder, signal, onLine, onStart }: StepRunner): RunTool {
  return async (command, args) => {
    try {
      return await runTool(command, args, { cwd: folder, signal, onLine, onStart });
    } catch (thrown) {
      if (!(thrown instanceof ToolFailure)) throw thrown;
      throw failureOf(thrown, command, args, folder);
    }
  };
}

function failureOf(failure: ToolFailure, command: string, args: readonly string[], folder: string): WhylightError {
  const known = knownCauses.find(({ words }) => words.test(failure.output));
  if (known?.reason === "the disk is full") return new WhylightError("outputUnwritable", { path: folder, reason: known.reason }, { cause: failure });
  const said = shorten(known ? linesOf(failure.output).findLast((line) => known.words.test(line)) : errorLine(failure.output)) || failure.message;
  return new WhylightError("setupFailed", { command: shortCommand(command, args), reason: known ? `${known.reason} (${said})` : said }, { cause: failure });
}

/** What a system says of itself in a long line of Python's, or the line's beginning, without the full stop that would end a sentence twice. */
function shorten(line = ""): string {
  const said = /\[Errno -?\d+\] [^')"]+/.exec(line)?.[0] ?? (line.length > longestReason ? `${line.slice(0, longestReason)}…` : line);
  return said.replace(/[.\s]+$/, "");
}

/** The line that names the error: the last that says so, or else the last. */
function errorLine(output: string): string {
  return linesOf(output).findLast((line) => /\berror\b/i.test(line) && !/complete log/i.test(line)) ?? lastLine(output);
}

const linesOf = (output: string): string[] => output.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");

/** "pip install tensorflow-cpu": the command without the options and paths that nobody would type. */
function shortCommand(command: string, args: readonly string[]): string {
  const asModule = args.indexOf("-m");
  const [name, rest] = asModule < 0 ? [basename(command), args] : [args[asModule + 1]!, args.slice(asModule + 2)];
  const words = rest.filter((word) => !word.startsWith("-") && !isAbsolute(word));
  return [name, ...words].join(" ");
}
