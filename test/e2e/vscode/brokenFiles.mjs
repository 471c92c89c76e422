/** @file Files that are not what their names say. */
import { readFileSync } from "node:fs";

/** The first half of a file. @param {string} path */
export function firstHalf(path) {
  const bytes = readFileSync(path);
  return bytes.subarray(0, bytes.length >> 1);
}

/**
 * An ONNX file in which one operator has another name. Both names have the same length, so that protobuf's lengths stay right.
 *
 * @param {string} path
 * @param {string} operator
 * @param {string} name
 */
export function renameOperator(path, operator, name) {
  if (Buffer.byteLength(operator) !== Buffer.byteLength(name)) throw new Error(`"${operator}" and "${name}" differ in length.`);
  const bytes = readFileSync(path);
  // NodeProto.op_type is field 4, a string: its tag, its length, its text.
  const field = (text) => Buffer.concat([Buffer.from([0x22, Buffer.byteLength(text)]), Buffer.from(text)]);
  const [from, to] = [field(operator), field(name)];
  let count = 0;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + to.length)) {
    to.copy(bytes, at);
    count++;
  }
  if (count === 0) throw new Error(`${path} has no node ${operator}.`);
  return bytes;
}
