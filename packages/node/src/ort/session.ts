import {
  bytesOf,
  checkCount,
  checkStorage,
  EngineError,
  type Executable,
  type KnownParts,
  paced,
  readSignature,
  type Signature,
  type Storage,
  sizeOf,
  type TensorSpec,
  turnAfter,
} from 'typegrad/engine'
import { withKernels } from '../kernels/kernels.ts'
import { withConstants } from './constants.ts'
import type { Api, Memory, Pointer } from './library.ts'
import { PackedWeights } from './packed-weights.ts'
import { addressOf, check, cString, outPointer, type Pool, pointers, type Runtime } from './runtime.ts'
import { NodeStorage } from './storage.ts'
import { returnFreedMemory } from './trim.ts'

/**
 * Models whose runs are expected to be shorter run on the spot. An asynchronous call itself costs 20 µs more, and where
 * there are few cores up to 2 ms: the thread that runs it and the one that waits for it queue for a core that a waiting
 * thread of the pool keeps busy. Steps of training hide that, since the next one is queued before the last has ended;
 * what holds its weights as constants is a prediction, and somebody waits for it alone.
 */
const synchronousMilliseconds = { step: 2, prediction: 10 }

/** First runs that take so long leave memory to speak of. */
const largeMilliseconds = 100

/** So many elements of constants leave memory to speak of when they are packed. */
const largeElements = 1 << 20

const tinyModelBytes = 64 << 10
const tinyElements = 64 << 10

/** What native code reads and writes while it loads models. */
const loading = new Set<Memory | ModelParts['constants']>()

/**
 * Loads a model beside the event loop.
 *
 * @param parts what the model names and does not hold: kernels as operators, or constants as external initializers.
 * @throws EngineError with the runtime's message if it refuses the model.
 */
export async function loadSession(
  runtime: Runtime,
  options: Pointer,
  model: Uint8Array,
  { kernels, constants, sharing, signature = readSignature(model) }: ModelParts = {},
): Promise<Executable> {
  const { api, env } = runtime
  const own = await ownOptions(runtime, options, { kernels, constants, sharing })
  const packed = sharing === undefined ? undefined : PackedWeights.of(runtime, sharing)
  packed?.retain()
  const bytes = bytesOf(model)
  const out = pointers(1)
  const status = await new Promise<Pointer>((resolve, reject) => {
    // Native code alone knows these until it calls back, and the collector does not see into it.
    loading.add(bytes).add(out).add(constants)
    const source = [env, addressOf(bytes), bytes.byteLength, own?.options ?? options] as const
    const end = (error: Error | null, status: Pointer): void => {
      loading.delete(bytes)
      loading.delete(out)
      loading.delete(constants)
      if (error) reject(error)
      else resolve(status)
    }
    if (packed === undefined) api.createSessionFromArray.async(...source, out, end)
    else api.createSessionFromArrayWithPrepackedWeights.async(...source, packed.container, out, end)
  })
  if (own !== undefined) {
    api.releaseSessionOptions(own.options)
    if (status && own.domain !== undefined) api.releaseCustomOpDomain(own.domain)
  }
  if (status) packed?.release()
  // It has packed for itself, and then found what another session had packed: its own is free.
  else if (packed !== undefined && constants !== undefined && isLarge(constants)) returnFreedMemory()
  check(api, 'load', status)
  return new Session(
    runtime,
    { session: out[0] as Pointer, domain: own?.domain, packed },
    constants,
    signature.inputs,
    signature.outputs,
    isTiny(model, signature),
  )
}

interface ModelParts extends KnownParts {
  readonly constants?: ReadonlyMap<string, Storage> | undefined
  /** The same for sessions that share what is packed of the constants. */
  readonly sharing?: object | undefined
}

/** The options of one session, to be released when it is there; undefined where the engine's serve. */
async function ownOptions(
  runtime: Runtime,
  options: Pointer,
  { kernels, constants, sharing }: ModelParts,
): Promise<{ readonly options: Pointer; readonly domain?: Pointer } | undefined> {
  const own =
    constants === undefined ? undefined : withConstants(runtime, options, constants, sharing !== undefined)
  if (kernels === undefined || kernels.size === 0) return own === undefined ? undefined : { options: own }
  try {
    return await paced(withKernels(runtime, own ?? options, kernels))
  } finally {
    if (own !== undefined) runtime.api.releaseSessionOptions(own)
  }
}

