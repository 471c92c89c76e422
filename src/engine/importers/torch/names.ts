/** @file What the names in a checkpoint stand for: functions that rebuild tensors, containers, types. All others are refused. */
import { WhylightError } from "../../errors.js";
import type { DType } from "../../ir/tensor.js";
import { isHarmful } from "./harm.js";
import { Named, Storage, TorchTensor, type Pickled, type StorageType } from "./pickled.js";

type Call = (args: readonly Pickled[]) => Pickled;

const dtypes: Readonly<Record<string, DType>> = {
  float32: "float32", float: "float32", float64: "float64", double: "float64", float16: "float16", half: "float16", bfloat16: "bfloat16", int64: "int64", long: "int64", int32: "int32", int: "int32", int16: "int16", short: "int16", int8: "int8",
  uint8: "uint8", uint16: "uint16", uint32: "uint32", uint64: "uint64", bool: "bool",
};

/** PyTorch's own limit. */
const mostDimensions = 64;

/** Types of storages, by the name before "Storage". */
const storages: Readonly<Record<string, StorageType>> = {
  Float: { dtype: "float32" }, Double: { dtype: "float64" }, Half: { dtype: "float16" }, BFloat16: { dtype: "bfloat16" }, Long: { dtype: "int64" }, Int: { dtype: "int32" }, Short: { dtype: "int16" }, Char: { dtype: "int8" }, Byte: { dtype: "uint8" }, Bool: { dtype: "bool" },
  Untyped: { untyped: true }, ComplexFloat: { unread: "a complex tensor" }, ComplexDouble: { unread: "a complex tensor" },
  QInt8: { unread: "a quantized tensor" }, QUInt8: { unread: "a quantized tensor" }, QInt32: { unread: "a quantized tensor" }, QUInt4x2: { unread: "a quantized tensor" }, QUInt2x4: { unread: "a quantized tensor" },
};

/** Functions that rebuild a tensor, and those for tensors that are not read. */
const rebuilding: Readonly<Record<string, Call>> = {
  _rebuild_tensor: ([storage, offset, shape, strides]) => tensorOf(storage, offset, shape, strides),
  _rebuild_tensor_v2: ([storage, offset, shape, strides, , , metadata]) => (isTrue(metadata) ? new TorchTensor("a conjugated or negated view") : tensorOf(storage, offset, shape, strides)),
  _rebuild_tensor_v3: ([storage, offset, shape, strides, , , type, metadata]) => (isTrue(metadata) ? new TorchTensor("a conjugated or negated view") : tensorOf(storage, offset, shape, strides, type)),
  _rebuild_parameter: ([data]) => data ?? null,
  _rebuild_parameter_with_state: ([data]) => data ?? null,
  _rebuild_qtensor: () => new TorchTensor("a quantized tensor"),
  _rebuild_sparse_tensor: () => new TorchTensor("a sparse tensor"),
  _rebuild_sparse_csr_tensor: () => new TorchTensor("a sparse tensor"),
  _rebuild_nested_tensor: () => new TorchTensor("a nested tensor"),
  _rebuild_meta_tensor_no_storage: () => new TorchTensor("a tensor without values (on the device \"meta\")"),
  _rebuild_wrapper_subclass: () => new TorchTensor("a tensor without values"),
  _rebuild_device_tensor_from_numpy: () => new TorchTensor("a tensor of another device (XLA or the like)"),
  _rebuild_device_tensor_from_cpu_tensor: ([data]) => data ?? null,
  _rebuild_xla_tensor: () => new TorchTensor("a tensor of another device (XLA or the like)"),
};

/** Containers and harmless functions around tensors. */
const calls: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(Object.entries(rebuilding).map(([name, call]) => [`torch._utils.${name}`, call])),
  "torch._tensor._rebuild_from_type_v2": ([rebuild, , args]) => rebuildAs(rebuild, args),
  "torch.nn.parameter.Parameter": ([data]) => data ?? null,
  "torch.nn.parameter.Buffer": ([data]) => data ?? null,
  "torch.Size": ([sizes]) => sizes ?? [],
  "collections.OrderedDict": ([pairs]) => mapOf(pairs),
  "collections.Counter": ([counts]) => mapOf(counts),
  "collections.defaultdict": ([, pairs]) => mapOf(pairs),
  "builtins.dict": ([pairs]) => mapOf(pairs),
  "builtins.list": ([values]) => listOf(values),
  "builtins.tuple": ([values]) => listOf(values),
  "builtins.set": ([values]) => listOf(values),
  "builtins.frozenset": ([values]) => listOf(values),
};

/** Names of data without use here: devices, layouts, NumPy's scalars and arrays, settings of a training run. Objects of them are not made. */
const harmless = new Set([
  "torch.device", "torch.serialization._get_layout", "torch.strided", "torch.per_tensor_affine", "torch.per_tensor_symmetric", "torch.per_channel_affine", "torch.per_channel_symmetric", "torch.per_channel_affine_float_qparams",
  "torch.Tensor", "torch._tensor.Tensor", "torch.Generator", "torch._C.Generator",
  "builtins.int", "builtins.long", "builtins.unicode", "builtins.float", "builtins.bool", "builtins.str", "builtins.bytes", "builtins.bytearray", "builtins.complex", "builtins.object", "builtins.slice", "builtins.range", "_codecs.encode", "copyreg._reconstructor",
  "numpy.dtype", "numpy.ndarray", ...["numpy.core", "numpy._core"].flatMap((core) => [`${core}.multiarray.scalar`, `${core}.multiarray._reconstruct`, `${core}.numeric._frombuffer`]),
  ...["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool_", "str_"].map((type) => `numpy.${type}`),
  "argparse.Namespace", "types.SimpleNamespace", "pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib._local.PosixPath", "pathlib._local.WindowsPath", "datetime.datetime", "datetime.timedelta", "datetime.date",
  "omegaconf.dictconfig.DictConfig", "omegaconf.listconfig.ListConfig", "omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata", "omegaconf.nodes.AnyNode", "typing.Any",
]);

