/** @file The vision of transformers, by `model_type`. */
import type { Architecture } from "./importHuggingFace.js";
import { clip } from "./vision/clip.js";
import { convnext, convnextv2 } from "./vision/convnext.js";
import { dinov2, dinov2WithRegisters } from "./vision/dinov2.js";
import { mobilenetV2 } from "./vision/mobilenetV2.js";
import { resnet } from "./vision/resnet.js";
import { swin, swinv2 } from "./vision/swin.js";
import { beit, deit, vit } from "./vision/vit.js";

export const vision: Readonly<Record<string, Architecture>> = { beit, clip, clip_vision_model: clip, convnext, convnextv2, deit, dinov2, dinov2_with_registers: dinov2WithRegisters, mobilenet_v2: mobilenetV2, resnet, swin, swinv2, vit };
