// What is measured. A workload is data: every peer's worker makes the same model of it, from the same weights.

/** A tensor that is made before anything is measured, by a seed, and that all peers load. */
export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly fill: /** Evenly from −limit to limit. */
    | { readonly kind: 'uniform'; readonly limit: number }
    | { readonly kind: 'constant'; readonly value: number }
    /** Whole numbers from 0 to below − 1: int32. */
    | { readonly kind: 'integers'; readonly below: number }
    /** The first digits of MNIST: pixels from 0 to 1, or classes. */
    | { readonly kind: 'digits' | 'digit-labels' }
    /** Pixels as they are stored: uint8. */
    | { readonly kind: 'digit-bytes' }
}

export interface Workload {
  readonly id: string
  /** What the table calls it. */
  readonly title: string
  readonly section: 'machine' | 'training' | 'prediction' | 'data' | 'programs'
  /** What workers look up: the model, and what is done with it. */
  readonly kind: string
  readonly mode: 'step' | 'epoch' | 'predict'
  readonly params: Readonly<Record<string, number>>
  readonly weights: readonly TensorSpec[]
  readonly data: readonly TensorSpec[]
  /** Floating-point operations of one run, where products make up most of it. */
  readonly flops?: number
  /** Runs that one time is the mean of: more than one for what is too short for a clock. */
  readonly repeat: number
  /** Times that are taken in one round. */
  readonly perRound: number
  readonly rounds: number
  /** Runs before anything counts. */
  readonly warmUp: number
  /** Samples in one run, where the table gives samples a second. */
  readonly samples?: number
  /** Whether peers are tried with one thread, too: where a step is so short that a second one may only cost. */
  readonly tryOneThread: boolean
  /** Bytes that each peer may need at most: whoever has less runs them one after another. */
  readonly memory: number
  /** ours / best peer that issue and README aim at. */
  readonly target?: number
}

type Weights = readonly TensorSpec[]

/** A kernel with the limits of Glorot's uniform initializer. */
const kernel = (name: string, shape: readonly number[], fanIn: number, fanOut: number): TensorSpec => ({
  name,
  shape,
  fill: { kind: 'uniform', limit: Math.sqrt(6 / (fanIn + fanOut)) },
})
const constant = (name: string, shape: readonly number[], value: number): TensorSpec => ({
  name,
  shape,
  fill: { kind: 'constant', value },
})
const small = (name: string, shape: readonly number[]): TensorSpec => ({
  name,
  shape,
  fill: { kind: 'uniform', limit: 0.02 * Math.sqrt(3) },
})

const dense = (name: string, inputs: number, units: number): Weights => [
  kernel(`${name}/kernel`, [inputs, units], inputs, units),
  constant(`${name}/bias`, [units], 0),
]
const conv = (name: string, size: number, inputs: number, filters: number, bias = true): Weights => [
  kernel(`${name}/kernel`, [size, size, inputs, filters], size * size * inputs, size * size * filters),
  ...(bias ? [constant(`${name}/bias`, [filters], 0)] : []),
]
const norm = (name: string, features: number, center = true): Weights => [
  constant(`${name}/gamma`, [features], 1),
  ...(center ? [constant(`${name}/beta`, [features], 0)] : []),
]
const attention = (name: string, width: number, heads: number, bias: boolean): Weights => [
  ...['query', 'key', 'value'].flatMap((part) => [
    small(`${name}/${part}/kernel`, [width, heads, width / heads]),
    ...(bias ? [constant(`${name}/${part}/bias`, [heads, width / heads], 0)] : []),
  ]),
  small(`${name}/attention_output/kernel`, [heads, width / heads, width]),
  ...(bias ? [constant(`${name}/attention_output/bias`, [width], 0)] : []),
]

const mlpWeights: Weights = [
  ...dense('dense0', 784, 256),
  ...dense('dense1', 256, 128),
  ...dense('dense2', 128, 10),
]
const convnetWeights: Weights = [
  ...conv('conv0', 3, 1, 32),
  ...conv('conv1', 3, 32, 64),
  ...dense('dense0', 1600, 128),
  ...dense('dense1', 128, 10),
]

/** Forward pass of two products and the backward pass of twice as many. */
const training = (multiplications: number): number => 6 * multiplications

