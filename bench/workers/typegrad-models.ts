// The workloads' models, as a user of typegrad writes them. Names of layers are those of the weights' file.
import {
  input,
  Layer,
  type LayerOptions,
  layers,
  type Model,
  model,
  ops,
  type SymbolicShape,
  type SymbolicTensor,
  sequential,
  type Tensor,
  tensor,
  type Variable,
} from 'typegrad'
import type { SafetensorsEntry } from 'typegrad/formats'
import type { Workload } from '../workloads/index.ts'
import { resnetStages } from '../workloads/resnet.ts'
import { windowKinds } from '../workloads/windows.ts'
import { named, type Tensors } from './tensors.ts'

type Params = Readonly<Record<string, number>>

/** Adds a vector that is learned for each position: (batch, steps, width) → the same. */
class Positions extends Layer {
  readonly className = 'Positions'
  #embeddings!: Variable

  override build([, steps, width]: SymbolicShape): void {
    this.#embeddings = this.addWeight({ name: 'embeddings', shape: [steps as number, width as number] })
  }

  call(x: Tensor): Tensor {
    return x.add(this.#embeddings.value)
  }
}

/** The first step of a sequence: (batch, steps, width) → (batch, width). */
class First extends Layer {
  readonly className = 'First'

  call(x: Tensor): Tensor {
    return ops.at(x, 0, 1)
  }
}

const positions = (options: LayerOptions): Layer => new Positions(options)

const mlp = (): Model =>
  sequential([
    layers.dense({ units: 256, activation: 'relu', inputShape: [784], name: 'dense0' }),
    layers.dense({ units: 128, activation: 'relu', name: 'dense1' }),
    layers.dense({ units: 10, name: 'dense2' }),
  ])

const convnet = (): Model =>
  sequential([
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1], name: 'conv0' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu', name: 'conv1' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 128, activation: 'relu', name: 'dense0' }),
    layers.dense({ units: 10, name: 'dense1' }),
  ])

/** He et al. 2015 as it is used for small images: a 3×3 stem and no pooling before the blocks. */
function resnet18(): Model {
  const normalized = (name: string, x: SymbolicTensor): SymbolicTensor =>
    layers.batchNormalization({ epsilon: 1e-5, name }).apply(x)
  // One row and column of zeros on each side, as the paper has it; 'same' with a stride would pad on one side.
  const conv3 = (name: string, x: SymbolicTensor, filters: number, strides: number): SymbolicTensor =>
    strides === 1
      ? layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false, name }).apply(x)
      : layers
          .conv2d({ filters, kernelSize: 3, strides, useBias: false, name })
          .apply(layers.zeroPadding2d({ padding: 1 }).apply(x))
  const relu = (x: SymbolicTensor): SymbolicTensor => layers.activation({ activation: 'relu' }).apply(x)

  const images = input({ shape: [32, 32, 3] })
  let x = relu(normalized('stem_norm', conv3('stem', images, 64, 1)))
  let inputs = 64
  for (const [i, [filters, strides]] of resnetStages.entries()) {
    let y = relu(normalized(`block${i}_norm0`, conv3(`block${i}_conv0`, x, filters, strides)))
    y = normalized(`block${i}_norm1`, conv3(`block${i}_conv1`, y, filters, 1))
    if (strides !== 1 || inputs !== filters) {
      const short = layers.conv2d({
        filters,
        kernelSize: 1,
        strides,
        useBias: false,
        name: `block${i}_short`,
      })
      x = normalized(`block${i}_short_norm`, short.apply(x))
    }
    x = relu(layers.add().apply([x, y]))
    inputs = filters
  }
  const pooled = layers.globalAveragePooling2d().apply(x)
  return model({ inputs: images, outputs: layers.dense({ units: 10, name: 'classes' }).apply(pooled) })
}

const recurrent =
  (kind: 'lstm' | 'gru') =>
  ({ vocabulary, features, units, steps }: Params): Model =>
    sequential([
      layers.embedding({
        inputDim: vocabulary as number,
        outputDim: features as number,
        inputShape: [steps as number],
        name: 'embedding',
      }),
      kind === 'lstm'
        ? layers.lstm({ units: units as number, name: kind })
        : layers.gru({ units: units as number, name: kind }),
      layers.dense({ units: 2, name: 'classes' }),
    ])

const recommender = ({ rows, features, fields }: Params): Model =>
  sequential([
    layers.embedding({
      inputDim: rows as number,
      outputDim: features as number,
      inputShape: [fields as number],
      name: 'embedding',
    }),
    layers.flatten(),
    layers.dense({ units: 128, activation: 'relu', name: 'dense0' }),
    layers.dense({ units: 64, activation: 'relu', name: 'dense1' }),
    layers.dense({ units: 1, name: 'dense2' }),
  ])

