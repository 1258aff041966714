/** An engine as a package brings it: this file and its test, of the doors alone. It counts the runs of another one. */
import { createNodeEngine } from '@typegrad/node'
import { type Engine, type EngineOptions, registerEngine } from 'typegrad/engine'

export interface CountingEngine extends Engine {
  /** How many models have been run. */
  readonly runs: number
}

export async function createCountingEngine(options: EngineOptions = {}): Promise<CountingEngine> {
  const inner = await createNodeEngine(options)
  let runs = 0
  return {
    name: 'counting',
    language: inner.language,
    device: inner.device,
    kernelSupport: inner.kernelSupport,
    get runs() {
      return runs
    },
    allocate: (dtype, shape) => inner.allocate(dtype, shape),
    upload: (data, dtype, shape) => inner.upload(data, dtype, shape),
    write: (storage, data) => inner.write(storage, data),
    read: (storage) => inner.read(storage),
    async load(model, options) {
      const executable = await inner.load(model, options)
      return {
        inputs: executable.inputs,
        outputs: executable.outputs,
        run(inputs, outputs) {
          runs += 1
          return executable.run(inputs, outputs)
        },
        dispose: () => executable.dispose(),
      }
    },
  }
}

registerEngine({
  name: 'counting',
  devices: ['cpu'],
  priority: 200,
  create: createCountingEngine,
})
