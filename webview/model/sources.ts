/** @file The texts of a model's page, by their English source. */

export const modelSources = [
  "Facts", "Labels", "Use this model", "Show graph as text", "Describe…", "{name} · Model", "File", "Search labels", "Search layers", "Nothing fits", "{shown} of {count}",
  "Layers", "Choose image…", "Choose another image…", "Choose an image to see what each layer makes of it.", "Operator", "Shape", "Mean", "Strongest channels", "default", "No layer lies on a grid over the image.",
  "Mean over the channels of {layer}, from {low} to {high}", "Channel {index} of {layer}, from {low} to {high}", "channel {index}", "{low} … {high}", "Each picture has its own scale, from its lowest value to its highest; its ends stand below it.",
  "The activation at each place of the layer's grid, averaged over its channels, and the channels with the largest mean magnitude.", "{done} of {total} layers",
  "Attention", "Attention layer", "Heads", "Queries × keys", "Operators that cannot be run or differentiated", "First node", "cannot be run", "cannot be differentiated", "Operators that the interpreter runs", "Reason",
  "Labels and preprocessing", "Write labels", "Write preprocessing", "One label per line, in the order of the model's output", "Labels from a file…", "{count} labels", "{count} labels, the model has {classes} classes", "Values", "Custom",
  "ImageNet: mean and deviation of its colours", "From -1 to 1", "From 0 to 1", "From 0 to 255", "CLIP", "Resize", "Shorter side, keeping the aspect ratio", "To exactly this size", "Not at all", "Size", "Crop", "Interpolation", "Channels", "Scale", "Mean per channel", "Deviation per channel",
  "one number, or height × width", "one number, height × width, or nothing", "a number, or a fraction such as 1/255", "one number, or one per channel", "Write {file}", "Edit as text", "Written: {file}", "Now from {origin}", "Now by default", "Now none", "nearest", "bilinear", "bicubic", "lanczos", "RGB", "BGR", "grey",
  "Close the form",
] as const;
