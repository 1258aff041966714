import type { DType, TypedArray } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'
import type { Engine, Executable, Storage } from '../engine/engine.ts'

/**
 * An engine with memory of its own that JavaScript does not see, as a graphics card's: another engine's, behind storages
 * without `host`. It counts its runs.
 */
export function deviceEngine(inner: Engine): Engine & { runs: number } {
  const held = new WeakMap<Storage, Storage>()
  const hide = (storage: Storage): Storage => {
    const { dtype, shape } = storage
    const hidden: Storage = { dtype, shape, host: null }
    held.set(hidden, storage)
    return hidden
  }
  const heldBy = (storage: Storage): Storage => {
    const found = held.get(storage)
    if (found === undefined) throw new Error('device: a storage of another engine')
    return found
  }
  const device = {
    name: 'device',
    device: 'cpu' as const,
    language: inner.language,
    kernelSupport: inner.kernelSupport,
    runs: 0,
    allocate: (dtype: DType, shape: Shape) => hide(inner.allocate(dtype, shape)),
    upload: (data: TypedArray, dtype: DType, shape: Shape) =>
      hide(inner.upload(data.slice() as TypedArray, dtype, shape)),
    write: (storage: Storage, data: TypedArray) => inner.write(heldBy(storage), data),
    async read(storage: Storage) {
      return (await inner.read(heldBy(storage))).slice() as TypedArray
    },
    async load(...model: Parameters<Engine['load']>): Promise<Executable> {
      const { inputs, outputs, run, dispose } = bound(await inner.load(...model))
      return {
        inputs,
        outputs,
        run(given, written) {
          device.runs++
          return run(given.map(heldBy), written.map(heldBy))
        },
        dispose,
      }
    },
  }
  return device
}

const bound = (executable: Executable): Executable => ({
  inputs: executable.inputs,
  outputs: executable.outputs,
  run: (inputs, outputs) => executable.run(inputs, outputs),
  dispose: () => executable.dispose(),
})
