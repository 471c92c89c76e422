/** @file The texts of the page of a misclassification report, by their English source. Those shared with other pages are in `webview/strings.ts`; sentences about what was measured are the protocol's. */

export const debugSources = [
  "Misclassification report", "True class", "Expected class", "Predicted class", "Predicted: {label}", "True: {label}", "Difference", "the same for every class", "{steps} steps", "image", "Attention",
  "Markdown with pictures", "Data (JSON)", "Plain text", "of {count} classes", "true", "expected",
  "Findings", "Also found", "Point at a sentence: the place that it speaks of is outlined on every map.", "Likely causes",
  "Nothing that was measured speaks for a cause.", "By the usual thresholds alone:",
  "What was tried", "Predicted then", "as it is", "fixes it", "Show the most telling", "{name}: {shown} of {count}",
  "{fixes} of {count} changes put the true class first.", "{kept} of {count} changes leave the true class first.",
  "Image quality", "Nothing stands out.", "sharpness {value}", "brightness {share}", "contrast {share}", "{share} transparent", "{share} cut off before the model sees it",
  "Nearest labelled files", "By the model's own features (cosine similarity), among {count} files in {folder}", "None of the {count} files in {folder} could be compared.",
  "similarity {value}", "nearly the same picture", "Open its report", "Open image",
  "Where the maps' mass lies", "Hot region", "{place}, {share} of the picture", "Mass in the hot region", "Mass outside of it", "Mass on the border", "Mass in one corner", "Mass on near-uniform pixels",
  "{share}, they are {area} of the picture", "Margin", "Overlap", "{share} of probability, {logit} of logit", "{nats} nats, {share} of the most there could be",
  "{iou} of the hot regions' union, {shared} of the mass, rank correlation {correlation}", "{label} ({index}), rank {rank}, logit {logit}, {share}",
  "as given", "from the folder's name", "from the labels file", "from the file's name",
] as const;
