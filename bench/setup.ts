/** @file What scripts/bench.mjs found on this machine, as the bench takes it. */

/** A Python with torch and torchvision. */
export interface PythonSetup {
  readonly path: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Variables its scripts need. */
  readonly env: Readonly<Record<string, string>>;
}

/** Paths are absolute. */
export interface Setup {
  readonly root: string;
  /** The built command line. */
  readonly cli: string;
  /** A torchvision ResNet-50, `[batch, 3, 224, 224]` to `[batch, 1000]`. */
  readonly model: string;
  /** The same as a PyTorch state_dict. */
  readonly weights: string;
  /** A BERT-base classifier, `[batch, tokens]` to `[batch, 2]`, and the same as a PyTorch state_dict; absent where no transformers library could export it. */
  readonly textModel?: { readonly model: string; readonly weights: string };
  /** A folder of drawn pictures, one folder per class, and how many they are; absent where audits are not measured. */
  readonly pictures?: { readonly folder: string; readonly count: number };
  /** The folder of the Python scripts. */
  readonly peers: string;
  /** Where the bench may write. */
  readonly out: string;
  /** Absent where no PyTorch is found; its cases then show this project's side only. */
  readonly python?: PythonSetup;
}

/** How often each side of a case runs. */
export interface Options {
  readonly setup: Setup;
  readonly runs: number;
}