const mlpProducts = 784 * 256 + 256 * 128 + 128 * 10
const convnetProducts = 26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 1600 * 128 + 128 * 10

const digits = (batches: number, batch: number, flat: boolean): readonly TensorSpec[] => [
  { name: 'x', shape: [batches, batch, ...(flat ? [784] : [28, 28, 1])], fill: { kind: 'digits' } },
  { name: 'y', shape: [batches, batch], fill: { kind: 'digit-labels' } },
]

const step = {
  section: 'training',
  mode: 'step',
  repeat: 1,
  perRound: 10,
  rounds: 10,
  warmUp: 10,
  tryOneThread: true,
  memory: 1e9,
} as const

export const resnetStages: readonly (readonly [filters: number, stride: number])[] = [
  [64, 1],
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
]

function resnet(): { readonly weights: Weights; readonly products: number } {
  const weights: TensorSpec[] = [...conv('stem', 3, 3, 64, false), ...norm('stem_norm', 64)]
  let [size, inputs] = [32, 64]
  let products = size ** 2 * 9 * 3 * 64
  resnetStages.forEach(([filters, stride], i) => {
    size /= stride
    weights.push(...conv(`block${i}_conv0`, 3, inputs, filters, false), ...norm(`block${i}_norm0`, filters))
    weights.push(...conv(`block${i}_conv1`, 3, filters, filters, false), ...norm(`block${i}_norm1`, filters))
    products += size ** 2 * 9 * (inputs + filters) * filters
    if (stride !== 1 || inputs !== filters) {
      weights.push(
        ...conv(`block${i}_short`, 1, inputs, filters, false),
        ...norm(`block${i}_short_norm`, filters),
      )
      products += size ** 2 * inputs * filters
    }
    inputs = filters
  })
  weights.push(...dense('classes', 512, 10))
  return { weights, products }
}

const text = (batches: number, batch: number, steps: number, below: number): readonly TensorSpec[] => [
  { name: 'x', shape: [batches, batch, steps], fill: { kind: 'integers', below } },
]

function recurrent(kind: 'lstm' | 'gru'): Workload {
  const [vocabulary, features, units, batch, steps] = [5000, 64, 128, 32, 200]
  const gates = kind === 'lstm' ? 4 : 3
  return {
    ...step,
    id: kind,
    title: `${kind.toUpperCase()} (${units} units, embedding of ${features}), batch ${batch} × ${steps} steps`,
    kind,
    params: { vocabulary, features, units, batch, steps },
    weights: [
      { name: 'embedding/embeddings', shape: [vocabulary, features], fill: { kind: 'uniform', limit: 0.05 } },
      kernel(`${kind}/kernel`, [features, gates * units], features, gates * units),
      kernel(`${kind}/recurrent_kernel`, [units, gates * units], units, units),
      kind === 'lstm'
        ? constant(`${kind}/bias`, [gates * units], 0)
        : constant(`${kind}/bias`, [2, gates * units], 0),
      ...dense('classes', units, 2),
    ],
    data: [
      ...text(8, batch, steps, vocabulary),
      { name: 'y', shape: [8, batch], fill: { kind: 'integers', below: 2 } },
    ],
    flops: training(batch * steps * gates * units * (features + units)),
    perRound: 4,
    rounds: 8,
    warmUp: 4,
    target: 0.8,
  }
}

/** A transformer: GPT (causal, norm first, no biases, tied head) or BERT (norm last, biases, head of its own). */
interface TransformerSizes {
  readonly blocks: number
  readonly heads: number
  readonly width: number
  readonly vocabulary: number
  readonly batch: number
  readonly steps: number
}

const transformerProducts = ({ blocks, width, batch, steps }: TransformerSizes): number =>
  blocks * batch * (12 * steps * width ** 2 + 2 * steps ** 2 * width)

