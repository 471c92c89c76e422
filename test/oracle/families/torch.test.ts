/** @file Models whose weights lie in files of torch.save, zip, legacy and in parts, held against transformers' own numbers. */
import { testRecordedFamily } from "../recordedFamilies.js";

await testRecordedFamily("torch");
