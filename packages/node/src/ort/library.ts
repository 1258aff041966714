import { EngineError } from 'typegrad/engine'
import koffi from './koffi.ts'
import { libraryPath } from './library-path.ts'

/** A native pointer. `0n` is null. */
export type Pointer = bigint

/** A C string, or an array of pointers or sizes, whose memory JavaScript owns and must keep alive. */
export type Memory = Uint8Array | BigUint64Array | BigInt64Array

/** Version of the table to ask for: the lowest that has every function below. */
const apiVersion = 24

/**
 * The functions of ONNX Runtime's C API that the engine calls: place in the table, result, parameters.
 * The table only ever grows at its end, so a place never changes.
 * https://onnxruntime.ai/docs/api/c/struct_ort_api.html
 *
 * `ptr` is a pointer that native code gave out, `mem` is memory of JavaScript's.
 */
const functions = {
  getErrorMessage: [2, 'str', 'ptr status'],
  disableTelemetryEvents: [6, 'ptr', 'ptr env'],
  createSessionFromArray: [8, 'ptr', 'ptr env, ptr model, size_t length, ptr options, mem out'],
  run: [9, 'ptr', 'ptr session, ptr options, mem inNames, mem ins, size_t, mem outNames, size_t, mem outs'],
  createSessionOptions: [10, 'ptr', 'mem out'],
  cloneSessionOptions: [12, 'ptr', 'ptr options, mem out'],
  setGraphOptimizationLevel: [23, 'ptr', 'ptr options, int level'],
  setIntraOpNumThreads: [24, 'ptr', 'ptr options, int threads'],
  createCustomOpDomain: [26, 'ptr', 'mem name, mem out'],
  addCustomOp: [27, 'ptr', 'ptr domain, ptr op'],
  addCustomOpDomain: [28, 'ptr', 'ptr options, ptr domain'],
  createRunOptions: [39, 'ptr', 'mem out'],
  createTensor: [48, 'ptr', 'ptr allocator, mem shape, size_t rank, int dtype, mem out'],
  createTensorWithData: [
    49,
    'ptr',
    'ptr memoryInfo, ptr data, size_t bytes, mem shape, size_t rank, int dtype, mem out',
  ],
  createMemoryInfo: [68, 'ptr', 'mem name, int allocator, int id, int memory, mem out'],
  createCpuMemoryInfo: [69, 'ptr', 'int allocator, int memory, mem out'],
  releaseStatus: [93, 'void', 'ptr'],
  releaseSession: [95, 'void', 'ptr'],
  releaseValue: [96, 'void', 'ptr'],
  releaseSessionOptions: [100, 'void', 'ptr'],
  releaseCustomOpDomain: [101, 'void', 'ptr'],
  createEnvWithGlobalThreadPools: [119, 'ptr', 'int severity, mem name, ptr threading, mem out'],
  disablePerSessionThreads: [120, 'ptr', 'ptr options'],
  createThreadingOptions: [121, 'ptr', 'mem out'],
  releaseThreadingOptions: [122, 'void', 'ptr'],
  addSessionConfigEntry: [130, 'ptr', 'ptr options, mem key, mem value'],
  createAllocator: [131, 'ptr', 'ptr session, ptr memoryInfo, mem out'],
  createAndRegisterAllocator: [144, 'ptr', 'ptr env, ptr memoryInfo, ptr arena'],
  setGlobalIntraOpNumThreads: [147, 'ptr', 'ptr threading, int threads'],
  setGlobalSpinControl: [149, 'ptr', 'ptr threading, int allow'],
  addInitializer: [150, 'ptr', 'ptr options, mem name, ptr value'],
  createArenaConfig: [156, 'ptr', 'size_t max, int strategy, int initial, int deadBytes, mem out'],
  releaseArenaConfig: [157, 'void', 'ptr'],
  addRunConfigEntry: [165, 'ptr', 'ptr runOptions, mem key, mem value'],
  createPrepackedWeightsContainer: [166, 'ptr', 'mem out'],
  releasePrepackedWeightsContainer: [167, 'void', 'ptr'],
  createSessionFromArrayWithPrepackedWeights: [
    169,
    'ptr',
    'ptr env, ptr model, size_t length, ptr options, ptr container, mem out',
  ],
  addExternalInitializers: [210, 'ptr', 'ptr options, mem names, mem values, size_t count'],
  appendExecutionProvider: [216, 'ptr', 'ptr options, mem name, mem keys, mem values, size_t count'],
} as const satisfies Record<string, readonly [index: number, result: string, parameters: string]>

