/** @file Getting a model from a hub that speaks Hugging Face's API, as it crosses to the worker and back. */

/** A model on a hub. */
export interface HubModel {
  /** "google/vit-base-patch16-224". */
  readonly name: string;
  /** A branch, tag or commit; "main" where nobody says. */
  readonly revision: string;
  /** "https://huggingface.co", or a mirror of it. */
  readonly endpoint: string;
  /** Sent to the endpoint and nowhere else, and never logged. */
  readonly token: string | undefined;
}

export interface HubFile {
  /** Its path in the repository, with "/". */
  readonly path: string;
  readonly bytes: number;
  /** What the hub states of its content, in hexadecimal: SHA-256 of large files, git's own SHA-1 of the others. */
  readonly sha256: string | undefined;
  readonly gitSha1: string | undefined;
  /** Whether Whylight needs it: the best format of the weights, configs, tokenizer. */
  readonly isNeeded: boolean;
}

/** What people are shown before anything is loaded. */
export interface HubListing {
  readonly name: string;
  /** The commit that the revision stands for now; files are loaded from it, so that they fit each other. */
  readonly commit: string;
  /** "apache-2.0"; `undefined` where the model's card states none. */
  readonly license: string | undefined;
  readonly task: string | undefined;
  readonly isGated: boolean;
  readonly files: readonly HubFile[];
}

export interface DownloadRequest extends HubModel {
  readonly commit: string;
  /** The files to load. */
  readonly files: readonly HubFile[];
  /** The folder they go to; made where it is missing. */
  readonly folder: string;
}

/** How far a download is. */
export interface DownloadProgress {
  readonly file: string;
  readonly done: number;
  /** Bytes of all files together. */
  readonly total: number;
}

export interface DownloadCalls {
  /** Throws `hubUnknown`, `hubForbidden` and `hubFailed`. */
  listHubModel(p: HubModel): HubListing;
  /** Loads what is missing and returns the path of the model. Goes on where a download before it ended. Throws `hubFailed`, `downloadMismatch`, `outputUnwritable`, `cancelled`. */
  downloadModel(p: DownloadRequest): { readonly model: string; readonly bytes: number };
}
