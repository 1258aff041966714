import { byteSize, type DType, type TypedArray, typedArray } from '../base/dtype.ts'
import { EngineError } from '../base/errors.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { type Kernel, kernelDomain, signatureOf } from '../kernel/kernel.ts'
import type { KernelSupport } from '../kernel/support.ts'
import { decodeForeignNodes } from '../onnx/decode.ts'
import { encodeOutputs, joinParts } from '../onnx/encode.ts'
import { bytesOf } from './elements.ts'
import type { Engine, Executable, KnownParts, Storage, TensorSpec } from './engine.ts'
import { readSignature } from './signature.ts'

/** Bytes before and behind all memory that the engine gives. */
const guardBytes = 256
const guardByte = 0xa5

/**
 * The little-endian bytes that memory is filled with before a run: signalling NaNs, which no arithmetic gives, and
 * bytes that are no bool. Whole numbers have no element that a model could not mean.
 */
const poisons: Readonly<Partial<Record<DType, Uint8Array>>> = {
  float32: Uint8Array.of(0xef, 0xbe, 0xa0, 0x7f),
  float64: Uint8Array.of(0xef, 0xbe, 0xad, 0xde, 0xef, 0xbe, 0xf4, 0x7f),
  float16: Uint8Array.of(0x5a, 0x7d),
  bfloat16: Uint8Array.of(0xa0, 0x7f),
  bool: Uint8Array.of(0x5a),
}

/** An engine of a CPU whose every run is checked; see `EngineOptions.checked`. */
export const checkedEngine = (engine: Engine): Engine => new CheckedEngine(engine)

class CheckedEngine implements Engine {
  readonly name: Engine['name']
  readonly language: Engine['language']
  readonly device: Engine['device']
  readonly kernelSupport: KernelSupport
  readonly programBytes: number | undefined
  readonly packedBytes: number | undefined
  readonly copiesConstants: boolean
  readonly loadWithConstants?: NonNullable<Engine['loadWithConstants']>
  readonly #engine: Engine
  /** Memory that is guarded: as a whole, by the storage that it serves. */
  readonly #guarded = new WeakMap<Storage, Uint8Array>()

  constructor(engine: Engine) {
    this.name = engine.name
    this.language = engine.language
    this.device = engine.device
    this.kernelSupport = engine.kernelSupport
    this.programBytes = engine.programBytes
    this.packedBytes = engine.packedBytes
    this.copiesConstants = engine.copiesConstants ?? false
    this.#engine = engine
    const load = engine.loadWithConstants?.bind(engine)
    if (load !== undefined)
      this.loadWithConstants = async (...model) =>
        new CheckedExecutable(await load(...model), [], (storage) => this.#guarded.get(storage))
  }

  allocate(dtype: DType, shape: Shape): Storage {
    const length = sizeOf(shape)
    const bytes = length * byteSize[dtype]
    const memory = new Uint8Array(new ArrayBuffer(bytes + 2 * guardBytes)).fill(guardByte)
    memory.fill(0, guardBytes, guardBytes + bytes)
    const Elements = typedArray(dtype, 0).constructor as new (
      buffer: ArrayBuffer,
      offset: number,
      length: number,
    ) => TypedArray
    const storage = this.#engine.upload(new Elements(memory.buffer, guardBytes, length), dtype, shape)
    this.#guarded.set(storage, memory)
    return storage
  }

  upload(data: TypedArray, dtype: DType, shape: Shape): Storage {
    return this.#engine.upload(data, dtype, shape)
  }

  write(storage: Storage, data: TypedArray): void | Promise<void> {
    return this.#engine.write(storage, data)
  }

  read(storage: Storage): TypedArray | Promise<TypedArray> {
    return this.#engine.read(storage)
  }

  async load(model: Uint8Array, known: KnownParts = {}): Promise<Executable> {
    const signature = known.signature ?? readSignature(model)
    const made = kernelOutputs(model, known.kernels ?? new Map())
    const given = new Map(signature.outputs.map(({ name }) => [name, made.get(name)]))
    const added = [...made.values()].filter(({ name }) => !given.has(name))
    const executable = await this.#engine.load(joinParts([model, encodeOutputs(added)]), {
      ...known,
      signature: { ...signature, outputs: [...signature.outputs, ...added] },
    })
    const watched = [
      ...signature.outputs.map((output): Watched => {
        const by = given.get(output.name)
        return { what: `output '${output.name}'${by ? ` of the ${by.what}` : ''}`, mayHaveGaps: false }
      }),
      ...added.map(({ what, dtype, shape, hasGaps = false }): Watched => {
        return { what: `a value of the ${what}`, mayHaveGaps: hasGaps, storage: this.allocate(dtype, shape) }
      }),
    ]
    return new CheckedExecutable(executable, watched, (storage) => this.#guarded.get(storage))
  }
}

