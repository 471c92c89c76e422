/** @file Keras models in every format they are saved in: `.keras`, `.h5` of Keras 2 and 3, TensorFlow.js layers models; every layer of keras.applications among them. */
import { testRecordedFamily } from "../recordedFamilies.js";

/** Of keras.applications; the interpreter would take minutes for them. */
const applications = /^(convnext|efficientnet|mobilenet|resnet)/;

await testRecordedFamily("keras", { slow: (name) => applications.test(name) });
