// The first program: a line through noisy points.
//
//   npx tsx examples/linear-regression.ts
import { layers, optimizers, random, sequential, setRandomSeed } from 'typegrad'

setRandomSeed(42)

// 100 points around y = 2x + 1, with noise as large as the line is high.
const x = random.uniform([100, 1])
const y = x
  .mul(2)
  .add(1)
  .add(random.normal([100, 1]))

const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' })
const { history } = await model.fit(x, y, { epochs: 100, verbose: 0 })

const [kernel, bias] = model.getWeights()
console.log(`loss ${history.loss.at(0)?.toFixed(3)} → ${history.loss.at(-1)?.toFixed(3)}`)
console.log(`learned      y = ${(await kernel?.item())?.toFixed(2)} x + ${(await bias?.item())?.toFixed(2)}`)
console.log('made from    y = 2.00 x + 1.00, and noise that hides it')

// The line that no other beats on these points, by least squares: what training should come to.
const centred = x.sub(x.mean())
const slope = await centred.mul(y).sum().div(centred.square().sum()).item()
const offset = (await y.mean().item()) - slope * (await x.mean().item())
console.log(`the best fit y = ${slope.toFixed(2)} x + ${offset.toFixed(2)}`)

const xTest = [[0], [0.5], [1]]
const predictions = await model.predict(xTest)
console.log('predictions for 0, 0.5 and 1:', await predictions.toArray())
