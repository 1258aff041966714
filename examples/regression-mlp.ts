// The same points, learned by networks with hidden layers.
//
//   npx tsx examples/regression-mlp.ts
import { layers, random, sequential, setRandomSeed } from 'typegrad'

setRandomSeed(42)

const x = random.uniform([100, 1])
const y = x
  .mul(2)
  .add(1)
  .add(random.normal([100, 1]))

const deep = sequential([
  layers.dense({ units: 64, activation: 'relu', inputShape: [1] }),
  layers.dense({ units: 64, activation: 'relu' }),
  layers.dense({ units: 1 }),
])
const shallow = sequential([
  layers.dense({ units: 64, activation: 'relu', inputShape: [1] }),
  layers.dense({ units: 1 }),
])

for (const [name, model] of [
  ['64 → 64 → 1', deep],
  ['64 → 1', shallow],
] as const) {
  model.compile({ optimizer: 'adam', loss: 'mean_squared_error' })
  const { history } = await model.fit(x, y, { epochs: 100, verbose: 0 })
  const predictions = await model.predict([[0], [0.5], [1]])
  console.log(
    `${name}: ${model.countParams()} parameters, loss ${history.loss.at(0)?.toFixed(3)} → ${history.loss.at(-1)?.toFixed(3)}`,
  )
  console.log('  predictions for 0, 0.5 and 1:', await predictions.toArray())
}
