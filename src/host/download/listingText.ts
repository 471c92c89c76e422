/** @file What would be downloaded, as people are asked about it. Knows nothing of VS Code. */
import { bytesText } from "../../protocol/bytesText.js";
import type { HubFile, HubListing } from "../../protocol/download.js";
import { downloadTexts } from "../../protocol/downloadTexts.js";
import { fillIn } from "../../protocol/errorTexts.js";
import type { Translate } from "../texts.js";

/** As many files as a dialog shows by name. */
const shownFiles = 12;

/** The files that are needed; empty when the repository holds no model that is read. */
export function wantedFiles({ files }: HubListing): readonly HubFile[] {
  return files.filter(({ isNeeded }) => isNeeded);
}

/** "google/vit-base-patch16-224: 3 files, 346 MB, licence apache-2.0". */
export function listingTitle(listing: HubListing, translate: Translate): string {
  const files = wantedFiles(listing);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const license = listing.license === undefined ? translate(downloadTexts.noLicense) : fillIn(translate(downloadTexts.license), { license: listing.license });
  return fillIn(translate(downloadTexts.title), { name: listing.name, count: files.length, size: bytesText(bytes), license });
}

/** A line per file, the largest first, and how many there are beside those shown. */
export function listingDetail(listing: HubListing, translate: Translate): string {
  const files = wantedFiles(listing).toSorted((a, b) => b.bytes - a.bytes);
  const lines = files.slice(0, shownFiles).map(({ path, bytes }) => `${path} (${bytesText(bytes)})`);
  return [...lines, ...(files.length > shownFiles ? [fillIn(translate(downloadTexts.more), { count: files.length - shownFiles })] : [])].join("\n");
}