/** Functions that native code calls, not JavaScript: places in the table. */
const addresses = {
  createStatus: 0,
  getData: 51,
  getInput: 90,
  getOutput: 91,
  parallelFor: 274,
  getSizeInBytes: 318,
} as const

type Argument = Pointer | Memory | number
type Callback = (error: Error | null, result: Pointer) => void

interface NativeFunction {
  (...args: Argument[]): Pointer
  async(...args: [...Argument[], Callback]): void
}

export type Api = Readonly<
  { [Name in keyof typeof functions]: NativeFunction } & {
    getErrorMessage: (status: Pointer) => string
    addresses: Readonly<Record<keyof typeof addresses, Pointer>>
  }
>

let api: Api | undefined

/**
 * ONNX Runtime's C API, from its shared library.
 *
 * @throws EngineError where that library does not exist for this platform or cannot be loaded.
 */
export function loadApi(): Api {
  api ??= bind(libraryPath())
  return api
}

function bind(path: string): Api {
  let library: ReturnType<typeof koffi.load>
  try {
    refuseTelemetry()
    library = koffi.load(path)
    keepLoaded(path)
  } catch (cause) {
    throw new EngineError(`Node engine: ${path} could not be loaded: ${String(cause)}.`, { cause })
  }
  const base = library.func('OrtGetApiBase', 'void *', [])()
  const [getApi] = koffi.decode(base, koffi.array('void *', 1)) as [Pointer]
  const table = koffi.decode(getApi, koffi.proto('void *', ['uint32_t']))(apiVersion) as Pointer | null
  if (!table) {
    throw new EngineError({
      where: 'Node engine',
      expected: `a library with version ${apiVersion} of ONNX Runtime's C API`,
      received: `the older ${path}`,
      fix: 'Install the version of that package that typegrad depends on.',
    })
  }
  const places = [...Object.values(functions).map(([index]) => index), ...Object.values(addresses)]
  const entries = koffi.decode(table, koffi.array('void *', Math.max(...places) + 1)) as Pointer[]
  const bound = Object.entries(functions).map(([name, [index, result, parameters]]) => [
    name,
    koffi.decode(entries[index], koffi.proto(nativeType(result), parameters.split(',').map(nativeType))),
  ])
  const found = Object.entries(addresses).map(([name, index]) => [name, entries[index]])
  return { ...Object.fromEntries(bound), addresses: Object.fromEntries(found) } as Api
}

/**
 * Since 1.29 the official builds tell Microsoft about models and sessions unless this variable is set before they are
 * loaded; they keep a database in the user's cache and a thread for it. What users train is not Microsoft's business.
 */
function refuseTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1'
}

/** RTLD_NOW | RTLD_NODELETE */
const pinned: Partial<Record<NodeJS.Platform, { readonly library: string; readonly flags: number }>> = {
  linux: { library: 'libdl.so.2', flags: 0x2 | 0x1000 },
  darwin: { library: 'libSystem.dylib', flags: 0x2 | 0x80 },
}

/**
 * koffi unloads its libraries when the process ends, while threads of the runtime may still be running their code: one
 * process in some hundreds ended with a segmentation fault.
 */
function keepLoaded(path: string): void {
  const how = pinned[process.platform]
  if (how === undefined) return
  try {
    koffi.load(how.library).func('dlopen', 'void *', ['str', 'int'])(path, how.flags)
  } catch {
    // The library is loaded: what is missing is a guarantee for the last moment of the process.
  }
}

/** The C type of a parameter written as `type name`. */
function nativeType(parameter: string): string {
  const [type = ''] = parameter.trim().split(' ')
  return type === 'ptr' || type === 'mem' ? 'void *' : type
}
