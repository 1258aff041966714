// What fit does, step by step: the whole training of a linear model without it.
//
//   npx tsx examples/training-steps.ts
import assert from 'node:assert/strict'
import { compile, grad, random, setRandomSeed, type Tensor, Variable, valueAndGrad, zeros } from 'typegrad'

setRandomSeed(42)

// 1. Data: 100 points around y = 2x + 1.
const raw = random.uniform([100, 1])
const y = raw
  .mul(2)
  .add(1)
  .add(random.normal([100, 1], { stddev: 0.1 }))

// 2. Preprocessing: mean 0 and standard deviation 1, so that one learning rate suits every feature.
const mean = raw.mean(0)
const spread = raw.std(0)
const x = raw.sub(mean).div(spread)

// 3. Initialisation: a small random slope, no offset.
const w = new Variable(random.normal([1, 1], { stddev: 0.1 }), { name: 'w' })
const b = new Variable(zeros([1]), { name: 'b' })

// 4. Forward: ŷ = xW + b. 5. Loss: L = 1/n Σ (ŷ − y)².
type Parameters = { readonly weight: Tensor<[1, 1]>; readonly bias: Tensor<[1]> }
const forward = ({ weight, bias }: Parameters) => x.matmul(weight).add(bias) // (100, 1)
const loss = (parameters: Parameters) => forward(parameters).sub(y).square().mean()

// 6. Back-propagation. By hand: dL/dW = 2/n xᵀ(ŷ − y) and dL/db = 2/n Σ(ŷ − y).
const start = { weight: w.value, bias: b.value }
const computed = grad(loss)(start)
const error = forward(start).sub(y)
const byHand = {
  weight: x
    .transpose()
    .matmul(error)
    .mul(2 / 100),
  bias: error.sum(0).mul(2 / 100),
}
for (const name of ['weight', 'bias'] as const) {
  const [actual, expected] = [await computed[name].item(), await byHand[name].item()]
  assert.ok(Math.abs(actual - expected) < 1e-6, `dL/d${name}: computed ${actual}, by hand ${expected}`)
  console.log(`dL/d${name}: ${actual.toFixed(6)} computed, ${expected.toFixed(6)} by hand`)
}

// 7. Update: W ← W − η dL/dW, b ← b − η dL/db. All of a step is one compiled model.
const learningRate = 0.1
const step = compile(() => {
  const { value, grads } = valueAndGrad(() => loss({ weight: w.value, bias: b.value }), [w, b])
  const [dw, db] = grads
  w.assign(w.value.sub(dw.mul(learningRate)))
  b.assign(b.value.sub(db.mul(learningRate)))
  return value
})

// 8. Iterate until the loss stops falling.
let before = Number.POSITIVE_INFINITY
for (let iteration = 1; ; iteration++) {
  const now = await (await step()).item()
  if (iteration % 10 === 1) console.log(`iteration ${iteration}: loss ${now.toFixed(5)}`)
  if (before - now < 1e-7) {
    console.log(`stopped after ${iteration} iterations: loss ${now.toFixed(5)}`)
    break
  }
  before = now
}

// Back to the units of the data: y = W (x − mean) / spread + b.
const slope = (await w.value.item()) / (await spread.item())
const offset = (await b.value.item()) - slope * (await mean.item())
console.log(`learned y = ${slope.toFixed(2)} x + ${offset.toFixed(2)}; the points came from y = 2 x + 1`)
