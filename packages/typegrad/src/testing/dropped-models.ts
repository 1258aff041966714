/**
 * Prints which models are still there after they were used and dropped, and how many programs are kept. It has a process
 * of its own, with --expose-gc.
 */
import { createEngine, layers, sequential, setEngine, setRandomSeed, tensor } from '../index.ts'
import { currentContext } from '../transforms/engine-context.ts'

const collectGarbage = globalThis.gc as () => void
setRandomSeed(1)
setEngine(await createEngine())
const x = tensor([[1, 2, 3, 4]])
const y = tensor([[1]])

async function used(how: string): Promise<WeakRef<object>> {
  const model = sequential([layers.dense({ units: 3, inputShape: [4] }), layers.dense({ units: 1 })])
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
  if (how === 'fit') await model.fit(x, y, { verbose: 0, epochs: 2 })
  if (how === 'evaluate') await model.evaluate(x, y, { verbose: 0 })
  if (how === 'trainOnBatch') await model.trainOnBatch(x, y)
  // Often enough for a second model whose weights are constants.
  if (how === 'predict') for (let i = 0; i < 20; i++) await model.predict(x)
  if (how === 'predictOnBatch') await model.predictOnBatch(x)
  return new WeakRef(model)
}

const models = new Map<string, WeakRef<object>>()
for (const how of ['predict', 'predictOnBatch', 'fit', 'evaluate', 'trainOnBatch'])
  models.set(how, await used(how))
const { programs } = await currentContext()
const before = programs.size
for (let i = 0; i < 10; i++) {
  await new Promise((resolve) => setTimeout(resolve, 20))
  collectGarbage()
}
const alive = [...models].filter(([, model]) => model.deref() !== undefined).map(([how]) => how)
console.log(JSON.stringify({ before, after: programs.size, alive }))
