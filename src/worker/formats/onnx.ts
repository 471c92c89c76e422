/** @file ONNX files, with external data beside them. */
import { importOnnx } from "../../engine/importers/onnx/importOnnx.js";
import type { ReadModel } from "./importModel.js";

export const importOnnxFile: ReadModel = ({ main, open }) => importOnnx(main, (location) => open(location));
