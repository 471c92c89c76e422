/** @file The program of the WASM module's threads, which its package has as text. */
declare module "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js" {
  export const wasmWorkerContents: string;
}