function isLarge(constants: ReadonlyMap<string, Storage>): boolean {
  const elements = [...constants.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  return elements >= largeElements
}

/** Whether a first run is surely short: little to read and write, and nothing that repeats. */
function isTiny(model: Uint8Array, { inputs, outputs }: Signature): boolean {
  if (model.byteLength >= tinyModelBytes) return false
  const elements = [...inputs, ...outputs].reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  if (elements >= tinyElements) return false
  const bytes = Buffer.from(model.buffer, model.byteOffset, model.byteLength)
  return !bytes.includes('Loop') && !bytes.includes('Scan')
}

/** The storages of one side of a model as the arrays that C takes, kept from run to run. */
class Binding {
  readonly #kind: 'input' | 'output'
  readonly #specs: readonly TensorSpec[]
  readonly #ids: number[]
  readonly #names: readonly Uint8Array[]
  readonly #nameArray: BigUint64Array
  readonly #valueArray: BigUint64Array
  readonly names: Pointer
  readonly values: Pointer

  constructor(kind: 'input' | 'output', specs: readonly TensorSpec[]) {
    this.#kind = kind
    this.#specs = specs
    this.#ids = specs.map(() => 0)
    this.#names = specs.map(({ name }) => cString(name))
    this.#nameArray = pointers(specs.length)
    this.#names.forEach((name, i) => {
      // Asking for its buffer pins the small array; see pointers().
      this.#nameArray[i] = addressOf(new Uint8Array(name.buffer))
    })
    this.#valueArray = pointers(specs.length)
    this.names = addressOf(this.#nameArray)
    this.values = addressOf(this.#valueArray)
  }

  get count(): number {
    return this.#specs.length
  }

  bind(storages: readonly Storage[]): void {
    const ids = this.#ids
    if (storages.length !== ids.length) checkCount(this.#kind, this.#specs, storages.length)
    for (let i = 0; i < ids.length; i++) {
      const storage = storages[i] as NodeStorage
      if (storage.id !== ids[i]) this.#bindOne(i, storage)
    }
  }

  #bindOne(i: number, storage: Storage): void {
    const spec = this.#specs[i] as TensorSpec
    if (!(storage instanceof NodeStorage)) {
      throw new EngineError({
        where: `run: ${this.#kind} '${spec.name}'`,
        expected: 'a storage that this engine has made',
        received: 'one of another engine',
        fix: 'Read it there and upload it here.',
      })
    }
    checkStorage(this.#kind, spec, storage)
    this.#valueArray[i] = storage.value
    this.#ids[i] = storage.id
  }
}

/** A loaded model, with the domain of the kernels in it and the packed weights, which must live as long. */
interface NativeSession {
  readonly session: Pointer
  readonly domain: Pointer | undefined
  readonly packed: PackedWeights | undefined
}

function releaseNative(api: Api, { session, domain, packed }: NativeSession): void {
  api.releaseSession(session)
  packed?.release()
  if (domain !== undefined) api.releaseCustomOpDomain(domain)
}

const garbageSessions = new FinalizationRegistry<{ api: Api; native: NativeSession }>(({ api, native }) =>
  releaseNative(api, native),
)

class Session implements Executable {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  readonly #runtime: Runtime
  readonly #native: NativeSession
  /** Memory that the session reads at every run: kept alive. */
  readonly constants: ModelParts['constants']
  readonly #in: Binding
  readonly #out: Binding
  /** Expected milliseconds of a run: a moving mean. */
  #estimate: number
  /** What native code uses right now; set for the length of a run, so that it is not collected. */
  #inUse: readonly Storage[] | undefined
  #outUse: readonly Storage[] | undefined
  #disposed = false

  constructor(
    runtime: Runtime,
    native: NativeSession,
    constants: ModelParts['constants'],
    inputs: readonly TensorSpec[],
    outputs: readonly TensorSpec[],
    tiny: boolean,
  ) {
    this.inputs = inputs
    this.outputs = outputs
    this.#runtime = runtime
    this.#native = native
    this.constants = constants
    this.#in = new Binding('input', inputs)
    this.#out = new Binding('output', outputs)
    this.#estimate = tiny ? 0 : Number.POSITIVE_INFINITY
    garbageSessions.register(this, { api: runtime.api, native }, this)
  }

  run(inputs: readonly Storage[], outputs: readonly Storage[]): void | Promise<void> {
    if (this.#disposed) throw new EngineError('run: this executable was disposed of.')
    if (this.#inUse !== undefined) {
      throw new EngineError('run: the last run has not ended. Await it before the next.')
    }
    this.#in.bind(inputs)
    this.#out.bind(outputs)
    return this.#estimate < synchronousMilliseconds[this.constants === undefined ? 'step' : 'prediction']
      ? this.#runNow(inputs, outputs)
      : this.#runBeside(inputs, outputs)
  }

  #runNow(inputs: readonly Storage[], outputs: readonly Storage[]): void | Promise<void> {
    const { api } = this.#runtime
    this.#inUse = inputs
    this.#outUse = outputs
    const start = performance.now()
    const status = api.run(
      this.#native.session,
      0n,
      this.#in.names,
      this.#in.values,
      this.#in.count,
      this.#out.names,
      this.#out.count,
      this.#out.values,
    )
    const end = performance.now()
    this.#inUse = this.#outUse = undefined
    if (status) check(api, 'run', status)
    this.#learn(end - start)
    return turnAfter(start)
  }

  async #runBeside(inputs: readonly Storage[], outputs: readonly Storage[]): Promise<void> {
    const { api } = this.#runtime
    this.#inUse = inputs
    this.#outUse = outputs
    const isFirst = this.#estimate === Number.POSITIVE_INFINITY
    const start = performance.now()
    const status = await new Promise<Pointer | null>((resolve, reject) => {
      api.run.async(
        this.#native.session,
        isFirst ? this.#runtime.firstRun : 0n,
        this.#in.names,
        this.#in.values,
        this.#in.count,
        this.#out.names,
        this.#out.count,
        this.#out.values,
        (error, status) => {
          this.#learn(performance.now() - start)
          this.#inUse = this.#outUse = undefined
          if (isFirst && this.#estimate >= largeMilliseconds) returnFreedMemory()
          if (this.#disposed) this.#release()
          if (error) reject(error)
          else resolve(status)
        },
      )
    })
    // Not where the runtime calls back: an error from there knows nothing of who awaits it.
    check(api, 'run', status)
  }

  #learn(milliseconds: number): void {
    this.#estimate = Number.isFinite(this.#estimate)
      ? this.#estimate + (milliseconds - this.#estimate) / 2
      : milliseconds
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    // A run that goes on releases the session when it ends.
    if (this.#inUse === undefined) this.#release()
  }

  #release(): void {
    garbageSessions.unregister(this)
    releaseNative(this.#runtime.api, this.#native)
  }
}

/** Session options with a provider, or for the CPU without one. They live as long as their engine. */
export function createOptions(runtime: Runtime, { threads, spinning }: Pool, provider?: string): Pointer {
  const { api } = runtime
  const options = outPointer((out) => check(api, 'options', api.createSessionOptions(out)))
  const set = (key: string, value: string): void =>
    check(api, 'options', api.addSessionConfigEntry(options, cString(key), cString(value)))
  // A pool for each session would cost more than spinning, so that alone makes none.
  if (threads === runtime.pool.threads) check(api, 'options', api.disablePerSessionThreads(options))
  else {
    check(api, 'options', api.setIntraOpNumThreads(options, threads))
    set('session.intra_op.allow_spinning', spinning ? '1' : '0')
  }
  // All fusions, but no blocked layout (level 3): weights are inputs here, so every run would reorder them.
  check(api, 'options', api.setGraphOptimizationLevel(options, 2))
  set('session.use_env_allocators', '1')
  if (provider !== undefined) {
    check(
      api,
      'options',
      api.appendExecutionProvider(options, cString(provider), pointers(0), pointers(0), 0),
    )
  }
  return options
}
