/** @file What people type or paste for a model on a hub. */

/** A model's name and the revision wanted of it. */
export interface HubName {
  readonly name: string;
  readonly revision: string;
}

const part = String.raw`[\w.-]*\w[\w.-]*`;
const pattern = new RegExp(`^(${part}(?:/${part})?)(?:@([\\w./-]+))?$`);

/** Reads "google/vit-base-patch16-224", the same with "@revision", or the address of its page at the endpoint. `undefined` for anything else. */
export function parseHubName(text: string, endpoint: string): HubName | undefined {
  const typed = text.trim().replace(/[?#].*$/, "").replace(/\/+$/, "");
  const home = `${endpoint.replace(/\/+$/, "")}/`;
  const address = /^https?:\/\//i.test(typed);
  if (address && !typed.toLowerCase().startsWith(home.toLowerCase())) return undefined;
  const [path = "", tree] = address ? typed.slice(home.length).split(/\/(?:tree|blob|resolve)\//) : [typed];
  const [, name, revision] = pattern.exec(path) ?? [];
  if (name === undefined || /^(datasets|spaces|api)\//.test(name)) return undefined;
  return { name, revision: revision ?? tree?.split("/")[0] ?? "main" };
}
