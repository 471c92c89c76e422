/** @file From process start to picture written: the command line against a script with PyTorch that does the same. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { interleave, megabyte, statsOf } from "./measure.js";
import { watched } from "./peer.js";
import { writePhoto } from "./photo.js";
import { pythonOf, type Options } from "./setup.js";
import type { Row } from "./table.js";

/** Time and peak memory of one explanation in a new process. The first round only warms the file cache, for both. */
export async function coldStart({ setup, runs }: Options): Promise<Row[]> {
  const python = pythonOf(setup);
  const folder = join(setup.work, "cold");
  mkdirSync(folder);
  const photo = join(folder, "photo.jpg");
  await writePhoto(photo);
  const model = setup.model("resnet50");
  const overlay = join(folder, "torch.png");
  const ours = [process.execPath, setup.cli, "explain", model, photo, "--method", "grad-cam", "--runtime", "onnxruntime", "--out", folder];
  const theirs = python && [python.path, join(setup.peers, "explain.py"), model, photo, overlay];
  const [own, peer] = await interleave([() => watched(setup, ours), ...(theirs ? [() => watched(setup, theirs)] : [])], { warmUps: 1, runs });
  for (const picture of [join(folder, "photo.grad-cam.png"), ...(theirs ? [overlay] : [])]) if (!existsSync(picture)) throw new Error(`${picture} was not written`);
  const peaks = (samples: typeof own) => statsOf(samples!.flatMap(({ peak }) => (peak === undefined ? [] : [peak / megabyte])));
  const times = (samples: typeof own) => statsOf(samples!.map(({ ms }) => ms));
  const shared = { peer: "script with PyTorch" };
  const time: Row = { ...shared, name: "explain from a cold start, ResNet-50", unit: "ms", ours: times(own), theirs: peer && times(peer), target: 0.33 };
  return peer === undefined ? [time] : [time, { ...shared, name: "explain from a cold start, ResNet-50, peak memory", unit: "MB", ours: peaks(own), theirs: peaks(peer), target: 0.6 }];
}
