import { expect, test } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import type { Node } from '../graph/node.ts'
import {
  createEngine,
  defaultEngine,
  grad,
  layers,
  ops,
  sequential,
  setEngine,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../index.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { type KernelKind, type KernelSupport, noKernels } from '../kernel/support.ts'
import { lowerWithKernels } from '../lowering/lower.ts'
import { optimize } from '../passes/optimize.ts'
import { expectClose } from '../testing/closeness.ts'
import { valuesOn } from '../testing/values-on.ts'
import { leavesOf } from './program.ts'

const engine = await createEngine()

const waves = (shape: readonly number[], phase: number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.7 + phase)),
    { shape },
  )

/** What an engine says that has kernels of one kind alone. */
const only = (kind: KernelKind): KernelSupport => ({
  supports: (asked, request) => asked === kind && engine.kernelSupport.supports(asked, request),
})

/** A value, and the gradients of the sum of its squares. */
function withGradients<T extends readonly Tensor[]>(of: (...inputs: T) => Tensor, ...inputs: T): Node[] {
  // A gradient's function has as many inputs as it is given.
  const loss = (all: readonly Tensor[]) =>
    of(...(all as T))
      .square()
      .sum()
  return [of(...inputs), ...grad(loss)(inputs)].map(({ node }) => node)
}

const images = waves([4, 16, 16, 16], 1)

/** Graphs that ask for kernels of every kind: convolutions by all methods, products, poolings, loops, sums, copies. */
const graphs: Readonly<Record<string, () => Node[]>> = {
  dense: () =>
    withGradients(
      (x: Tensor, w: Tensor, b: Tensor) => ops.relu(ops.matmul(x, w).add(b)).tanh(),
      waves([640, 256], 2),
      waves([256, 96], 3),
      waves([96], 4),
    ),
  'few rows': () => [
    ...withGradients(
      (x: Tensor, w: Tensor, b: Tensor) => ops.matmul(x, w).add(b),
      waves([1, 3, 256], 2),
      waves([256, 1032], 3),
      waves([1032], 4),
    ),
    ops.matmul(waves([2, 256], 5), waves([1031, 256], 6).transpose()).node,
  ],
  'a batch of products': () =>
    withGradients((a: Tensor, b: Tensor) => ops.matmul(a, b), waves([3, 96, 64], 5), waves([3, 64, 96], 6)),
  convolution: () => withGradients((x: Tensor, k: Tensor) => ops.conv(x, k), images, waves([3, 3, 16, 8], 7)),
  'a dilated convolution': () =>
    withGradients((x: Tensor, k: Tensor) => ops.conv(x, k, { dilation: 2 }), images, waves([3, 3, 16, 8], 7)),
  'a strided convolution': () =>
    withGradients(
      (x: Tensor, k: Tensor) => ops.conv(x, k, { strides: 2, padding: 'same' }),
      images,
      waves([5, 5, 16, 6], 7),
    ),
  'a convolution in groups': () =>
    withGradients((x: Tensor, k: Tensor) => ops.conv(x, k, { groups: 2 }), images, waves([3, 3, 8, 16], 7)),
  'a convolution by channels': () =>
    withGradients((x: Tensor, k: Tensor) => ops.conv(x, k, { groups: 16 }), images, waves([3, 3, 1, 16], 7)),
  'a convolution of sequences': () =>
    withGradients((x: Tensor, k: Tensor) => ops.conv(x, k), waves([4, 64, 8], 8), waves([5, 8, 8], 9)),
  'a convolution of volumes': () =>
    withGradients(
      (x: Tensor, k: Tensor) => ops.conv(x, k),
      waves([1, 6, 9, 9, 8], 8),
      waves([2, 3, 3, 8, 8], 9),
    ),
  poolings: () => [
    ...withGradients((x: Tensor) => ops.maxPool(x, { poolSize: 2 }), images),
    ...withGradients((x: Tensor) => ops.maxPool(x, { poolSize: 3, strides: 1, padding: 'same' }), images),
    ...withGradients((x: Tensor) => ops.averagePool(x, { poolSize: 3, strides: 2 }), images),
  ],
  'a loop': () => {
    // Small, so that what is rounded otherwise does not grow from step to step.
    const recurrent = waves([32, 32], 3).mul(0.1)
    const { carries } = ops.scan({
      initial: [waves([8, 32], 1)],
      sequences: [waves([20, 8, 32], 2)],
      step: ([h], [x]) => ({
        carries: [ops.matmul(h, recurrent).add(x).tanh()],
        outputs: [],
      }),
    })
    return carries.map(({ node }) => node)
  },
  'rows that are looked up': () =>
    withGradients(
      (table: Tensor) => ops.gather(table, tensor([3, 1, 3, 0], { dtype: 'int32' })),
      waves([9, 64], 4),
    ),
  'pixels at places within an image': () => {
    const places = ops.cast(ops.clip(waves([4, 1100], 3).mul(30), { min: 0, max: 39 }), 'int32')
    return withGradients((table: Tensor) => ops.gather(table, places), waves([40, 3], 4))
  },
  'sums and views': () => {
    const x = waves([512, 4, 32], 5)
    return [
      x.sum(0),
      x.sum(),
      x.square().sum(),
      x.transpose([2, 1, 0]),
      x.slice([1, 0, 1], [400, 3, 30]),
    ].map(({ node }) => node)
  },
}

