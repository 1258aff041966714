/**
 * `ort/`: ONNX Runtime's library through its C API: environment, sessions, values. It knows neither kernels nor
 * machine code but for the operators that it registers.
 */
import { runError } from 'typegrad/engine'
import koffi from './koffi.ts'
import { type Api, loadApi, type Memory, type Pointer } from './library.ts'

/** A pool of threads that sessions compute with. */
export interface Pool {
  /** 0 is the physical cores. */
  readonly threads: number
  /** Whether threads that wait keep their cores busy for a moment before they sleep. */
  readonly spinning: boolean
}

export interface Runtime {
  readonly api: Api
  readonly env: Pointer
  /** Describes memory that the CPU and JavaScript share. */
  readonly cpuMemory: Pointer
  /** Options of a session's first run; see {@link createFirstRunOptions}. */
  readonly firstRun: Pointer
  /** The pool that sessions share. */
  readonly pool: Pool
}

/** Log severity 4, fatal: every other message also comes back as a status, and is thrown. */
const logSeverity = 4
const arenaAllocator = 1
const defaultMemory = 0
const unlimited = 0
const growAsRequested = 1
const byDefault = -1

let runtime: Promise<Runtime> | undefined

/**
 * The one environment of this process. Its sessions share one pool of threads and one arena for what
 * they compute on the way: a program compiles hundreds of functions and runs one at a time. (Ten models
 * of 64 MB of intermediate values each: 0.3 GB with one arena, 2.0 GB with an arena for each.) The first
 * engine of a process decides on the pool; sessions that ask for another number of threads have their own.
 *
 * @throws EngineError if the library cannot be loaded.
 */
export function getRuntime(pool: Pool): Promise<Runtime> {
  if (runtime !== undefined) return runtime
  const starting = createRuntime(pool)
  runtime = starting
  // A call after a failure tries again.
  starting.catch(() => {
    runtime = undefined
  })
  return starting
}

async function createRuntime(pool: Pool): Promise<Runtime> {
  const api = loadApi()
  const threading = outPointer((out) => check(api, 'threads', api.createThreadingOptions(out)))
  check(api, 'threads', api.setGlobalIntraOpNumThreads(threading, pool.threads))
  check(api, 'threads', api.setGlobalSpinControl(threading, pool.spinning ? 1 : 0))
  const env = await createEnvironment(api, threading)
  check(api, 'start', api.disableTelemetryEvents(env))
  api.releaseThreadingOptions(threading)
  const cpuMemory = outPointer((out) =>
    check(api, 'start', api.createCpuMemoryInfo(arenaAllocator, defaultMemory, out)),
  )
  const arena = outPointer((out) =>
    check(api, 'start', api.createArenaConfig(unlimited, growAsRequested, byDefault, byDefault, out)),
  )
  check(api, 'start', api.createAndRegisterAllocator(env, cpuMemory, arena))
  api.releaseArenaConfig(arena)
  return { api, env, cpuMemory, pool, firstRun: createFirstRunOptions(api) }
}

/**
 * A first run takes memory piece by piece and learns how much is in use at once; all others take that much in one
 * piece. What the first one took goes back to the system, or the arena would keep both: 0.7 GB of 3.5 when BERT-base
 * is trained.
 */
function createFirstRunOptions(api: Api): Pointer {
  const options = outPointer((out) => check(api, 'start', api.createRunOptions(out)))
  const key = cString('memory.enable_memory_arena_shrinkage')
  check(api, 'start', api.addRunConfigEntry(options, key, cString('cpu:0')))
  return options
}

/** Registers all operators, which takes 20 ms: beside the event loop. */
function createEnvironment(api: Api, threading: Pointer): Promise<Pointer> {
  const out = pointers(1)
  const name = cString('typegrad')
  return new Promise((resolve, reject) => {
    api.createEnvWithGlobalThreadPools.async(logSeverity, name, threading, out, (error, status) => {
      try {
        if (error) throw error
        check(api, 'start', status)
        resolve(out[0] as Pointer)
      } catch (cause) {
        reject(cause)
      }
    })
  })
}

/** Throws a status that is not null as an EngineError, with the runtime's own message, and releases it. */
export function check(api: Api, where: string, status: Pointer | null): void {
  if (!status) return
  const message = api.getErrorMessage(status)
  api.releaseStatus(status)
  throw runError(where, `${message}`)
}

/** The pointer that a C function puts into its last parameter. */
export function outPointer(call: (out: BigUint64Array) => void): Pointer {
  const out = pointers(1)
  call(out)
  return out[0] as Pointer
}

export function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`)
}

/** A `void *[]`. V8 moves small typed arrays unless their buffer was made first. */
export function pointers(length: number): BigUint64Array {
  return new BigUint64Array(new ArrayBuffer(8 * Math.max(1, length)), 0, length)
}

/** The address of memory that must be kept alive, and must not be moved, for as long as it is used. */
export function addressOf(memory: Memory): Pointer {
  return koffi.address(memory)
}
