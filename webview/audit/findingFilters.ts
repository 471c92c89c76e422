/** @file Which images a finding is about. Pure. */
import type { AuditFinding, AuditFindingId, AuditSummary, ImageFilter } from "../../src/protocol/audit.js";

/** Names a finding among all of an audit. */
export function findingKey({ id, about }: Pick<AuditFinding, "id" | "about">): string {
  return `${id}/${about}`;
}

const filters: Readonly<Record<AuditFindingId, (about: string, summary: AuditSummary) => ImageFilter | undefined>> = {
  preprocessing: () => ({ outcome: "wrong" }),
  shortcut: regionFiles,
  region: regionFiles,
  labelErrors: (_, { labelSuspects }) => ({ files: labelSuspects.map(({ file }) => file) }),
  duplicates: (_, { duplicates }) => {
    const across = duplicates.filter(({ isAcrossClasses }) => isAcrossClasses);
    return { files: (across.length > 0 ? across : duplicates).flatMap(({ files }) => files.map(({ file }) => file)) };
  },
  calibration: () => ({ outcome: "wrong" }),
  pair: (about, { pairs }) => {
    const [label, predicted] = about.split(/\D+/).filter((part) => part !== "").map(Number);
    const pair = label !== undefined && predicted !== undefined ? { label, predicted } : pairs[0];
    return pair && { label: pair.label, predicted: pair.predicted };
  },
  // They have no pictures: the page lists them.
  failed: () => undefined,
  unlabelled: () => ({ outcome: "unlabelled" }),
  quality: (about, { quality }) => ({ flag: about === "" ? quality[0]?.flag : about }),
};

function regionFiles(about: string, { regions }: AuditSummary): ImageFilter | undefined {
  const region = regions.find(({ id }) => id === about);
  return region && { files: region.files };
}

/** The images of a finding by its key; `undefined` where it has none of its own. */
export function filterOfFinding(key: string, summary: AuditSummary): ImageFilter | undefined {
  const finding = summary.findings.find((one) => findingKey(one) === key);
  return finding && filters[finding.id](finding.about, summary);
}