/** What a run writes. */
interface Watched {
  /** How an error calls it. */
  readonly what: string
  /** Whether not all of it need be written. */
  readonly mayHaveGaps: boolean
  /** Memory for what a kernel makes on the way, which is an output of the model here so that it can be looked at. */
  readonly storage?: Storage
}

type KernelOutput = TensorSpec & { readonly what: string; readonly hasGaps?: true }

/** What kernels of a model make, by the names of the values; those in loops stay out of sight. */
function kernelOutputs(model: Uint8Array, kernels: ReadonlyMap<string, Kernel>): Map<string, KernelOutput> {
  const found = new Map<string, KernelOutput>()
  if (kernels.size === 0) return found
  for (const { op, domain, outputs } of decodeForeignNodes(model)) {
    const kernel = domain === kernelDomain ? kernels.get(op) : undefined
    if (kernel === undefined) continue
    signatureOf(kernel).outputs.forEach((output, i) => {
      const name = outputs[i]
      if (name === undefined || name === '') return
      found.set(name, { ...output, name, what: `kernel ${op} (${JSON.stringify(kernel)})` })
    })
  }
  return found
}

class CheckedExecutable implements Executable {
  readonly inputs: Executable['inputs']
  readonly outputs: Executable['outputs']
  readonly #executable: Executable
  readonly #watched: readonly Watched[]
  readonly #memoryOf: (storage: Storage) => Uint8Array | undefined

  /** @param watched for all of the executable's outputs, if they are known by more than their names. */
  constructor(
    executable: Executable,
    watched: readonly Watched[],
    memoryOf: (storage: Storage) => Uint8Array | undefined,
  ) {
    this.#executable = executable
    this.#watched =
      watched.length > 0
        ? watched
        : executable.outputs.map(({ name }) => ({ what: `output '${name}'`, mayHaveGaps: false }))
    this.#memoryOf = memoryOf
    this.inputs = executable.inputs
    this.outputs = executable.outputs.filter((_, i) => this.#watched[i]?.storage === undefined)
  }

  run(inputs: readonly Storage[], outputs: readonly Storage[]): void | Promise<void> {
    const own = this.#watched.flatMap(({ storage }) => (storage === undefined ? [] : [storage]))
    const all = [...outputs, ...own]
    // What an input is written over has that input's elements until then.
    const taken = new Set(inputs.map(({ host }) => host?.buffer))
    const poisoned = all.map((storage) => !taken.has(storage.host?.buffer) && poison(storage))
    const checkAll = (): void => {
      inputs.forEach((storage, i) => {
        this.#checkGuards(storage, `input '${this.inputs[i]?.name}'`)
      })
      all.forEach((storage, i) => {
        const { what, mayHaveGaps } = this.#watched[i] as Watched
        this.#checkGuards(storage, what)
        if (poisoned[i] && !mayHaveGaps) checkWritten(storage, what)
      })
    }
    const running = this.#executable.run(inputs, all)
    if (running !== undefined) return running.then(checkAll)
    checkAll()
  }

  dispose(): void {
    this.#executable.dispose()
  }

  #checkGuards(storage: Storage, what: string): void {
    const memory = this.#memoryOf(storage)
    if (memory === undefined) return
    const end = memory.length - guardBytes
    for (let i = 0; i < guardBytes; i++) {
      if (memory[i] !== guardByte) overrun(what, `byte ${guardBytes - i} before its first`)
      if (memory[end + i] !== guardByte) overrun(what, `byte ${i + 1} behind its last`)
    }
  }
}

function overrun(what: string, place: string): never {
  throw new EngineError({
    where: `run, checked: ${what}`,
    expected: 'nothing to be written outside of its memory',
    received: `a change of ${place}`,
    fix: 'This is a fault of the engine: createEngine({ kernels: false }) does without kernels. Please report it.',
  })
}

/** @returns whether the storage is of a dtype with elements that nothing computes. */
function poison({ host, dtype }: Storage): boolean {
  const pattern = poisons[dtype]
  if (pattern === undefined || host === null || host.length === 0) return false
  const bytes = bytesOf(host)
  bytes.set(pattern)
  // What is filled doubles each time.
  for (let filled = pattern.length; filled < bytes.length; filled *= 2) bytes.copyWithin(filled, 0, filled)
  return true
}

function checkWritten({ host, dtype, shape }: Storage, what: string): void {
  const pattern = poisons[dtype]
  if (pattern === undefined || host === null) return
  const bytes = bytesOf(host)
  const step = pattern.length
  for (let at = 0; at < bytes.length; at += step) {
    if (bytes[at] !== pattern[0] || !pattern.every((byte, i) => bytes[at + i] === byte)) continue
    throw new EngineError({
      where: `run, checked: ${what}`,
      expected: `all of its ${host.length} elements to be written`,
      received: `element ${at / step} of shape [${shape.join(', ')}] as it was before the run`,
      fix: 'This is a fault of the engine: createEngine({ kernels: false }) does without kernels. Please report it.',
    })
  }
}
