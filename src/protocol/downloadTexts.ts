/** @file What is said of a model on a hub, in the editor and in the terminal, in English: each the key of its translation. */
export const downloadTexts = {
  noLicense: "no licence stated", license: "licence {license}", title: "{name}: {count} files, {size}, {license}", more: "and {count} more",
} as const;
