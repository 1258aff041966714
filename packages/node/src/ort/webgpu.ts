import {
  bytesOf,
  checkElements,
  type DType,
  dtypeCode,
  type Engine,
  EngineError,
  type Executable,
  encodeModel,
  noKernels,
  type Shape,
  type Storage,
  sizeOf,
  type TypedArray,
  typedArray,
} from 'typegrad/engine'
import type { Pointer } from './library.ts'
import { addressOf, check, cString, outPointer, type Pool, pointers, type Runtime } from './runtime.ts'
import { createOptions, loadSession } from './session.ts'
import { dimensions, HostStorage, NodeStorage } from './storage.ts'

const deviceAllocator = 0
const defaultMemory = 0

/** The tensor memory of a GPU, from the provider that keeps it. */
class DeviceStorage extends NodeStorage {
  readonly host = null

  constructor(runtime: Runtime, allocator: Pointer, dtype: DType, shape: Shape) {
    const { api } = runtime
    const value = outPointer((out) =>
      check(
        api,
        'allocate',
        api.createTensor(allocator, dimensions(shape), shape.length, dtypeCode[dtype], out),
      ),
    )
    super(runtime, value, dtype, shape)
  }
}

/**
 * ONNX Runtime's WebGPU provider. Storages stay on the GPU; what goes up or down passes through a model
 * that is one Identity node, for the C API itself has no copy to a device.
 *
 * @throws EngineError if there is no device.
 */
export function createWebGpuEngine(runtime: Runtime, pool: Pool): Engine {
  try {
    return new NodeWebGpuEngine(runtime, createOptions(runtime, pool, 'WebGPU'))
  } catch (cause) {
    // The runtime prefixes its reason with the C++ source of the check that failed.
    const reason = (cause instanceof Error ? cause.message : String(cause))
      .replace(/^.* was false\. /s, '')
      .trim()
    throw new EngineError(
      `createNodeEngine: no WebGPU device could be opened: ${reason}. ` +
        "Install the GPU's driver (Vulkan, Metal or Direct3D 12), or use the device 'cpu'.",
      { cause },
    )
  }
}

class NodeWebGpuEngine implements Engine {
  readonly name = 'node'
  readonly language = 'onnx'
  readonly device = 'webgpu'
  readonly kernelSupport = noKernels
  readonly #runtime: Runtime
  readonly #options: Pointer
  readonly #allocator: Pointer
  /** Sessions of one Identity node, by dtype and rank. */
  readonly #copies = new Map<string, Pointer>()

  constructor(runtime: Runtime, options: Pointer) {
    this.#runtime = runtime
    this.#options = options
    const { api } = runtime
    const memory = outPointer((out) =>
      check(
        api,
        'device',
        api.createMemoryInfo(cString('WebGPU_Buf'), deviceAllocator, 0, defaultMemory, out),
      ),
    )
    const session = this.#copySession('float32', 1)
    this.#allocator = outPointer((out) => check(api, 'device', api.createAllocator(session, memory, out)))
  }

  allocate(dtype: DType, shape: Shape): Storage {
    return new DeviceStorage(this.#runtime, this.#allocator, dtype, shape)
  }

  upload(data: TypedArray, dtype: DType, shape: Shape): Storage {
    const storage = this.allocate(dtype, shape)
    this.write(storage, data)
    return storage
  }

  write(storage: Storage, data: TypedArray): void {
    checkElements('write', data, storage.dtype, storage.shape)
    const copy = this.#copy(
      new HostStorage(this.#runtime, data, storage.dtype, storage.shape),
      this.#own(storage),
    )
    if (copy === undefined) return
    check(this.#runtime.api, 'write', this.#runtime.api.run(...copy.arguments))
    copy.keep.clear()
  }

  /** Waits for all that the GPU still has to do, beside the event loop. */
  read(storage: Storage): Promise<TypedArray> {
    const { api } = this.#runtime
    const { dtype, shape } = storage
    const target = new HostStorage(this.#runtime, typedArray(dtype, sizeOf(shape)), dtype, shape)
    const copy = this.#copy(this.#own(storage), target)
    if (copy === undefined) return Promise.resolve(target.host)
    return new Promise((resolve, reject) => {
      api.run.async(...copy.arguments, (error, status) => {
        copy.keep.clear()
        try {
          if (error) throw error
          check(api, 'read', status)
          resolve(target.host)
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  load(model: Uint8Array): Promise<Executable> {
    return loadSession(this.#runtime, this.#options, model)
  }

  #own(storage: Storage): DeviceStorage {
    if (storage instanceof DeviceStorage) return storage
    throw new EngineError('WebGPU engine: this storage was made by another engine.')
  }

  /** The arguments of a copying run, and what must stay alive until it ends; nothing for no elements. */
  #copy(from: NodeStorage, to: NodeStorage) {
    if (sizeOf(from.shape) === 0) return undefined
    const session = this.#copySession(from.dtype, from.shape.length)
    const [names, ins, outs] = [pointers(2), pointers(1), pointers(1)]
    names.set([addressOf(inputName), addressOf(outputName)])
    ins[0] = from.value
    outs[0] = to.value
    return {
      arguments: [
        session,
        0n,
        addressOf(names),
        addressOf(ins),
        1,
        addressOf(names) + 8n,
        1,
        addressOf(outs),
      ] as const,
      keep: new Set<unknown>([names, ins, outs, from, to]),
    }
  }

  #copySession(dtype: DType, rank: number): Pointer {
    const key = `${dtype} ${rank}`
    const existing = this.#copies.get(key)
    if (existing !== undefined) return existing
    const shape = Array.from({ length: rank }, (_, i) => `d${i}`)
    const model = encodeModel({
      opset: 21,
      graph: {
        name: 'copy',
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
        inputs: [{ name: 'x', dtype, shape }],
        outputs: [{ name: 'y', dtype, shape }],
        initializers: [],
      },
    })
    const { api, env } = this.#runtime
    const session = outPointer((out) =>
      check(
        api,
        'copy',
        api.createSessionFromArray(env, addressOf(model), model.byteLength, this.#options, out),
      ),
    )
    this.#copies.set(key, session)
    return session
  }
}

const inputName = bytesOf(cString('x'))
const outputName = bytesOf(cString('y'))
