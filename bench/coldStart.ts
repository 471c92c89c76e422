/** @file From process start to picture written: the command line against a script with PyTorch that does the same. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { interleave, statsOf, type Side } from "./measure.js";
import { unwatched, watched } from "./peer.js";
import { writePhoto } from "./photo.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";

const megabyte = 2 ** 20;

/** Time and peak memory of one explanation in a new process. The first round only warms the file cache, for both. */
export async function coldStart({ setup, runs }: Options): Promise<Row[]> {
  const { python, cli, model, weights, out } = setup;
  const folder = join(out, "cold");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const photo = join(folder, "photo.jpg");
  await writePhoto(photo);
  const ours = [process.execPath, cli, "explain", model, photo, "--method", "grad-cam", "--runtime", "onnxruntime", "--out", folder];
  const overlay = join(folder, "torch.png");
  const theirs = [python?.path ?? "", join(setup.peers, "explain.py"), weights, photo, overlay];
  const sides: Side[] = [() => (python ? watched(setup, python, ours) : unwatched(ours)), ...(python ? [() => watched(setup, python, theirs)] : [])];
  const [own, peer] = await interleave(sides, { warmUps: 1, runs });
  for (const picture of [join(folder, "photo.grad-cam.png"), ...(python ? [overlay] : [])]) if (!existsSync(picture)) throw new Error(`${picture} was not written`);
  const peaks = (samples: typeof own) => samples?.flatMap(({ peak }) => (peak === undefined ? [] : [peak / megabyte])) ?? [];
  const times = (samples: typeof own) => samples?.map(({ ms }) => ms) ?? [];
  const shared = { peer: "script with PyTorch" };
  const time: Row = { ...shared, name: "explain from a cold start", unit: "ms", ours: statsOf(times(own)), theirs: peer && statsOf(times(peer)), target: 0.33 };
  return peer === undefined ? [time] : [time, { ...shared, name: "explain from a cold start, peak memory", unit: "MB", ours: statsOf(peaks(own)), theirs: statsOf(peaks(peer)), target: 0.6 }];
}
