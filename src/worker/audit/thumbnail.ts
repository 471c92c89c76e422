/** @file A small picture of an audited image, with the map of its record over it. */
import { join } from "node:path";
import { colorTable } from "../../drawing/colormap.js";
import { minMax } from "../../drawing/heatmap.js";
import { blendOverlay } from "../../drawing/overlay.js";
import { colormapFor, defaultStyle } from "../../drawing/style.js";
import { mapSide, type AuditRecord } from "../../engine/audit/record.js";
import { WhylightError, toWhylightError } from "../../engine/errors.js";
import { seenRegion } from "../../engine/preprocess/image.js";
import type { ImagePreview } from "../../protocol/api.js";
import { stampOf } from "../files.js";
import type { AuditHeader } from "./recordFile.js";

/** Small pictures are looked at, not measured. */
const quality = 85;

/** The image at most `side` on its longer side, as JPEG. Throws `inputNotFound` or `imageInvalid`. */
export async function drawThumbnail({ folder, preprocess }: AuditHeader, { file, width, height, map }: AuditRecord, side: number, hasMap: boolean): Promise<ImagePreview> {
  const path = join(folder, file);
  stampOf(path, "inputNotFound");
  try {
    const { default: sharp } = await import("sharp");
    const open = sharp(path, { limitInputPixels: false, ignoreIcc: true }).autoOrient().resize({ width: side, height: side, fit: "inside", withoutEnlargement: true });
    const { data, info } = await open.flatten({ background: "#ffffff" }).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
    const shown = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
    const rgb = info.channels === 3 ? data : await shown.toColourspace("srgb").raw().toBuffer();
    if (hasMap && map && info.channels === 3) {
      const region = seenRegion({ width, height }, preprocess);
      const [across, down] = [info.width / width, info.height / height];
      blendOverlay({ rgb, width: info.width, firstRow: 0 }, {
        grid: minMax({ shape: [mapSide, mapSide], data: map }), signed: false, colors: colorTable(colormapFor(defaultStyle, false)), style: defaultStyle,
        region: { x: region.x * across, y: region.y * down, width: region.width * across, height: region.height * down },
      });
    }
    const encoded = await sharp(rgb, { raw: { width: info.width, height: info.height, channels: info.channels } }).jpeg({ quality }).toBuffer();
    // A copy of its own: Node's buffers may be views into a shared pool, which would travel whole.
    return { bytes: Uint8Array.from(encoded), mime: "image/jpeg", width, height };
  } catch (thrown) {
    throw new WhylightError("imageInvalid", { path, reason: String(toWhylightError(thrown).data["reason"]).split("\n")[0]! }, { cause: thrown });
  }
}
