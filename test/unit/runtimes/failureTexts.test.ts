/** @file What libraries and drivers say when memory runs out or a card is gone, in their own words: as people reported them where a thread is named, else as their sources write them. */
import { describe, expect, it } from "vitest";
import { tellsOfLostCard, tellsOfMemory } from "../../../src/runtimes/failureTexts.js";
import { blamed, failure, isLost } from "../../../src/runtimes/ortErrors.js";

const ofMemory = [
  // microsoft/onnxruntime#22702, #9939, #23121.
  "Non-zero status code returned while running Conv node. Name:'3:conv' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*, bool, onnxruntime::WaitNotificationFn) Failed to allocate memory for requested buffer of size 4585490524328388608",
  "Non-zero status code returned while running TfIdfVectorizer node. Name:'TfIdfVectorizer' Status Message: bfc_arena.cc:376 void *onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream *, bool, onnxruntime::WaitNotificationFn) Available memory of 0 is smaller than requested bytes of 2048",
  "CUDA failure 2: out of memory ; GPU=0 ; hostname=box ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_allocator.cc ; line=47 ; expr=cudaMalloc((void**)&p, size);",
  "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_);",
  "std::bad_alloc", "bad allocation",
  // tensorflow/tfjs#2760, #808.
  "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1,3688,3688,3] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc",
  "Resource exhausted: OOM when allocating tensor with shape[2048]", "RESOURCE_EXHAUSTED: failed to allocate memory",
  // V8, Emscripten, Direct3D 12, Dawn.
  "Array buffer allocation failed", "Invalid typed array length: 9000000000",
  "Cannot enlarge memory arrays to size 4294967296 bytes (OOM)", "WebAssembly.Memory(): could not allocate memory",
  "DmlExecutionProvider/src/ExecutionContext.cpp(128): 8007000E Not enough memory resources are available to complete this operation.",
  "vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY",
  "Buffer size (8589934592) exceeds the max buffer size limit (2147483648).",
];

const ofLostCards = [
  "WebGPU device lost (2): Device was destroyed.", "device was destroyed", "vkQueueSubmit failed with VK_ERROR_DEVICE_LOST",
  "Failed to download data from buffer. wgpu::MapAsyncStatus value: 3",
  "DmlCommandRecorder.cpp(371): 887A0005 The GPU device instance has been suspended. Use GetDeviceRemovedReason to determine the appropriate action.",
  "DXGI_ERROR_DEVICE_HUNG",
  "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=box ; expr=cudaStreamSynchronize(stream);",
];

const ofNeither = [
  "Non-zero status code returned while running Gather node. Name:'0:g' Status Message: indices element out of data bounds, idx=7 must be within the inclusive range [-3,2]",
  "Could not find an implementation for ConvTranspose(11) node with name '4:up'", "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", "a tensor of shape [2048] was expected",
];

describe("texts of failures", () => {
  it.each(ofMemory)("of memory: %s", (text) => expect([tellsOfMemory(text), tellsOfLostCard(text)]).toEqual([true, false]));
  it.each(ofLostCards)("of a lost card: %s", (text) => expect([tellsOfMemory(text), tellsOfLostCard(text)]).toEqual([false, true]));
  it.each(ofNeither)("of neither: %s", (text) => expect([tellsOfMemory(text), tellsOfLostCard(text)]).toEqual([false, false]));
});

describe("ONNX Runtime", () => {
  it.each(ofMemory)("gives outOfMemory and blames no node for %s", (text) => {
    expect([failure("onnxruntime-cuda", new Error(text)).code, blamed(new Error(text)), isLost(new Error(text))]).toEqual(["outOfMemory", undefined, false]);
  });

  it("says in one sentence that the card is gone, and sends no node to the interpreter for it", () => {
    const thrown = new Error("Non-zero status code returned while running Conv node. Name:'3:conv' Status Message: WebGPU device lost (2): gone\nat somewhere");
    expect(failure("onnxruntime-webgpu", thrown)).toMatchObject({ code: "runtimeFailed", data: { runtime: "onnxruntime-webgpu", reason: expect.stringMatching(/^the graphics card stopped answering \([^\n]+\)$/) as string } });
    expect([blamed(thrown), isLost(thrown)]).toEqual([undefined, true]);
  });
});
