/** @file Bytes as text on a wire. Files hold them so too, so the engine owns it. */
export { fromBase64, toBase64 } from "../engine/base64.js";
