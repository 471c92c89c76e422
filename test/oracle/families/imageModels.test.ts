/** @file Image models as torchvision and timm compute them, from state dicts with and without a config. */
import { testRecordedFamily } from "../recordedFamilies.js";

/** Those of many millions of products. */
const slow = (name: string) => /^(resne|seresnet|vgg|densenet|mobilenet_v3_large|tf_efficientnetv2)/.test(name);

await testRecordedFamily("torchvision", { slow });
await testRecordedFamily("timm", { slow });
