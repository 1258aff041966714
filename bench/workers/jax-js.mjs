// The workloads in jax-js on its WebAssembly backend: one jit for loss, gradients and Adam. Arrays are counted:
// a function uses up its arguments, and `.ref` keeps one for another use.
import { readFileSync } from 'node:fs'
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import { Absent, batchesOf, firstFive, serve } from './wire.mjs'

await init('wasm')
defaultDevice('wasm')

const toArray = ({ data, shape }) => np.array(data).reshape(shape)

const dense = (p, name, x) => np.dot(x, p[`${name}/kernel`]).add(p[`${name}/bias`])

/** 2×2: (N, C, H, W) with whole windows → (N, C, H/2, W/2). */
function maxPool(x) {
  const [n, c, h, w] = x.shape
  const [rows, columns] = [Math.floor(h / 2), Math.floor(w / 2)]
  const cut = h % 2 || w % 2 ? x.slice([], [], [0, rows * 2], [0, columns * 2]) : x
  return np.max(cut.reshape([n, c, rows, 2, columns, 2]), [3, 5])
}
const conv = (p, name, x) =>
  lax.conv(x, p[`${name}/kernel`], [1, 1], 'VALID').add(p[`${name}/bias`].reshape([1, -1, 1, 1]))

const models = {
  mlp: (p, x) => dense(p, 'dense2', nn.relu(dense(p, 'dense1', nn.relu(dense(p, 'dense0', x))))),
  convnet: (p, x) => {
    const first = maxPool(nn.relu(conv(p, 'conv0', x)))
    const second = maxPool(nn.relu(conv(p, 'conv1', first)))
    const flat = second.transpose([0, 2, 3, 1]).reshape([second.shape[0], -1])
    return dense(p, 'dense1', nn.relu(dense(p, 'dense0', flat)))
  },
}

/** Convolutions take channels first. */
function prepared(name, tensor) {
  const array = toArray(tensor)
  return tensor.shape.length === 4 ? array.transpose(name === 'x' ? [0, 3, 1, 2] : [3, 2, 0, 1]) : array
}

function parametersOf(kind, weights) {
  if (models[kind] === undefined)
    throw new Absent('no program for it: the library has neither layers nor loops in a graph')
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, prepared(name, tensor)]))
}

const each = (tree, f) => Object.fromEntries(Object.keys(tree).map((name) => [name, f(name)]))
const kept = (tree) => each(tree, (name) => tree[name].ref)

/** Kingma and Ba 2014, for all parameters; `correction` is what the biases of the moments make of the rate. */
const adam = (g, p, m, v, correction) => {
  const first = m.mul(0.9).add(g.ref.mul(0.1))
  const second = v.mul(0.999).add(np.square(g).mul(0.001))
  const next = p.sub(first.ref.mul(correction).div(np.sqrt(second.ref).add(1e-10)))
  return [next, first, second]
}

function train({ kind }, weights, data) {
  let p = parametersOf(kind, weights)
  let m = each(p, (name) => np.zeros(weights[name].shape.length === 4 ? p[name].shape : weights[name].shape))
  let v = each(p, (name) => np.zeros(p[name].shape))
  const x = batchesOf(data.x).map((batch) => prepared('x', batch))
  const y = batchesOf(data.y).map((batch) => nn.oneHot(np.array(batch.data), 10))
  const lossOf = (parameters, inputs, labels) =>
    np.mean(np.sum(nn.logSoftmax(models[kind](parameters, inputs)).mul(labels), -1)).mul(-1)
  const step = jit((parameters, first, second, inputs, labels, correction) => {
    const [loss, grads] = valueAndGrad(lossOf)(kept(parameters), inputs, labels)
    const names = Object.keys(parameters)
    const updates = names.map((name) =>
      adam(grads[name], parameters[name], first[name], second[name], correction.ref),
    )
    correction.dispose()
    const part = (i) => Object.fromEntries(names.map((name, k) => [name, updates[k][i]]))
    return [loss, part(0), part(1), part(2)]
  })
  let t = 0
  const run = async () => {
    const i = t++ % x.length
    const correction = np.array([(1e-3 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t)]).reshape([])
    const [loss, ...next] = step(p, m, v, x[i].ref, y[i].ref, correction)
    ;[p, m, v] = next
    return (await loss.data())[0]
  }
  return { run, losses: () => firstFive(run) }
}

function predict({ kind }, weights, data) {
  const p = parametersOf(kind, weights)
  const call = jit((parameters, x) => models[kind](parameters, x))
  const x = batchesOf(data.x)
  let next = 0
  const run = () => call(kept(p), prepared('x', x[next++ % x.length])).data()
  return { run, losses: async () => (await run()).subarray(0, 5) }
}

function matmul(_, __, data) {
  const [a, b] = [toArray(data.a), toArray(data.b)]
  const product = jit((l, r) => np.matmul(l, r))
  const run = () => product(a.ref, b.ref).data()
  return { run, losses: async () => (await run()).subarray(0, 5) }
}

function oneWeight(_, __, data) {
  const [x, y] = [toArray(data.x), toArray(data.y)]
  let w = np.zeros([1, 1])
  const step = jit((weight, inputs, labels) => {
    const [loss, grad] = valueAndGrad((k, a, b) => np.mean(np.square(np.matmul(a, k).sub(b))))(
      weight.ref,
      inputs,
      labels,
    )
    return [loss, weight.sub(grad.mul(0.1))]
  })
  const run = async () => {
    const [loss, next] = step(w, x.ref, y.ref)
    w = next
    return (await loss.data())[0]
  }
  return { run, losses: () => firstFive(run) }
}

const special = { matmul, 'one-weight': oneWeight }
const modes = { step: train, predict }
const { version } = JSON.parse(
  readFileSync(new URL('./node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'),
)

await serve(version, async (workload, weights, data) => {
  const setup = special[workload.kind] ?? modes[workload.mode]
  if (setup === undefined || ['save', 'load', 'pipeline'].includes(workload.kind))
    throw new Absent('no program for it: the library has neither fit nor data sets nor files')
  return setup(workload, weights, data)
})
