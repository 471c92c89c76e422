/** @file How other libraries draw: their defaults as choices of our style. */
import type { ColormapId } from "./colormap.js";
import { defaultStyle, type DrawStyle, type SignChoice } from "./style.js";

/** Captum's colour map follows the sign (`_initialize_cmap_and_vmin_vmax`). */
const captumColors: Readonly<Record<SignChoice, ColormapId>> = { all: "red-white-green", positive: "greens", negative: "reds", absolute: "blues" };

/** What differs from our defaults, given what the reader chose. */
type ReferenceStyle = (given: Partial<DrawStyle>, form: "grid" | "pixels") => Partial<DrawStyle>;

/**
 * Library to style. Captum (`visualize_image_attr`): the map alone, absolute value of the channel sum, 2 % of the mass cut, blocks.
 * pytorch-grad-cam (`show_cam_on_image`): half image, half jet; it then divides the picture by its largest value, which is not done here.
 * TorchCAM (`overlay_mask`): bicubic, squared, jet; its alpha of 0.7 is the image's share. tf-keras-vis: jet half over the image, saliency alone, both stretched from smallest to largest.
 */
const styles: Readonly<Record<string, ReferenceStyle>> = {
  captum: ({ sign = "absolute" }) => ({
    pixelValues: "sum", gridValues: "signed", sign, clip: "outlier", clipPercent: 2, interpolation: "nearest", opacity: 1, colormap: captumColors[sign], background: "gray",
  }),
  "pytorch-grad-cam": () => ({ colormap: "jet", opacity: 0.5 }),
  torchcam: () => ({ colormap: "jet", opacity: 0.3, interpolation: "bicubic", power: 2 }),
  "tf-keras-vis": (_, form) => (form === "pixels" ? { pixelValues: "max-abs", scale: "minmax", colormap: "jet", opacity: 1 } : { colormap: "jet", opacity: 0.5 }),
};

/** The whole style: what the reader chose, before what the library does, before our defaults. */
export function styleOf(given: Partial<DrawStyle>, library: string | undefined, form: "grid" | "pixels"): DrawStyle {
  return { ...defaultStyle, ...(library === undefined ? {} : styles[library]?.(given, form)), ...given };
}