function gpt(): Workload {
  const sizes = { blocks: 6, heads: 6, width: 384, vocabulary: 65, batch: 4, steps: 256 }
  const { blocks, heads, width, vocabulary, batch, steps } = sizes
  const weights: TensorSpec[] = [
    small('tokens/embeddings', [vocabulary, width]),
    small('positions/embeddings', [steps, width]),
  ]
  for (let i = 0; i < blocks; i++) {
    weights.push(
      ...norm(`block${i}_norm0`, width, false),
      ...attention(`block${i}_attention`, width, heads, false),
    )
    weights.push(...norm(`block${i}_norm1`, width, false))
    weights.push(
      small(`block${i}_dense0/kernel`, [width, 4 * width]),
      small(`block${i}_dense1/kernel`, [4 * width, width]),
    )
  }
  weights.push(...norm('norm', width, false))
  return {
    ...step,
    id: 'gpt',
    title: `GPT, 10.7 M parameters (6 × 384, 6 heads), batch ${batch} × ${steps} tokens, AdamW`,
    kind: 'gpt',
    params: sizes,
    weights,
    data: [
      ...text(4, batch, steps, vocabulary),
      { name: 'y', shape: [4, batch, steps], fill: { kind: 'integers', below: vocabulary } },
    ],
    flops: training(transformerProducts(sizes) + batch * steps * width * vocabulary),
    perRound: 2,
    rounds: 6,
    warmUp: 2,
    tryOneThread: false,
    memory: 2.5e9,
    target: 0.8,
  }
}

function bertWeights(
  { blocks, heads, width, vocabulary, steps }: TransformerSizes,
  classes: number,
): Weights {
  const weights: TensorSpec[] = [
    small('tokens/embeddings', [vocabulary, width]),
    small('positions/embeddings', [steps, width]),
    ...norm('norm', width),
  ]
  for (let i = 0; i < blocks; i++) {
    weights.push(...attention(`block${i}_attention`, width, heads, true), ...norm(`block${i}_norm0`, width))
    weights.push(
      small(`block${i}_dense0/kernel`, [width, 4 * width]),
      constant(`block${i}_dense0/bias`, [4 * width], 0),
    )
    weights.push(
      small(`block${i}_dense1/kernel`, [4 * width, width]),
      constant(`block${i}_dense1/bias`, [width], 0),
    )
    weights.push(...norm(`block${i}_norm1`, width))
  }
  weights.push(small('pooler/kernel', [width, width]), constant('pooler/bias', [width], 0))
  weights.push(small('classes/kernel', [width, classes]), constant('classes/bias', [classes], 0))
  return weights
}

function bert(): Workload {
  const sizes = { blocks: 12, heads: 12, width: 768, vocabulary: 30_522, batch: 4, steps: 128 }
  const { batch, steps, vocabulary } = sizes
  return {
    ...step,
    id: 'bert',
    title: `BERT-base (12 × 768, 109 M parameters) fine-tuning, batch ${batch} × ${steps} tokens, AdamW`,
    kind: 'bert',
    params: { ...sizes, classes: 2 },
    weights: bertWeights(sizes, 2),
    data: [
      ...text(2, batch, steps, vocabulary),
      { name: 'y', shape: [2, batch], fill: { kind: 'integers', below: 2 } },
    ],
    flops: training(transformerProducts(sizes)),
    perRound: 1,
    rounds: 4,
    warmUp: 1,
    tryOneThread: false,
    memory: 5e9,
    target: 0.8,
  }
}

function recommender(): Workload {
  const [rows, features, fields, batch] = [1_000_000, 64, 4, 4096]
  return {
    ...step,
    id: 'recommender',
    title: `recommender: 1 M × ${features} table, ${fields} fields, MLP 128-64-1, batch ${batch}, SGD`,
    kind: 'recommender',
    params: { rows, features, fields, batch },
    weights: [
      { name: 'embedding/embeddings', shape: [rows, features], fill: { kind: 'uniform', limit: 0.05 } },
      ...dense('dense0', fields * features, 128),
      ...dense('dense1', 128, 64),
      ...dense('dense2', 64, 1),
    ],
    data: [
      ...text(8, batch, fields, rows),
      { name: 'y', shape: [8, batch, 1], fill: { kind: 'integers', below: 2 } },
    ],
    perRound: 4,
    rounds: 8,
    warmUp: 4,
    memory: 1.5e9,
    target: 0.5,
  }
}

const encoderSizes = { blocks: 4, heads: 4, width: 256, vocabulary: 5000, batch: 1, steps: 64 }

