/** @file What the texts of libraries and drivers say: that memory ran out, or that the graphics card is gone. They have no codes. */

/** Memory ran out, so that a smaller batch may do. */
const memoryTexts: readonly RegExp[] = [
  // C++, CUDA, Dawn, Direct3D, the WASM heap's guard.
  /bad[_ ]alloc/i, /out[ _]?of[ _]?((device|host)[ _])?memory/i, /8007000E/i, /\bcudaMalloc\b/, /CU(BLAS|DNN)_STATUS_ALLOC_FAILED/, /not enough memory/i,
  // TensorFlow.
  /\bOOM\b/, /resource ?exhausted/i,
  // ONNX Runtime's arena; V8; Emscripten; "failed to allocate", "could not allocate".
  /Available memory of \d+ is smaller than requested/, /allocation failed|invalid typed array length/i, /enlarge memory/i, /(fail(ed)?|could not|couldn't|unable|cannot)( to)? allocate/i,
  // WebGPU refuses buffers beyond the card's limits before it tries.
  /exceeds the max buffer size/i, /larger than the maximum (storage )?(buffer )?binding size/i,
];

/** The driver gave up on the card, or the card was taken out: nothing that was opened on it computes any more. */
const lostTexts: readonly RegExp[] = [
  // WebGPU, by Dawn and by ONNX Runtime, which cannot read back any more.
  /device (was |is )?lost/i, /device was destroyed/i, /MapAsyncStatus/, /VK_ERROR_DEVICE_LOST/, /GPU is lost/i,
  // Direct3D: DXGI_ERROR_DEVICE_REMOVED, _HUNG and _RESET.
  /DXGI_ERROR_DEVICE_(REMOVED|HUNG|RESET)/, /887A000[567]/i,
  // CUDA errors after which the process's context is unusable: unavailable, illegal address, launch time-out, assert, launch failure, unknown.
  /CUDA (failure|error) (46|700|702|710|719|999)\b/i,
];

export const tellsOfMemory = (text: string): boolean => memoryTexts.some((known) => known.test(text));

export const tellsOfLostCard = (text: string): boolean => lostTexts.some((known) => known.test(text));

/** One sentence for people; `detail` is what the driver said. */
export function lostCard(detail: string): string {
  return `the graphics card stopped answering${detail === "" ? "" : ` (${detail.split("\n", 1)[0]!.slice(0, 300)})`}`;
}
