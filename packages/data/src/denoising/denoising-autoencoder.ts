import { Dataset, layers, optimizers, type Sequential, sequential, type Tensor, tensor } from 'typegrad'
import {
  ArgumentError,
  checkOptions,
  DataError,
  Generator,
  hostNormal,
  hostRandom,
  optionsOf,
  shuffle,
  withGenerator,
} from 'typegrad/core'
import { checks } from 'typegrad/layers'

/**
 * How rows are corrupted while the model learns to mend them: normal numbers are added, cells become 0, or cells are replaced by those of
 * other rows in the same column, which looks like real data.
 */
export type Corruption =
  | { readonly kind: 'gaussian'; readonly deviation: number }
  | { readonly kind: 'mask'; readonly rate: number }
  | { readonly kind: 'swap'; readonly rate: number }

export interface DenoisingAutoencoderOptions {
  /** Units of the layers up to the narrowest; those behind it mirror them. Default [64, 32]. */
  readonly units?: readonly number[]
  /** How rows are corrupted, anew in each epoch. Default { kind: 'swap', rate: 0.15 }. */
  readonly corruption?: Corruption
  /** Default 50. */
  readonly epochs?: number
  /** Default 32. */
  readonly batchSize?: number
  /** Adam's. Default 0.001. */
  readonly learningRate?: number
  /** Makes weights and corruption functions of this number. Default 0. */
  readonly seed?: number
  /** Ends the training early. */
  readonly signal?: AbortSignal
}

const isShare = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < 1

const autoencoderChecks = optionsOf<DenoisingAutoencoderOptions>()({
  units: {
    expected: 'an array of positive whole numbers',
    accepts: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((n) => Number.isInteger(n) && n > 0),
  },
  corruption: {
    expected:
      "{ kind: 'gaussian', deviation }, or { kind: 'mask' or 'swap', rate } with a rate between 0 and 1",
    accepts: (value) => {
      const { kind, deviation, rate } = (value ?? {}) as Record<string, unknown>
      return kind === 'gaussian'
        ? Number.isFinite(deviation) && (deviation as number) > 0
        : (kind === 'mask' || kind === 'swap') && isShare(rate)
    },
  },
  epochs: checks.count,
  batchSize: checks.count,
  learningRate: checks.positive,
  seed: checks.number,
  signal: checks.abortSignal,
})

/** What has learned to mend rows. */
export interface DenoisingAutoencoder {
  /** From rows to rows, `[rows, columns]`. */
  readonly model: Sequential
  /** From rows to what the narrowest layer says of them: features that noise moves little. */
  readonly encoder: Sequential
  /** The mean squared error of each epoch, of what was mended. */
  readonly losses: readonly number[]
  /** Rows without the noise. */
  denoise(rows: Tensor | readonly (readonly number[])[]): Promise<Tensor>
  /** Their features, `[rows, units.at(-1)]`. */
  encode(rows: Tensor | readonly (readonly number[])[]): Promise<Tensor>
}

/**
 * Trains a model that takes noise out of rows of numbers: it is given corrupted rows and learns to give what they were (Vincent et al.,
 * "Extracting and composing robust features with denoising autoencoders", 2008). It learns what columns have to do with each other, so
 * rows should be of one scale: `cleaning.standardize` before.
 *
 * @param rows `[rows, columns]`, without missing cells: those that are trained on, alone.
 * @throws DataError for no rows, and with row and column for what is missing or infinite.
 * @example
 * const { x } = frame.toMatrix()
 * const { denoise } = await trainDenoisingAutoencoder(x, { corruption: { kind: 'gaussian', deviation: 0.3 } })
 * const clean = await denoise(noisy)
 */
export async function trainDenoisingAutoencoder(
  rows: Tensor | readonly (readonly number[])[],
  options: DenoisingAutoencoderOptions = {},
): Promise<DenoisingAutoencoder> {
  const where = 'trainDenoisingAutoencoder'
  checkOptions(where, options, autoencoderChecks)
  const { units = [64, 32], corruption = { kind: 'swap', rate: 0.15 }, epochs = 50, batchSize = 32 } = options
  const { learningRate = 0.001, seed = 0, signal } = options
  const clean = await rowsOf(where, rows)
  const width = clean[0]?.length ?? 0
  const dense = (count: number, inputs: number) =>
    layers.dense({ units: count, activation: 'relu', inputShape: [inputs] })
  // Random numbers of its own: what the program draws behind it does not depend on it.
  const { model, encoder } = withGenerator(new Generator(seed), () => {
    const encoder = sequential(units.map((count, i) => dense(count, units[i - 1] ?? width)))
    const behind = units.toReversed()
    const decoder = sequential([
      ...behind.slice(1).map((count, i) => dense(count, behind[i] as number)),
      layers.dense({ units: width, inputShape: [units[0] as number] }),
    ])
    return { model: sequential([encoder, decoder]), encoder }
  })
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: 'mse' })
  let epoch = 0
  const pairs = Dataset.fromGenerator(() => corrupted(clean, corruption, hostRandom(seed, epoch++)))
  const { history } = await model.fit(pairs.batch(batchSize), {
    epochs,
    verbose: 0,
    ...(signal !== undefined && { signal }),
  })
  return {
    model,
    encoder,
    losses: history.loss ?? [],
    denoise: async (some) => await model.predict(tensorOf(some)),
    encode: async (some) => await encoder.predict(tensorOf(some)),
  }
}

const tensorOf = (rows: Tensor | readonly (readonly number[])[]): Tensor =>
  Array.isArray(rows) ? tensor(rows as number[][]) : (rows as Tensor)

async function rowsOf(where: string, rows: Tensor | readonly (readonly number[])[]): Promise<Float32Array[]> {
  const all = tensorOf(rows)
  const [count = 0, width = 0] = all.shape
  if (all.shape.length !== 2)
    throw new ArgumentError({
      where,
      expected: 'rows of numbers, [rows, columns]',
      received: `the shape [${all.shape.join(', ')}]`,
    })
  if (count === 0 || width === 0)
    throw new DataError({ where, expected: 'rows to learn from', received: `[${count}, ${width}]` })
  const data = Float32Array.from((await all.data()) as Float32Array)
  const wrong = data.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0)
    throw new DataError({
      where: `${where}: row ${Math.floor(wrong / width)}, column ${wrong % width}`,
      expected: 'a finite number',
      received: String(data[wrong]),
      fix: 'cleaning.impute fills what is missing.',
    })
  return Array.from({ length: count }, (_, row) => data.subarray(row * width, (row + 1) * width))
}

/** Corrupted rows with what they were, in random order. */
function* corrupted(
  rows: readonly Float32Array[],
  corruption: Corruption,
  below: (bound: number) => number,
): globalThis.Generator<readonly [Float32Array, Float32Array]> {
  const uniform = (): number => (below(2 ** 30) + 0.5) / 2 ** 30
  const normal = hostNormal(below)
  const order = shuffle(Array.from(rows.keys()), below)
  const change = (value: number, column: number): number => {
    if (corruption.kind === 'gaussian') return value + corruption.deviation * normal()
    if (uniform() >= corruption.rate) return value
    return corruption.kind === 'mask' ? 0 : (rows[below(rows.length)]?.[column] as number)
  }
  for (const at of order) {
    const row = rows[at] as Float32Array
    yield [row.map(change), row]
  }
}
