/** @file Which images a finding is about. Pure. */
import type { AuditFinding, AuditFindingId, AuditSummary, ImageFilter } from "../../src/protocol/audit.js";

/** Names a finding among all of an audit. */
export function findingKey({ id, about }: Pick<AuditFinding, "id" | "about">): string {
  return `${id}/${about}`;
}

/** What is missing is about no images of its own. */
const filters: Readonly<Partial<Record<AuditFindingId, (about: string, summary: AuditSummary) => ImageFilter | undefined>>> = {
  shortcut: regionFiles,
  region: regionFiles,
  labelErrors: (_, { labelSuspects }) => ({ files: labelSuspects.map(({ file }) => file) }),
  duplicates: (_, { duplicates }) => {
    const across = duplicates.filter(({ isAcrossClasses }) => isAcrossClasses);
    return { files: (across.length > 0 ? across : duplicates).flatMap(({ files }) => files.map(({ file }) => file)) };
  },
  pair: (_, { pairs: [pair] }) => pair && { label: pair.label, predicted: pair.predicted },
  unlabelled: () => ({ outcome: "unlabelled" }),
  quality: (about) => ({ flag: about }),
};

function regionFiles(about: string, { regions }: AuditSummary): ImageFilter | undefined {
  const region = regions.find(({ id }) => id === about);
  return region && { files: region.files };
}

/** The images of a finding by its key; `undefined` where it has none of its own. */
export function filterOfFinding(key: string, summary: AuditSummary): ImageFilter | undefined {
  const finding = summary.findings.find((one) => findingKey(one) === key);
  return finding && filters[finding.id]?.(finding.about, summary);
}
