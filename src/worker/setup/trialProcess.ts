/** @file The program of the process that tries a TensorFlow for Node; see `tensorflowTrial.ts`. */
import { tryPackage } from "../../runtimes/tensorflowTrial.js";

process.stdout.write(`${JSON.stringify(tryPackage(process.argv[2] ?? ""))}\n`);
