import { layers, readKeras, sequential, tensor, Variable, writeKeras } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { Signum } from './signum.ts'

test('three steps are those of the formula', async () => {
  const gradients = [
    [1, -2, 0],
    [-9, -1, 0],
    [0.5, 3, -1],
  ]
  const weight = new Variable(tensor([0, 1, 2]), { name: 'w' })
  const optimizer = new Signum({ learningRate: 0.1, momentum: 0.5 })
  const w = [0, 1, 2]
  const m = [0, 0, 0]
  for (const g of gradients) {
    optimizer.apply([tensor(g)], [weight])
    g.forEach((slope, i) => {
      m[i] = 0.5 * (m[i] as number) + 0.5 * slope
      w[i] = (w[i] as number) - 0.1 * Math.sign(m[i] as number)
    })
    expectClose(await weight.value.data(), w)
  }
})

test('trains a model, by its name too, and is saved with it', async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
  model.compile({ optimizer: 'own-package>Signum', loss: 'mse' })
  expect(model.optimizer).toBeInstanceOf(Signum)
  model.compile({ optimizer: new Signum({ learningRate: 0.02, momentum: 0.8 }), loss: 'mse' })
  const { history } = await model.fit([0, 1, 2, 3], [1, 3, 5, 7], { epochs: 150, verbose: 0 })
  expect(history.loss?.at(-1)).toBeLessThan(0.05)
  const again = await readKeras(await writeKeras(model))
  expect(again.optimizer.getConfig()).toEqual(model.optimizer.getConfig())
  expectClose(
    await (again.optimizer.variables.at(-1) as Variable).value.data(),
    [...(await (model.optimizer.variables.at(-1) as Variable).value.data())].map(Number),
  )
})