function gpt({ blocks, heads, width, vocabulary, steps }: Params): Model {
  const [w, h] = [width as number, heads as number]
  const norm = (name: string, x: SymbolicTensor): SymbolicTensor =>
    layers.layerNormalization({ epsilon: 1e-5, center: false, name }).apply(x)
  const tokens = layers.reversibleEmbedding({ inputDim: vocabulary as number, outputDim: w, name: 'tokens' })
  const ids = input({ shape: [steps as number], dtype: 'int32' })
  let x = positions({ name: 'positions' }).apply(tokens.apply(ids))
  for (let i = 0; i < (blocks as number); i++) {
    const a = norm(`block${i}_norm0`, x)
    const attention = layers.multiHeadAttention({
      numHeads: h,
      keyDim: w / h,
      useBias: false,
      useCausalMask: true,
      name: `block${i}_attention`,
    })
    x = layers.add().apply([x, attention.apply([a, a])])
    const inner = layers.dense({ units: 4 * w, useBias: false, activation: 'gelu', name: `block${i}_dense0` })
    const outer = layers.dense({ units: w, useBias: false, name: `block${i}_dense1` })
    x = layers.add().apply([x, outer.apply(inner.apply(norm(`block${i}_norm1`, x)))])
  }
  return model({ inputs: ids, outputs: tokens.apply(norm('norm', x)) })
}

function bert({ blocks, heads, width, vocabulary, steps, classes }: Params): Model {
  const [w, h] = [width as number, heads as number]
  const norm = (name: string, x: SymbolicTensor): SymbolicTensor =>
    layers.layerNormalization({ epsilon: 1e-12, name }).apply(x)
  const ids = input({ shape: [steps as number], dtype: 'int32', name: 'input_ids' })
  const tokens = layers.embedding({ inputDim: vocabulary as number, outputDim: w, name: 'tokens' })
  let x = norm('norm', positions({ name: 'positions' }).apply(tokens.apply(ids)))
  for (let i = 0; i < (blocks as number); i++) {
    const attention = layers.multiHeadAttention({ numHeads: h, keyDim: w / h, name: `block${i}_attention` })
    x = norm(`block${i}_norm0`, layers.add().apply([x, attention.apply([x, x])]))
    const inner = layers.dense({ units: 4 * w, activation: 'gelu', name: `block${i}_dense0` })
    const outer = layers.dense({ units: w, name: `block${i}_dense1` })
    x = norm(`block${i}_norm1`, layers.add().apply([x, outer.apply(inner.apply(x))]))
  }
  const first = new First({ name: 'first' }).apply(x)
  const pooled = layers.dense({ units: w, activation: 'tanh', name: 'pooler' }).apply(first)
  return model({
    inputs: ids,
    outputs: layers.dense({ units: classes as number, name: 'classes' }).apply(pooled),
  })
}

const stack = ({ width, depth }: Params): Model =>
  sequential(
    Array.from({ length: depth as number }, (_, i) =>
      layers.dense({
        units: width as number,
        activation: 'relu',
        name: `dense${i}`,
        ...(i === 0 ? { inputShape: [width as number] } : {}),
      }),
    ),
  )

/** A layer that slides a window over its input, behind a dense layer. */
function window(params: Params): Model {
  const { code, rank, length, inputs, filters, window, strides, dilation, groups } = params as Record<
    string,
    number
  >
  const kind = windowKinds[code as number] as (typeof windowKinds)[number]
  const pool = { poolSize: window as number, strides: strides as number }
  const options = {
    kernelSize: window as number,
    strides: strides as number,
    dilationRate: dilation as number,
    name: 'window',
  }
  const conv = { ...options, filters: filters as number }
  const makers = {
    conv: [layers.conv1d, layers.conv2d, layers.conv3d].map(
      (make) => () => make({ ...conv, groups: groups as number }),
    ),
    transposed: [layers.conv1dTranspose, layers.conv2dTranspose].map((make) => () => make(conv)),
    depthwise: [layers.depthwiseConv1d, layers.depthwiseConv2d].map((make) => () => make(options)),
    separable: [layers.separableConv1d, layers.separableConv2d].map((make) => () => make(conv)),
    maxPool: [layers.maxPooling1d, layers.maxPooling2d].map((make) => () => make(pool)),
    averagePool: [layers.averagePooling1d, layers.averagePooling2d].map((make) => () => make(pool)),
  } satisfies Record<(typeof windowKinds)[number], readonly (() => Layer)[]>
  const make = makers[kind][(rank as number) - 1]
  if (make === undefined) throw new Error(`no ${kind} over ${rank} dimensions`)
  const shape = [...new Array<number>(rank as number).fill(length as number), inputs as number]
  const x = input({ shape })
  return model({
    inputs: x,
    outputs: make().apply(layers.dense({ units: inputs as number, name: 'dense0' }).apply(x)),
  })
}

/** The models by the kind of the workload. */
const models: Readonly<Record<string, (params: Params) => Model>> = {
  mlp,
  convnet,
  resnet18,
  lstm: recurrent('lstm'),
  gru: recurrent('gru'),
  recommender,
  gpt,
  bert,
  encoder: bert,
  stack,
  window,
  save: ({ width, layers: depth }) => stack({ width: width as number, depth: depth as number }),
  load: ({ width, layers: depth }) => stack({ width: width as number, depth: depth as number }),
}

export const toTensor = ({ data, shape, dtype }: SafetensorsEntry): Tensor => tensor(data, { shape, dtype })

/** The model with the weights of the file. */
export function buildModel({ kind, params }: Workload, weights: Tensors): Model {
  const make = models[kind]
  if (make === undefined) throw new Error(`no model '${kind}'`)
  const model = make(params)
  for (const weight of model.trainableWeights) {
    const name = weight.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    weight.assign(toTensor(named(weights, name)))
  }
  return model
}