/** The kernels that each kind of question is about. */
const kernelsOf: { readonly [K in KernelKind]: readonly Kernel['kind'][] } = {
  elementwise: ['elementwise'],
  copy: ['elementwise'],
  product: ['packPanels', 'product'],
  loopProduct: ['panelProduct'],
  thinProduct: ['thinProduct'],
  convolution: [
    'channelWindows',
    'patches',
    'sumPatches',
    'winogradConv',
    'winogradGradient',
    'winogradGradientSum',
    'winogradWeights',
  ],
  pooling: ['channelWindows', 'maxPoolGradient'],
  gatherRows: ['gatherRows'],
  scatterAdd: ['scatterAdd'],
  sumRows: ['sumRows'],
}

/** Nodes of each graph, and their values by the runtime's own operators. */
const plain: { readonly name: string; readonly nodes: Node[]; readonly expected: Float32Array[] }[] = []
for (const [name, graph] of Object.entries(graphs)) {
  const nodes = graph()
  plain.push({ name, nodes, expected: await valuesOn(engine, optimize(nodes)) })
}

test.skipIf(engine.kernelSupport === noKernels).each(Object.keys(kernelsOf) as KernelKind[])(
  'an engine whose only kernels are of the kind %s gets these, and computes the same',
  async (kind) => {
    const support = only(kind)
    const used = new Set<Kernel['kind']>()
    for (const { name, nodes, expected } of plain) {
      const outputs = optimize(nodes, support)
      const { kernels } = lowerWithKernels({ inputs: leavesOf(outputs), outputs, kernelSupport: support })
      for (const kernel of kernels.values()) used.add(kernel.kind)
      const received = await valuesOn(engine, outputs, support)
      expected.forEach((values, i) => {
        expectClose(received[i] as Float32Array, values, { scaled: 2e-5 }, `${name}: result ${i}`)
      })
    }
    expect([...used].sort()).toEqual([...kernelsOf[kind]].sort())
  },
)

test('an engine of its own with elementwise kernels alone trains a model', async () => {
  const kinds = new Set<Kernel['kind']>()
  const own: Engine = {
    name: 'elementwise',
    language: engine.language,
    device: engine.device,
    kernelSupport: only('elementwise'),
    allocate: (dtype, shape) => engine.allocate(dtype, shape),
    upload: (data, dtype, shape) => engine.upload(data, dtype, shape),
    write: (storage, data) => engine.write(storage, data),
    read: (storage) => engine.read(storage),
    load(model, known) {
      for (const { kind } of known?.kernels?.values() ?? []) kinds.add(kind)
      return engine.load(model, known)
    },
  }
  const trained = async (on: Engine): Promise<number> => {
    setEngine(on)
    setRandomSeed(3)
    const model = sequential([
      layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [16, 16, 16] }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 4, activation: 'tanh' }),
    ])
    model.compile({ optimizer: 'adam', loss: 'mse' })
    const { history } = await model.fit(waves([32, 16, 16, 16], 1), waves([32, 4], 2), {
      epochs: 3,
      batchSize: 16,
      shuffle: false,
      verbose: 0,
    })
    return history.loss?.at(-1) as number
  }
  const loss = await trained(own)
  setEngine(engine)
  expect([...kinds]).toEqual(engine.kernelSupport === noKernels ? [] : ['elementwise'])
  expectClose([loss], [await trained(await createEngine({ kernels: false }))], { relative: 1e-4 })
  setEngine(await defaultEngine())
})
