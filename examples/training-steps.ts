// What fit does, step by step: the whole training of a linear model without it.
//
//   npx tsx examples/training-steps.ts
import assert from 'node:assert/strict'
import { compile, grad, matmul, random, setRandomSeed, type Tensor, Variable, valueAndGrad, zeros } from 'typegrad'

setRandomSeed(42)

// 1. Data: 100 points around y = 2x + 1.
const raw = random.uniform([100, 1])
const y = raw.mul(2).add(1).add(random.normal([100, 1], { stddev: 0.1 }))

// 2. Preprocessing: mean 0 and standard deviation 1, so that one learning rate suits every feature.
const mean = raw.mean(0)
const spread = raw.std(0)
const x = raw.sub(mean).div(spread)

// 3. Initialisation: a small random slope, no offset.
const w = new Variable(random.normal([1, 1], { stddev: 0.1 }), { name: 'w' })
const b = new Variable(zeros([1]), { name: 'b' })

// 4. Forward: ŷ = xW + b. 5. Loss: L = 1/n Σ (ŷ − y)².
const forward = (weight: Tensor, bias: Tensor): Tensor => matmul(x as Tensor, weight).add(bias)
const loss = ({ weight, bias }: { weight: Tensor; bias: Tensor }): Tensor => forward(weight, bias).sub(y).square().mean()

// 6. Back-propagation. By hand: dL/dW = 2/n xᵀ(ŷ − y) and dL/db = 2/n Σ(ŷ − y).
const start = { weight: w.value as Tensor, bias: b.value as Tensor }
const computed = grad(loss)(start)
const error = forward(start.weight, start.bias).sub(y)
const byHand = {
  weight: matmul((x as Tensor).transpose(), error).mul(2 / 100),
  bias: error.sum(0).mul(2 / 100),
}
for (const name of ['weight', 'bias'] as const) {
  const [a, e] = [await computed[name].data(), await byHand[name].data()]
  assert.ok(Math.abs(Number(a[0]) - Number(e[0])) < 1e-6, `dL/d${name}: ${a[0]} is not ${e[0]}`)
  console.log(`dL/d${name}: ${a[0]} computed, ${e[0]} by hand`)
}

// 7. Update: W ← W − η dL/dW, b ← b − η dL/db; all of a step is one compiled model.
const learningRate = 0.1
const step = compile(() => {
  const { value, grads } = valueAndGrad(() => loss({ weight: w.value as Tensor, bias: b.value as Tensor }), [w, b])
  for (const [i, variable] of [w, b].entries()) {
    variable.assign((variable.value as Tensor).sub((grads[i] as Tensor).mul(learningRate)))
  }
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
