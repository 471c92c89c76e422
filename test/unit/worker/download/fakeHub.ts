/** @file A server that behaves like a hub of models, and misbehaves on demand. Large files come from another origin, as from a hub's store. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeModel {
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly commit?: string;
  /** Fields of the answer beside its files. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Needs this token, and says that it is gated. */
  readonly token?: string;
}

/** What goes wrong with the next requests for a path: each entry is used up by one request. */
export type Fault = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | { readonly cutAfter: number } | { readonly silentAfter: number } | { readonly garbled: true } | { readonly tooLong: number };

export interface Request {
  readonly path: string;
  readonly origin: "hub" | "store";
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

export interface FakeHub {
  readonly endpoint: string;
  readonly requests: Request[];
  /** Faults by the path of a file, or "api". */
  readonly faults: Map<string, Fault[]>;
  /** Whether the store knows ranges. */
  knowsRanges: boolean;
  /** Called when a request for a file begins to be answered. */
  onRequest: (path: string) => void;
  close(): Promise<void>;
}

/** From this size on a file lies in the store, under its SHA-256. */
export const largeFile = 10_000;

export async function startFakeHub(models: readonly FakeModel[]): Promise<FakeHub> {
  const requests: Request[] = [];
  const faults = new Map<string, Fault[]>();
  const state = { knowsRanges: true, onRequest: (_path: string) => {} };
  const note = (origin: Request["origin"], path: string, { headers }: IncomingMessage) => void requests.push({ path, origin, authorization: headers.authorization, range: headers.range });

  const send = (path: string, bytes: Uint8Array, request: IncomingMessage, response: ServerResponse) => {
    const fault = faults.get(path)?.shift();
    state.onRequest(path);
    if (fault && "status" in fault) return response.writeHead(fault.status, fault.headers).end();
    const from = state.knowsRanges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
    const rest = bytes.slice(from);
    if (fault && "garbled" in fault) rest[0] = 255 - rest[0]!;
    if (fault && "tooLong" in fault) return response.writeHead(200).end(Buffer.concat([rest, new Uint8Array(fault.tooLong)]));
    response.writeHead(from > 0 ? 206 : 200, { "Content-Length": rest.length });
    if (fault && "cutAfter" in fault) return response.write(rest.subarray(0, fault.cutAfter), () => response.destroy());
    if (fault && "silentAfter" in fault) return response.write(rest.subarray(0, fault.silentAfter));
    return response.end(rest);
  };

  const store = createServer((request, response) => {
    const url = decodeURIComponent(request.url!.slice(1));
    const model = models.find(({ name }) => url.startsWith(`${name}/`));
    const path = url.slice(`${model?.name}/`.length);
    note("store", path, request);
    const bytes = model?.files[path];
    if (bytes) send(path, bytes, request, response);
    else response.writeHead(404).end();
  });
  const hub = createServer((request, response) => {
    const url = decodeURIComponent(request.url!);
    const model = models.find(({ name }) => url.startsWith(`/api/models/${name}/`) || url.startsWith(`/${name}/resolve/`));
    const isApi = url.startsWith("/api/");
    const path = isApi ? "api" : url.slice(`/${model?.name}/resolve/${commitOf(model)}/`.length);
    note("hub", path, request);
    const fault = isApi ? faults.get("api")?.shift() : undefined;
    if (fault && "status" in fault) return void response.writeHead(fault.status, fault.headers).end();
    if (!model) return void response.writeHead(401, { "x-error-code": "RepoNotFound" }).end();
    if (model.token !== undefined && !isApi && request.headers.authorization !== `Bearer ${model.token}`) return void response.writeHead(403, { "x-error-code": "GatedRepo" }).end();
    if (isApi) return void response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer(model)));
    const bytes = model.files[path];
    if (!bytes) return void response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
    if (bytes.length < largeFile) return void send(path, bytes, request, response);
    return void response.writeHead(302, { Location: `http://127.0.0.1:${(store.address() as AddressInfo).port}/${model.name}/${path}` }).end();
  });
  await Promise.all([hub, store].map((server) => new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))));
  return {
    endpoint: `http://localhost:${(hub.address() as AddressInfo).port}`, requests, faults,
    get knowsRanges() {
      return state.knowsRanges;
    },
    set knowsRanges(value) {
      state.knowsRanges = value;
    },
    get onRequest() {
      return state.onRequest;
    },
    set onRequest(value) {
      state.onRequest = value;
    },
    close: async () => {
      for (const server of [hub, store]) {
        server.closeAllConnections();
        await new Promise((ready) => server.close(ready));
      }
    },
  };
}

const commitOf = (model: FakeModel | undefined) => model?.commit ?? "0123456789abcdef0123456789abcdef01234567";

/** As the hub answers `/api/models/<name>/revision/<revision>?blobs=true`. */
function answer(model: FakeModel): object {
  const siblings = Object.entries(model.files).map(([rfilename, bytes]) => {
    const blobId = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    const lfs = bytes.length < largeFile ? {} : { lfs: { sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, pointerSize: 134 } };
    return { rfilename, size: bytes.length, blobId, ...lfs };
  });
  return { id: model.name, sha: commitOf(model), private: false, gated: model.token === undefined ? false : "manual", siblings, ...model.facts };
}