/** Python 2 called modules otherwise. */
const renamedModules: Readonly<Record<string, string>> = { __builtin__: "builtins", copy_reg: "copyreg", exceptions: "builtins" };

/** Looks names up, and remembers the first one that is not known: the file may yet name something worse. */
export class Names {
  readonly #path: string;
  #unknown: Named | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** What a name stands for. Throws `modelUnsafe` for one that could do harm. */
  readonly named = (module: string, name: string): Named => {
    const full = `${Object.hasOwn(renamedModules, module) ? renamedModules[module] : module}.${name}`;
    if (Object.hasOwn(calls, full)) return new Named(full, calls[full]);
    if (harmless.has(full) || dtypeOf(full) !== undefined || storageTypeOf(full) !== undefined || /^torch\.q?u?(int|float|complex|bits)\w*$/.test(full)) return new Named(full);
    if (isHarmful(full)) throw new WhylightError("modelUnsafe", { path: this.#path, reason: `it would call ${shown(full)} when PyTorch loads it` });
    const unknown = new Named(full);
    this.#unknown ??= unknown;
    return unknown;
  };

  /** Throws `modelPickled` where a class or function was named that is not known. */
  refuseUnknown(): void {
    if (this.#unknown === undefined) return;
    const kind = /\.[A-Z][^.]*$/.test(this.#unknown.name) ? "class" : "function";
    throw new WhylightError("modelPickled", { path: this.#path, what: `the ${kind} ${JSON.stringify(shown(this.#unknown.name))}` });
  }
}

/** A name out of a file, short enough for a sentence. */
function shown(name: string): string {
  return name.length <= 120 ? name : `${name.slice(0, 120)}…`;
}

function dtypeOf(name: string): DType | undefined {
  const type = /^torch\.(\w+)$/.exec(name)?.[1] ?? "";
  return Object.hasOwn(dtypes, type) ? dtypes[type] : undefined;
}

function storageTypeOf(name: string): StorageType | undefined {
  const type = /^torch\.(?:cuda\.|storage\.)?(\w+)Storage$/.exec(name)?.[1] ?? "";
  return Object.hasOwn(storages, type) ? storages[type] : undefined;
}

/** What a reference ("storage", type, key, device, elements, part of another storage) stands for, or a pickled module, which names its class. */
export function persistentOf(id: Pickled, fail: (reason: string) => never): Pickled {
  if (!Array.isArray(id)) return fail("its pickle refers to something that is not in the file");
  const [kind, type, key, , elements, view] = id as readonly Pickled[];
  if (kind === "module") return type ?? null;
  const storageType = type instanceof Named ? storageTypeOf(type.name) : undefined;
  if (kind !== "storage" || storageType === undefined || typeof key !== "string" || !isCount(elements)) return fail("its pickle refers to something that is no storage");
  if (!Array.isArray(view)) return new Storage(key, storageType, elements);
  const [, offset, size] = view as readonly Pickled[];
  if (!isCount(offset) || !isCount(size) || offset + size > elements) return fail("its pickle refers to a part that its storage does not have");
  return new Storage(key, storageType, elements, offset);
}

function tensorOf(storage: Pickled | undefined, offset: Pickled | undefined, shape: Pickled | undefined, strides: Pickled | undefined, type?: Pickled): Pickled {
  if (!(storage instanceof Storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length) return new TorchTensor("no tensor that can be rebuilt");
  if ("unread" in storage.type) return new TorchTensor(storage.type.unread);
  const dtype = type === undefined && "dtype" in storage.type ? storage.type.dtype : type instanceof Named ? dtypeOf(type.name) : undefined;
  if (dtype === undefined) return new TorchTensor(type instanceof Named ? `a tensor of the type ${type.name}` : "a tensor without a type");
  return new TorchTensor({ storage, dtype, offset, shape, strides });
}

/** A tensor of a subclass: rebuilt as the plain one it extends. */
function rebuildAs(rebuild: Pickled | undefined, args: Pickled | undefined): Pickled {
  const name = rebuild instanceof Named ? rebuild.name.replace(/^torch\._utils\./, "") : "";
  return Object.hasOwn(rebuilding, name) && Array.isArray(args) ? rebuilding[name]!(args as readonly Pickled[]) : new TorchTensor("a tensor of a class of its own");
}

/** A dictionary out of pairs, or the other one itself. What is no pair is left out. */
function mapOf(pairs: Pickled | undefined): Pickled {
  if (pairs instanceof Map) return pairs as ReadonlyMap<Pickled, Pickled>;
  const list = Array.isArray(pairs) ? (pairs as readonly Pickled[]) : [];
  return new Map(list.flatMap((pair): [Pickled, Pickled][] => (Array.isArray(pair) && pair.length === 2 ? [[pair[0] as Pickled, pair[1] as Pickled]] : [])));
}

function listOf(values: Pickled | undefined): Pickled {
  return Array.isArray(values) ? (values as readonly Pickled[]) : [];
}

/** Whether metadata of a view says that its values are not the stored ones. */
function isTrue(metadata: Pickled | undefined): boolean {
  return metadata instanceof Map && [...metadata.values()].some((value) => value === true);
}

function isCount(value: Pickled | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: Pickled | undefined): value is readonly number[] {
  return Array.isArray(value) && value.length <= mostDimensions && value.every((size) => isCount(size as Pickled));
}
