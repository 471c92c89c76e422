/** @file SavedModels and TensorFlow.js graph models, against what TensorFlow gave. */
import { testRecordedFamily } from "../recordedFamilies.js";

await testRecordedFamily("tensorflow");
