/** @file Errors as plain data: an `Error` object on the wire can kill a receiver that runs another Node version. */
import { WhylightError, errorCodes, type ErrorCode, type ErrorData } from "../engine/errors.js";

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: ErrorData;
  /** For the log only. */
  readonly stack: string;
}

/** Flattens an error and its causes; the stacks are joined for the log. */
export function toWire(error: WhylightError): WireError {
  const stacks: string[] = [];
  for (let e: unknown = error; e instanceof Error; e = e.cause) stacks.push(e.stack ?? e.message);
  return { code: error.code, message: error.message, data: error.data, stack: stacks.join("\ncaused by: ") };
}

/** The error again, with the far side's stack. An unknown code, from a newer far side, becomes `internal`. */
export function fromWire(wire: WireError): WhylightError {
  const known = (errorCodes as readonly string[]).includes(wire.code);
  const error = new WhylightError(known ? wire.code : "internal", known ? wire.data : { reason: wire.message });
  error.stack = wire.stack;
  return error;
}