function prediction(
  id: 'mlp' | 'convnet' | 'encoder',
  batch: number,
  weights: Weights,
  x: TensorSpec,
  params: Readonly<Record<string, number>> = {},
): Workload {
  const names = { mlp: 'MLP 784-256-128-10', convnet: 'convnet', encoder: 'encoder (4 × 256, 64 tokens)' }
  const short = batch === 1 && id !== 'encoder'
  return {
    ...step,
    section: 'prediction',
    id: `predict-${id}-${batch}`,
    title: `${names[id]}, ${batch === 1 ? 'latency of one sample' : `batch of ${batch}`}`,
    kind: id,
    mode: 'predict',
    params: { ...params, batch },
    weights,
    data: [x],
    repeat: short ? 50 : 1,
    perRound: 10,
    warmUp: short ? 200 : 10,
    samples: batch,
    target: 1,
  }
}

const predictions = [1, 256].flatMap((batch) => [
  prediction('mlp', batch, mlpWeights, { name: 'x', shape: [8, batch, 784], fill: { kind: 'digits' } }),
  prediction('convnet', batch, convnetWeights, {
    name: 'x',
    shape: [8, batch, 28, 28, 1],
    fill: { kind: 'digits' },
  }),
])
const encoders = [1, 64].map((batch) =>
  prediction(
    'encoder',
    batch,
    bertWeights({ ...encoderSizes, batch }, 10),
    { name: 'x', shape: [8, batch, 64], fill: { kind: 'integers', below: 5000 } },
    { ...encoderSizes, classes: 10 },
  ),
)

/** 500 MB of weights: as many dense layers of 16 MB. */
const storedLayers = 31
const stored: Weights = Array.from({ length: storedLayers }, (_, i) => dense(`dense${i}`, 2048, 2048)).flat()

const { weights: resnetWeights, products: resnetProducts } = resnet()

export const workloads: readonly Workload[] = [
  {
    ...step,
    id: 'matmul',
    title: 'plain product 1024³',
    section: 'machine',
    kind: 'matmul',
    params: { size: 1024 },
    weights: [],
    data: ['a', 'b'].map((name) => ({ name, shape: [1024, 1024], fill: { kind: 'uniform', limit: 1 } })),
    flops: 2 * 1024 ** 3,
    tryOneThread: false,
  },
  {
    ...step,
    id: 'one-weight',
    title: 'step of a 1-weight model',
    kind: 'one-weight',
    params: {},
    weights: [constant('w', [1, 1], 0)],
    data: [
      { name: 'x', shape: [32, 1], fill: { kind: 'uniform', limit: 1 } },
      { name: 'y', shape: [32, 1], fill: { kind: 'uniform', limit: 1 } },
    ],
    repeat: 200,
    warmUp: 400,
  },
  {
    ...step,
    id: 'mlp',
    title: 'MLP 784-256-128-10 on MNIST, batch 128, Adam',
    kind: 'mlp',
    params: { batch: 128 },
    weights: mlpWeights,
    data: digits(60, 128, true),
    flops: training(128 * mlpProducts),
    perRound: 30,
    warmUp: 60,
    target: 0.5,
  },
  {
    ...step,
    id: 'mlp-epoch',
    title: 'the same, an epoch of 60,000 digits with fit',
    kind: 'mlp',
    mode: 'epoch',
    params: { batch: 128 },
    weights: mlpWeights,
    data: digits(1, 60_000, true),
    flops: training(60_000 * mlpProducts),
    perRound: 1,
    rounds: 5,
    warmUp: 1,
    samples: 60_000,
    target: 0.5,
  },
  {
    ...step,
    id: 'convnet',
    title: 'convnet 32-64 of 3×3, pooled, dense 128-10, batch 128, Adam',
    kind: 'convnet',
    params: { batch: 128 },
    weights: convnetWeights,
    data: digits(30, 128, false),
    flops: training(128 * convnetProducts),
    perRound: 5,
    target: 0.8,
  },
  {
    ...step,
    id: 'resnet18',
    title: 'ResNet-18 on 32×32, batch 32, SGD with momentum',
    kind: 'resnet18',
    params: { batch: 32 },
    weights: resnetWeights,
    data: [
      { name: 'x', shape: [4, 32, 32, 32, 3], fill: { kind: 'uniform', limit: Math.sqrt(3) } },
      { name: 'y', shape: [4, 32], fill: { kind: 'integers', below: 10 } },
    ],
    flops: training(32 * resnetProducts),
    perRound: 1,
    rounds: 8,
    warmUp: 2,
    tryOneThread: false,
    memory: 2.5e9,
    target: 0.8,
  },
  recurrent('lstm'),
  recurrent('gru'),
  recommender(),
  gpt(),
  ...predictions,
  ...encoders,
  {
    ...step,
    id: 'pipeline',
    title: 'digits from bytes: shuffled, scaled, batched by 128, prefetched',
    section: 'data',
    kind: 'pipeline',
    mode: 'epoch',
    params: { batch: 128 },
    weights: [],
    data: [
      { name: 'x', shape: [20_000, 28, 28, 1], fill: { kind: 'digit-bytes' } },
      { name: 'y', shape: [20_000], fill: { kind: 'digit-labels' } },
    ],
    perRound: 1,
    rounds: 5,
    warmUp: 1,
    samples: 20_000,
  },
  ...(['save', 'load'] as const).map((kind) => ({
    ...step,
    id: kind,
    title: kind === 'save' ? 'saving 520 MB of weights' : 'loading 520 MB of weights',
    section: 'data' as const,
    kind,
    params: { layers: storedLayers, width: 2048 },
    weights: stored,
    data: [],
    perRound: 1,
    rounds: 5,
    warmUp: 1,
    tryOneThread: false,
    memory: 2.5e9,
  })),
  bert(),
]

