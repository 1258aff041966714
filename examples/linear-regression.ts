// The first program: a line through noisy points, and that it is the one that least squares gives.
//
//   npx tsx examples/linear-regression.ts
import { layers, optimizers, random, schedules, sequential, setRandomSeed } from 'typegrad'

setRandomSeed(42)

// 100 points around y = 2x + 1, with noise as large as the line is high.
const x = random.uniform([100, 1])
const y = x
  .mul(2)
  .add(1)
  .add(random.normal([100, 1]))

// 100 epochs of 4 batches. Batches differ, so steps of one size would circle around the best line for ever: they get smaller.
const learningRate = schedules.cosineDecay({ initialLearningRate: 0.4, decaySteps: 400 })
const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: 'meanSquaredError' })
const { history } = await model.fit(x, y, { epochs: 100, batchSize: 25, verbose: 0 })

const [kernel, bias] = model.getWeights()
const [slope, offset] = [(await kernel?.item()) ?? 0, (await bias?.item()) ?? 0]

// Least squares: the slope is Σ(x − x̄)(y − ȳ) / Σ(x − x̄)², and the line goes through (x̄, ȳ).
const centred = x.sub(x.mean())
const bestSlope = await centred.mul(y.sub(y.mean())).sum().div(centred.square().sum()).item()
const bestOffset = (await y.mean().item()) - bestSlope * (await x.mean().item())
const bestLoss = await x.mul(bestSlope).add(bestOffset).sub(y).square().mean().item()
const { loss } = await model.evaluate(x, y, { verbose: 0 })

const line = (a: number, b: number) => `y = ${a.toFixed(3)} x + ${b.toFixed(3)}`
console.log(`loss ${history.loss.at(0)?.toFixed(4)} → ${history.loss.at(-1)?.toFixed(4)}`)
console.log(`learned       ${line(slope, offset)}, mean squared error ${loss?.toFixed(4)}`)
console.log(`least squares ${line(bestSlope, bestOffset)}, mean squared error ${bestLoss.toFixed(4)}`)
console.log(`made from     ${line(2, 1)}, and noise: 100 such points tell the slope to about ± 0.35`)

const xTest = [[0], [0.5], [1]]
const predictions = await model.predict(xTest)
console.log('predictions for 0, 0.5 and 1:', await predictions.toArray())
