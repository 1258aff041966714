import type * as Ort from '@typegrad/runtime-wasm'
import {
  checkCount,
  checkElements,
  checkStorage,
  copyElements,
  type DType,
  type Engine,
  EngineError,
  type EngineOptions,
  type Executable,
  encodeInitializers,
  joinParts,
  type KnownParts,
  noKernels,
  readSignature,
  runError,
  type Shape,
  type Storage,
  sizeOf,
  type TensorSpec,
  type TypedArray,
  turnAfter,
  typedArray,
} from 'typegrad/engine'

/**
 * ONNX Runtime as WebAssembly: for browsers, and for Node where the native library cannot be loaded.
 * A run goes on the calling thread, however long it is.
 *
 * More than one thread needs shared memory: in a browser the page must be cross-origin isolated. The
 * first engine of a program decides how many there are.
 *
 * @throws EngineError if the runtime cannot be loaded or the device is not `'cpu'`.
 */
export async function createWebEngine(options: EngineOptions = {}): Promise<Engine> {
  const { device = 'cpu', threads } = options
  if (device !== 'cpu') {
    throw new EngineError({ where: 'createWebEngine: device', expected: "'cpu'", received: `'${device}'` })
  }
  const ort = await loadRuntime()
  ort.env.logLevel = 'fatal'
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean }
  if (crossOriginIsolated === false) ort.env.wasm.numThreads = 1
  else if (threads !== undefined) ort.env.wasm.numThreads = threads
  return new WebEngine(ort, options)
}

async function loadRuntime(): Promise<typeof Ort> {
  try {
    return await import('@typegrad/runtime-wasm')
  } catch (cause) {
    throw new EngineError(`createWebEngine: @typegrad/runtime-wasm could not be loaded: ${String(cause)}.`, {
      cause,
    })
  }
}

interface WebStorage extends Storage {
  readonly host: TypedArray
}

class WebEngine implements Engine {
  readonly name = 'web'
  readonly language = 'onnx'
  readonly device = 'cpu'
  readonly kernelSupport = noKernels
  /** The runtime copies all of a model into its own memory. */
  readonly copiesConstants = true
  readonly programBytes: number | undefined
  readonly packedBytes: number | undefined
  readonly #ort: typeof Ort

  constructor(ort: typeof Ort, { programBytes, packedBytes }: EngineOptions) {
    this.programBytes = programBytes
    this.packedBytes = packedBytes
    this.#ort = ort
  }

  allocate(dtype: DType, shape: Shape): WebStorage {
    return { dtype, shape, host: typedArray(dtype, sizeOf(shape)) }
  }

  upload(data: TypedArray, dtype: DType, shape: Shape): WebStorage {
    checkElements('upload', data, dtype, shape)
    return { dtype, shape, host: data }
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

  load(model: Uint8Array, { signature }: KnownParts = {}): Promise<Executable> {
    return this.#load(model, { graphOptimizationLevel: 'extended' }, signature)
  }

  loadWithConstants(model: Uint8Array, constants: ReadonlyMap<string, Storage>): Promise<Executable> {
    const tensors = [...constants].map(([name, storage]) => ({
      name,
      dtype: storage.dtype,
      shape: storage.shape,
      data: this.read(storage),
    }))
    const whole = joinParts([model, ...encodeInitializers(tensors)])
    return this.#load(whole, { graphOptimizationLevel: 'all' })
  }

  async #load(
    model: Uint8Array,
    options: Ort.InferenceSession.SessionOptions,
    { inputs, outputs } = readSignature(model),
  ): Promise<Executable> {
    for (const { name, dtype } of [...inputs, ...outputs]) elementType('load', name, dtype)
    let session: Ort.InferenceSession
    try {
      session = await this.#ort.InferenceSession.create(model, {
        logSeverityLevel: 4,
        ...options,
      })
    } catch (cause) {
      throw asEngineError('load', cause)
    }
    return new WebExecutable(this.#ort, session, inputs, outputs)
  }
}

/** A dtype that the runtime's tensors have. @throws EngineError for bfloat16, which they do not. */
function elementType(where: string, name: string, dtype: DType): Exclude<DType, 'bfloat16'> {
  if (dtype !== 'bfloat16') return dtype
  throw new EngineError({
    where: `${where}: '${name}'`,
    expected: 'a dtype that ONNX Runtime has in WebAssembly',
    received: "'bfloat16'",
    fix: "Keep it as 'float16' or 'float32' here.",
  })
}

function asEngineError(where: string, cause: unknown): EngineError {
  return runError(where, cause instanceof Error ? cause.message : String(cause), { cause })
}

const garbageSessions = new FinalizationRegistry<Ort.InferenceSession>((session) => {
  void session.release()
})

class WebExecutable implements Executable {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  readonly #ort: typeof Ort
  readonly #session: Ort.InferenceSession
  #running: Promise<unknown> | undefined
  #disposed = false

  constructor(
    ort: typeof Ort,
    session: Ort.InferenceSession,
    inputs: readonly TensorSpec[],
    outputs: readonly TensorSpec[],
  ) {
    this.#ort = ort
    this.#session = session
    this.inputs = inputs
    this.outputs = outputs
    garbageSessions.register(this, session, this)
  }

  run(inputs: readonly Storage[], outputs: readonly Storage[]): Promise<void> {
    if (this.#disposed) throw new EngineError('run: this executable was disposed of.')
    if (this.#running !== undefined) {
      throw new EngineError('run: the last run has not ended. Await it before the next.')
    }
    checkCount('input', this.inputs, inputs.length)
    checkCount('output', this.outputs, outputs.length)
    const feeds: Record<string, Ort.Tensor> = {}
    this.inputs.forEach((spec, i) => {
      const storage = inputs[i] as Storage
      feeds[spec.name] = new this.#ort.Tensor(
        elementType('run', spec.name, spec.dtype),
        hostOf('input', spec, storage),
        spec.shape,
      )
    })
    const targets = this.outputs.map((spec, i) => hostOf('output', spec, outputs[i] as Storage))
    const running = this.#run(feeds, targets).finally(() => {
      this.#running = undefined
    })
    this.#running = running
    return running
  }

  /** The runtime copies inputs in before it computes, so an output may be an input's memory. */
  async #run(feeds: Record<string, Ort.Tensor>, targets: TypedArray[]): Promise<void> {
    const start = performance.now()
    let results: Ort.InferenceSession.ReturnType
    try {
      results = await this.#session.run(feeds, { logSeverityLevel: 4 })
    } catch (cause) {
      throw asEngineError('run', cause)
    }
    this.outputs.forEach(({ name }, i) => {
      // float16 comes as a Float16Array where there is one; copyElements copies bits.
      copyElements(results[name]?.data as TypedArray, targets[i] as TypedArray)
    })
    await turnAfter(start)
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    garbageSessions.unregister(this)
    const release = () => this.#session.release()
    // A run that goes on tells its own caller of its error.
    void (this.#running ?? Promise.resolve()).then(release, release)
  }
}

function hostOf(kind: 'input' | 'output', spec: TensorSpec, storage: Storage): TypedArray {
  checkStorage(kind, spec, storage)
  if (storage.host === null) {
    throw new EngineError({
      where: `run: ${kind} '${spec.name}'`,
      expected: 'a storage in memory',
      received: 'one of another device',
      fix: 'Read it there and upload it here.',
    })
  }
  return storage.host
}
