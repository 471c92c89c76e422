/** @file Vision models as transformers computes them: ViT, DeiT, BEiT, DINOv2, Swin, ConvNeXt, ResNet, MobileNetV2, CLIP. */
import { testRecordedFamily } from "../recordedFamilies.js";

await testRecordedFamily("vision");
