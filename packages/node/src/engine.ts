import {
  ArgumentError,
  checkElements,
  copyElements,
  type DType,
  type Engine,
  EngineError,
  type EngineOptions,
  type Executable,
  encodeExternalInitializers,
  joinParts,
  type KernelSupport,
  type KnownParts,
  noKernels,
  type Shape,
  type Storage,
  sizeOf,
  type TypedArray,
  unwrittenArray,
} from 'typegrad/engine'
import { processorSupport } from './kernels/kernels.ts'
import type { Pointer } from './ort/library.ts'
import { getRuntime, type Runtime } from './ort/runtime.ts'
import { createOptions, loadSession } from './ort/session.ts'
import { HostStorage } from './ort/storage.ts'
import { createWebGpuEngine } from './ort/webgpu.ts'

/**
 * ONNX Runtime's own library, called through its C API. Storages are JavaScript's memory, which the
 * library reads and writes in place.
 *
 * @throws EngineError if the library or the device is not there.
 */
export async function createNodeEngine(options: EngineOptions = {}): Promise<Engine> {
  const { device = 'cpu', threads = 0, spinning = true, kernels = true } = options
  if (!Number.isSafeInteger(threads) || threads < 0) {
    throw new ArgumentError({
      where: 'createNodeEngine: threads',
      expected: 'a whole number of threads, or 0 for the physical cores',
      received: `${threads}`,
    })
  }
  const runtime = await getRuntime({ threads, spinning })
  if (device === 'cpu')
    return new NodeCpuEngine(
      runtime,
      createOptions(runtime, { threads, spinning }),
      kernels ? processorSupport(threads) : noKernels,
      options,
    )
  return createWebGpuEngine(runtime, { threads, spinning })
}

class NodeCpuEngine implements Engine {
  readonly name = 'node'
  readonly language = 'onnx'
  readonly device = 'cpu'
  readonly kernelSupport: KernelSupport
  readonly programBytes: number | undefined
  readonly packedBytes: number | undefined
  readonly #runtime: Runtime
  readonly #options: Pointer

  constructor(
    runtime: Runtime,
    options: Pointer,
    kernelSupport: KernelSupport,
    { programBytes, packedBytes }: EngineOptions,
  ) {
    this.kernelSupport = kernelSupport
    this.programBytes = programBytes
    this.packedBytes = packedBytes
    this.#runtime = runtime
    this.#options = options
  }

  allocate(dtype: DType, shape: Shape): Storage {
    return new HostStorage(this.#runtime, unwrittenArray(dtype, sizeOf(shape)), dtype, shape)
  }

  upload(data: TypedArray, dtype: DType, shape: Shape): Storage {
    checkElements('upload', data, dtype, shape)
    return new HostStorage(this.#runtime, data, dtype, shape)
  }

  write(storage: Storage, data: TypedArray): void {
    checkElements('write', data, storage.dtype, storage.shape)
    copyElements(data, this.read(storage))
  }

  read(storage: Storage): TypedArray {
    if (storage.host === null)
      throw new EngineError('read: this storage belongs to an engine of another device.')
    return storage.host
  }

  load(model: Uint8Array, known: KnownParts = {}): Promise<Executable> {
    return loadSession(this.#runtime, this.#options, model, known)
  }

  loadWithConstants(
    model: Uint8Array,
    constants: ReadonlyMap<string, Storage>,
    { kernels, sharing }: Pick<KnownParts, 'kernels'> & { readonly sharing?: object | undefined } = {},
  ): Promise<Executable> {
    const types = [...constants].map(([name, { dtype, shape }]) => ({ name, dtype, shape }))
    const whole = joinParts([model, encodeExternalInitializers(types)])
    return loadSession(this.#runtime, this.#options, whole, { kernels, constants, sharing })
  }
}
