/**
 * `engine/`: what an engine is given and what it owes, which engines there are, and which one is started. It knows
 * models as bytes and kernels as plain data, and no graph.
 */
import type { DType, TypedArray } from '../base/dtype.ts'
import { anything, boolean, notNegative, optionsOf, string } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { KernelSupport } from '../kernel/support.ts'

/** Name, dtype and (static) shape of a model's input or output. */
export interface TensorSpec {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
}

/**
 * The memory of one tensor, where its engine keeps it. Freed when it is garbage: there is nothing to dispose of.
 */
export interface Storage {
  readonly dtype: DType
  readonly shape: Shape
  /** The elements themselves, where the device shares memory with JavaScript; null on a GPU. */
  readonly host: TypedArray | null
}

/** Where models run. */
export type Device = 'cpu' | 'webgpu'

export interface EngineOptions {
  /** Where models run. Default `'cpu'`. */
  readonly device?: Device
  /** Threads that one operation may use. Default: the physical cores, as the runtime finds them. */
  readonly threads?: number
  /**
   * Whether a thread that waits for its next piece of work keeps its core busy for a moment before it sleeps. That answers
   * sooner (ten steps of a small LSTM in 41 to 48 ms at least, 53 without); without it other processes have the core and less
   * energy is used (the same steps with two thirds of the processor's time). Native engines with the same number of threads share
   * them: the first one of a process decides for all. Default true.
   */
  readonly spinning?: boolean
  /**
   * Whether elementwise operations may be fused into machine code, where that is possible (Linux on x86-64 with AVX2).
   * Default true.
   */
  readonly kernels?: boolean
  /**
   * Bytes that the programs of compiled functions may take together, by an estimate: each combination of shapes has
   * one. Beyond it those go that were used longest ago, and are compiled again if need be; the 16 used last always
   * stay. Default 512 MiB.
   */
  readonly programBytes?: number
  /**
   * Bytes that packed weights may take together, those of all predictions and of functions that are compiled with
   * `packsWeights`. Weights that would not fit stay as they are; beyond it those copies go that have served longest ago,
   * and are made again later. Memory that several shapes of arguments share counts once; what is being made does not
   * count before it serves. Default 512 MiB.
   */
  readonly packedBytes?: number
  /**
   * Whether each run is checked: memory that the engine gives (for results, and for what kernels make on the way) is
   * filled with a number that nothing computes and lies between guards; after the run an element that was not written,
   * and a byte that was written outside, are an EngineError that names the output or the kernel. Slower, and for a CPU
   * alone. Default false.
   */
  readonly checked?: boolean
}

export const engineChecks = optionsOf<EngineOptions>()({
  device: string,
  threads: anything,
  spinning: boolean,
  kernels: boolean,
  programBytes: notNegative,
  packedBytes: notNegative,
  checked: boolean,
})

/** What a model takes and gives. */
export interface Signature {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
}

/** What is known of a model beside its bytes. */
export interface KnownParts {
  /** What it names as operators of the domain `typegrad`, by the operators' names. */
  readonly kernels?: ReadonlyMap<string, Kernel> | undefined
  /** Its own inputs and outputs; read from the bytes where absent. */
  readonly signature?: Signature | undefined
}

/** A loaded model, ready to run. */
export interface Executable extends Signature {
  /**
   * Runs the model on `inputs`, in the model's order, and writes into `outputs`, which exist already.
   * An output may be the storage of an input: the caller knows that this is safe.
   *
   * Short models run at once and return nothing; long ones run beside the event loop and return a
   * promise. Runs of one engine must not overlap: the caller awaits one before the next.
   */
  run(inputs: readonly Storage[], outputs: readonly Storage[]): void | Promise<void>
  /** Frees the session early; otherwise it is freed when the executable is garbage. */
  dispose(): void
}

/** Where models run. An engine knows ONNX models as bytes and storages, and nothing of the graph. */
export interface Engine {
  /** As it is registered: `'node'`, `'web'` or that of another package. */
  readonly name: string
  /** What it is given (transforms/languages.ts). ONNX: models as bytes, with kernels as operators of their own domain. */
  readonly language: 'onnx'
  readonly device: Device
  /** What programs may take together; see `EngineOptions`. */
  readonly programBytes?: number | undefined
  /** What packed weights may take together; see `EngineOptions`. */
  readonly packedBytes?: number | undefined
  /** Whether `loadWithConstants` copies what it is given. Default false. */
  readonly copiesConstants?: boolean
  /** New memory; its content is unspecified. */
  allocate(dtype: DType, shape: Shape): Storage
  /** A storage with these elements. A CPU engine uses `data`'s own memory and copies nothing. */
  upload(data: TypedArray, dtype: DType, shape: Shape): Storage
  /** Overwrites a storage's elements. */
  write(storage: Storage, data: TypedArray): void | Promise<void>
  /** The elements of a storage; on the CPU the memory itself, not a copy. */
  read(storage: Storage): TypedArray | Promise<TypedArray>
  /** Which kernels models may name as operators of the domain `typegrad`; `noKernels` where there are none. */
  readonly kernelSupport: KernelSupport
  /** Loads an ONNX model. Does not block the event loop for long. */
  load(model: Uint8Array, known?: KnownParts): Promise<Executable>
  /**
   * Loads a model together with constants, and makes use of their never changing: what depends on them alone is
   * computed once, and products and convolutions keep them in the order that suits the processor. Undefined where
   * an engine cannot.
   *
   * @param constants values by the names that the model reads and does not define. Their memory must not change for
   * as long as the executable is used; if it changes while it is loaded, the executable is good for nothing.
   * @param known its kernels; and an object that is the same for models that may share what is made of equal constants,
   * which is kept for as long as the object or one of the executables.
   */
  loadWithConstants?(
    model: Uint8Array,
    constants: ReadonlyMap<string, Storage>,
    known?: Pick<KnownParts, 'kernels'> & { readonly sharing?: object | undefined },
  ): Promise<Executable>
}