/** Curves: how time grows with one size. Each is a list of workloads along it. */
export interface Curve {
  readonly id: 'batch' | 'width' | 'depth' | 'sequence'
  readonly title: string
  readonly points: readonly (readonly [size: number, workload: Workload])[]
}

function stack(batch: number, width: number, depth: number): Workload {
  return {
    ...step,
    id: `stack-${batch}-${width}-${depth}`,
    title: `${depth} dense layers of ${width}, batch ${batch}, SGD`,
    kind: 'stack',
    params: { batch, width, depth },
    // He's limits: with Glorot's a deep stack's values fade to numbers that processors are slow with.
    weights: Array.from({ length: depth }, (_, i) => [
      kernel(`dense${i}/kernel`, [width, width], width / 2, width / 2),
      constant(`dense${i}/bias`, [width], 0),
    ]).flat(),
    data: ['x', 'y'].map((name) => ({ name, shape: [1, batch, width], fill: { kind: 'uniform', limit: 1 } })),
    flops: training(batch * width * width * depth),
    perRound: 3,
    rounds: 3,
    warmUp: 3,
    tryOneThread: false,
    memory: 2e9,
  }
}

function sequence(steps: number): Workload {
  const sizes = { blocks: 1, heads: 4, width: 128, vocabulary: 256, batch: 1, steps }
  return {
    ...step,
    id: `sequence-${steps}`,
    title: `one block of attention (width 128, 4 heads) over ${steps} tokens`,
    kind: 'bert',
    params: { ...sizes, classes: 2 },
    weights: bertWeights(sizes, 2),
    data: [...text(1, 1, steps, 256), { name: 'y', shape: [1, 1], fill: { kind: 'integers', below: 2 } }],
    flops: training(transformerProducts(sizes)),
    perRound: 3,
    rounds: 3,
    warmUp: 3,
    tryOneThread: false,
    memory: 2e9,
  }
}

const curve = (
  id: Curve['id'],
  title: string,
  sizes: readonly number[],
  at: (size: number) => Workload,
): Curve => ({ id, title, points: sizes.map((size) => [size, at(size)]) })

export const curves: readonly Curve[] = [
  curve('batch', 'batch, 4 dense layers of 256', [1, 4, 16, 64, 256, 1024, 4096], (n) => stack(n, 256, 4)),
  curve('width', 'width of 3 dense layers, batch 64', [64, 128, 256, 512, 1024, 2048, 4096], (n) =>
    stack(64, n, 3),
  ),
  curve('depth', 'depth, dense layers of 128, batch 64', [2, 6, 12, 24, 48, 96], (n) => stack(64, 128, n)),
  curve(
    'sequence',
    'length of a sequence, one block of attention',
    [64, 128, 256, 512, 1024, 2048],
    sequence,
  ),
]
