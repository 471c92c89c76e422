/** @file A worker that speaks the protocol's frames by hand and misbehaves on request: the request's `model` says how. */
const cancelled = new Set();
const done = (id, value) => process.send({ t: "done", id, value });
const fail = (id, code) => process.send({ t: "fail", id, error: { code, message: code, data: {}, stack: "" } });

const behaviours = {
  answer: (id) => {
    process.send({ t: "event", name: "progress", data: { call: id, phase: "computing", done: 1, total: 2 } });
    done(id, { pid: process.pid, data: new Float32Array([0.5, 1.5]) });
  },
  fail: (id) => fail(id, "modelCorrupt"),
  crash: () => process.exit(3),
  outOfMemory: () => {
    process.stderr.write("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n");
    process.abort();
  },
  // Blocks the event loop, as a native runtime does.
  block: (id) => {
    const until = Date.now() + 60_000;
    while (Date.now() < until);
    done(id, {});
  },
  // Notices its cancellation between steps, a little late.
  polite: (id) => {
    const timer = setInterval(() => {
      if (!cancelled.has(id)) return;
      clearInterval(timer);
      setTimeout(() => done(id, "late"), 30);
    }, 5);
  },
  slow: (id) => setTimeout(() => done(id, { pid: process.pid }), 150),
  wait: () => {},
};

process.on("disconnect", () => process.exit(0));
process.on("message", (frame) => {
  if (frame.t === "cancel") cancelled.add(frame.id);
  if (frame.t !== "call") return;
  if (frame.method === "hello") done(frame.id, { protocol: 1, version: "fake", node: process.version });
  else behaviours[frame.args.model](frame.id);
});
