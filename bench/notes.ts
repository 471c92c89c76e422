/** @file How the numbers came about, as the report tells it. */
export const notes: readonly string[] = [
  "Times are medians with minimum and maximum in brackets; sides take turns within one run (A B A B), after warm-up rounds that do not count. A ratio is this project's median over its peer's.",
  "Models have random weights and are written by the bench itself; both sides load the same files. torchvision's ResNet-50 and ViT-B/16, transformers' BERT-base and DistilBERT. Both sides' results are compared before they are timed:"
    + " within 1e-3, and within 2e-2 for input gradients of images, which jump at the edges of ReLUs (float32 and float64 in PyTorch differ by up to 7e-3).",
  "captum and pytorch-grad-cam are not run: their way of computing is written out in plain PyTorch in bench/peers. `loss.backward()` is what pytorch-grad-cam does: hooks on layer4, every weight's gradient computed;"
    + " \"to the layer\" is the least PyTorch can do: nothing recorded before layer4, only layer4 differentiated; \"to the input\" has every weight frozen.",
  "SmoothGrad, Integrated Gradients, occlusion and Score-CAM do the same sums on the same images on both sides; batches are what each side does best with. Integrated Gradients with `steps=auto` stops"
    + " at a completeness gap of 1 %; that the map stands still as well, which people get by default, is not asked of random weights. The row after it is against as many of PyTorch's steps as bring its gap to 1 % too, doubled from 50.",
  "Of texts, PyTorch runs its eager attention where attention is asked for, and its default, the faster one, for gradients. The first row of Layer Integrated Gradients with `steps=auto` goes on"
    + " until the gap is no larger than that of PyTorch's 50 steps, or 0.01 %, below which float32 cannot tell the scores' difference; the row after it stops at 1 %, as people get it by default. Peers' times are those of the fixed row.",
  "Warm cases use two threads on both sides, TensorFlow.js on WASM included. `tf.grad` is given the net as TensorFlow.js's converter leaves it, its batch norms folded.",
  "Peak memory is the largest resident set of a new process that runs one case once, imports and compiling included.",
  "The arithmetic floor is the number of floating-point operations of the gradient's graph, forward pass included, at the rate of the fastest of several matrix products on this machine, by whichever library is faster.",
  "On a graphics card both sides compute in float32 (TF32 is switched off) and are timed from an image in the processor's memory to a result there; both devices are named in the rows.",
  "An audit is the whole command, from process start to end, with Grad-CAM of every image, the tests of what it found, Parquet file and report. The PyTorch loop is timed without its start and only predicts;"
    + " it gets the batch and the number of threads that were fastest on a part of the pictures. Every picture is read once before, and both sides' answers are compared.",
  "A cold start is a new process, from its start to its end, with the picture written; the files it reads are in the system's file cache, for both sides.",
];
