/** @file Reads pickles without running them: names become what a table says, and whatever is not data is refused. */
import type { Pickled } from "./pickled.js";
import type { PickleInput } from "./pickleInput.js";
import { Machine, type Allowance, type Fail, type Meanings } from "./pickleMachine.js";

/** The value of the pickle that begins at the input's position, which then stands behind it. Throws what `fail` and `meanings` throw. */
export function unpickle(input: PickleInput, meanings: Meanings, allowance: Allowance, fail: Fail): Pickled {
  const machine = new Machine(input, meanings, allowance, fail);
  for (;;) {
    const code = input.byte();
    if (code === stop) return machine.pop();
    machine.step();
    const operation = operations[code];
    if (operation === undefined) fail(`its pickle has the unknown instruction ${code}`);
    else operation(machine);
  }
}

const stop = ".".charCodeAt(0);

/** Every instruction of the protocols 0 to 5, by the character that stands for it. */
const instructions: Readonly<Record<string, (machine: Machine) => void>> = {
  "\x80": (m) => void (m.input.byte() > 5 && m.fail("its pickle's protocol is newer than any")),
  "\x95": (m) => void m.input.length(),
  "(": (m) => m.mark(),
  "0": (m) => void m.pop(),
  "1": (m) => void m.popToMark(),
  "2": (m) => m.push(m.top()),
  N: (m) => m.push(null),
  "\x88": (m) => m.push(true),
  "\x89": (m) => m.push(false),
  I: (m) => {
    const text = m.line();
    if (text === "00" || text === "01") m.push(text === "01");
    else m.decimal(text);
  },
  J: (m) => m.push(m.input.signed()),
  K: (m) => m.push(m.input.byte()),
  M: (m) => m.push(m.input.unsigned(2)),
  L: (m) => m.decimal(m.line()),
  "\x8a": (m) => m.whole(m.input.byte()),
  "\x8b": (m) => m.whole(m.input.unsigned(4)),
  F: (m) => m.push(Number(m.line())),
  G: (m) => m.push(m.input.double()),
  S: (m) => m.push(m.line().slice(1, -1)),
  V: (m) => m.push(m.line()),
  U: (m) => m.text(m.input.byte()),
  T: (m) => m.text(m.input.unsigned(4)),
  X: (m) => m.text(m.input.unsigned(4)),
  "\x8c": (m) => m.text(m.input.byte()),
  "\x8d": (m) => m.text(m.input.length()),
  C: (m) => m.bytes(m.input.byte()),
  B: (m) => m.bytes(m.input.unsigned(4)),
  "\x8e": (m) => m.bytes(m.input.length()),
  "\x96": (m) => m.bytes(m.input.length()),
  ")": (m) => m.push(m.popMany(0)),
  "\x85": (m) => m.push(m.popMany(1)),
  "\x86": (m) => m.push(m.popMany(2)),
  "\x87": (m) => m.push(m.popMany(3)),
  t: (m) => m.push(m.popToMark()),
  "]": (m) => m.push(m.popMany(0)),
  l: (m) => m.push(m.popToMark()),
  "\x8f": (m) => m.push(m.popMany(0)),
  "\x91": (m) => m.push(m.popToMark()),
  a: (m) => m.append(m.popMany(1)),
  e: (m) => m.append(m.popToMark()),
  "\x90": (m) => m.append(m.popToMark()),
  "}": (m) => m.map([]),
  d: (m) => m.map(m.popToMark()),
  s: (m) => m.setItems(m.popMany(2)),
  u: (m) => m.setItems(m.popToMark()),
  p: (m) => m.remember(Number(m.line())),
  q: (m) => m.remember(m.input.byte()),
  r: (m) => m.remember(m.input.unsigned(4)),
  "\x94": (m) => m.memoize(),
  g: (m) => m.recall(Number(m.line())),
  h: (m) => m.recall(m.input.byte()),
  j: (m) => m.recall(m.input.unsigned(4)),
  P: (m) => m.push(m.meanings.persistent(m.line())),
  Q: (m) => m.push(m.meanings.persistent(m.pop())),
  c: (m) => m.push(m.global(m.line(), m.line())),
  "\x93": (m) => {
    const [module, name] = m.popMany(2) as [Pickled, Pickled];
    m.push(m.global(module, name));
  },
  R: (m) => {
    const [callee, args] = m.popMany(2) as [Pickled, Pickled];
    m.call(callee, args);
  },
  "\x81": (m) => {
    const [callee, args] = m.popMany(2) as [Pickled, Pickled];
    m.call(callee, args);
  },
  "\x92": (m) => {
    const [callee, args] = m.popMany(3) as [Pickled, Pickled, Pickled];
    m.call(callee, args);
  },
  i: (m) => {
    const callee = m.global(m.line(), m.line());
    m.call(callee, m.popToMark());
  },
  o: (m) => {
    const [callee, ...args] = m.popToMark();
    m.call(callee ?? null, args);
  },
  b: (m) => m.build(),
  "\x82": refuseExtension, "\x83": refuseExtension, "\x84": refuseExtension,
};

/** Numbers that stand for functions which only the reader's own registry knows. */
function refuseExtension(machine: Machine): never {
  return machine.fail("its pickle calls a function by a number", "modelUnsafe");
}

const operations: readonly (((machine: Machine) => void) | undefined)[] = Array.from({ length: 256 }, (_, code) => instructions[String.fromCharCode(code)]);
