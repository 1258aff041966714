import { describe } from '../../../base/describe.ts'
import { isFloating } from '../../../base/dtype.ts'
import { ArgumentError, StateError } from '../../../base/errors.ts'
import { anything, count, list, needed, oneOf, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { Tensor } from '../../../tensor/tensor.ts'
import type { Layer } from '../../base/layer.ts'
import type { SymbolicTensor } from '../../base/symbolic.ts'
import { input } from '../../core/input.ts'
import { concatenate } from '../../merging/concatenate.ts'
import { CategoryEncoding, categoryEncoding } from '../category-encoding.ts'
import { Discretization } from '../discretization.ts'
import { HashedCrossing, hashedCrossing } from '../hashed-crossing.ts'
import { Hashing } from '../hashing.ts'
import { HostRun } from '../host-run.ts'
import { compareStrings } from '../host-values.ts'
import { IndexLookup } from '../index-lookup.ts'
import type { Feature, FeatureCross, FeatureKind } from './feature.ts'
import * as features from './feature.ts'
import { columnsOf, type FeatureRows } from './table-rows.ts'

export interface FeatureSpaceOptions {
  /** What becomes of each column, by its name: a kind, or what `FeatureSpace.stringCategorical({ … })` and the like make. */
  readonly features: Readonly<Record<string, FeatureKind | Feature>>
  /** One vector of all features, or each by its name. Default `'concat'`. */
  readonly outputMode?: 'concat' | 'dict'
  /** Features that count together: their names, or `{ featureNames, crossingDim, outputMode }`. Default none. */
  readonly crosses?: readonly (readonly string[] | FeatureCross)[]
  /** Bins of a cross that is told by names alone. Default 32. */
  readonly crossingDim?: number
  /** Bins of `'integerHashed'` and `'stringHashed'`. Default 32. */
  readonly hashingDim?: number
  /** Bins of `'floatDiscretized'`. Default 32. */
  readonly numDiscretizationBins?: number
}

export const featureSpaceChecks = optionsOf<FeatureSpaceOptions>()({
  features: needed(anything),
  outputMode: oneOf('concat', 'dict'),
  crosses: list,
  crossingDim: count,
  hashingDim: count,
  numDiscretizationBins: count,
})

/** What `adapt` reads: a table, or a data set of rows or of batches of columns, which is read once for each feature. */
export type FeatureData = FeatureRows | AsyncIterable<unknown> | Iterable<unknown>

/** A layer that learns from data, unless it was given what it would learn. */
interface Adaptable {
  readonly isAdaptable: boolean
  adapt(data: AsyncIterable<unknown>): Promise<void>
}

/** Keras's batches of what comes row by row. */
const batchSize = 32

/** The columns of a table as numbers that a model takes; see {@link featureSpace}. */
@takes(featureSpaceChecks)
export class FeatureSpace {
  static readonly float = features.float
  static readonly floatRescaled = features.floatRescaled
  static readonly floatNormalized = features.floatNormalized
  static readonly floatDiscretized = features.floatDiscretized
  static readonly integerCategorical = features.integerCategorical
  static readonly stringCategorical = features.stringCategorical
  static readonly integerHashed = features.integerHashed
  static readonly stringHashed = features.stringHashed

  readonly features: Readonly<Record<string, Feature>>
  readonly crosses: readonly Required<FeatureCross>[]
  readonly outputMode: 'concat' | 'dict'
  /** The layer of each cross, by its name: `'city_X_kind'`. */
  readonly crossers: Readonly<Record<string, HashedCrossing>>
  readonly #inputs: Readonly<Record<string, SymbolicTensor>>
  #isAdapted = false
  #encoded: SymbolicTensor | Readonly<Record<string, SymbolicTensor>> | undefined

  constructor({
    features: told,
    outputMode = 'concat',
    crosses = [],
    crossingDim = 32,
    hashingDim = 32,
    numDiscretizationBins = 32,
  }: FeatureSpaceOptions) {
    if (typeof told !== 'object' || told === null || Object.keys(told).length === 0) {
      throw new ArgumentError({
        where: 'featureSpace: features',
        expected: 'at least one feature by its name',
        received: describe(told),
      })
    }
    const defaults = { hashingDim, numDiscretizationBins }
    this.features = mapped(told, (feature, name) => features.featureOf(name, feature, defaults))
    this.outputMode = outputMode
    this.crosses = crosses.map((cross) => this.#crossOf(cross, crossingDim))
    this.crossers = Object.fromEntries(
      this.crosses.map((cross) => {
        const name = crossName(cross)
        return [name, hashedCrossing({ numBins: cross.crossingDim, name })]
      }),
    )
    this.#inputs = mapped(this.features, ({ dtype }, name) => input({ shape: [1], dtype, name }))
    this.#isAdapted = this.#adaptable.length === 0
  }

  /** The layer of each feature. */
  get preprocessors(): Readonly<Record<string, Layer>> {
    return mapped(this.features, ({ preprocessor }) => preprocessor)
  }

  get #adaptable(): readonly (readonly [name: string, layer: Adaptable])[] {
    return Object.entries(this.features).flatMap(([name, { preprocessor }]) => {
      const layer = preprocessor as Partial<Adaptable>
      return layer.isAdaptable === true ? [[name, layer as Adaptable] as const] : []
    })
  }

  #crossOf(told: readonly string[] | FeatureCross, crossingDim: number): Required<FeatureCross> {
    const cross = {
      crossingDim,
      outputMode: 'oneHot' as const,
      ...('featureNames' in told ? told : { featureNames: told }),
    }
    const unknown = cross.featureNames.find((name) => !Object.hasOwn(this.features, name))
    if (unknown === undefined && cross.featureNames.length > 1) return cross
    throw new ArgumentError({
      where: 'featureSpace: crosses',
      expected: `two or more of the features ${Object.keys(this.features).join(', ')}`,
      received: unknown === undefined ? `${cross.featureNames.length}` : `'${unknown}'`,
    })
  }

  /**
   * Finds what the features' layers learn: means, boundaries, vocabularies.
   *
   * @param data columns by name, an array of rows, or a data set of rows or of batches of columns: one that can be read
   * again, since each feature reads it for itself.
   * @throws DataError for a column that lacks, ArgumentError for what is no table, or a stream that can be read once.
   * @example
   * await space.adapt({ age: [31, 52], city: ['Ulm', 'Bern'] })
   */
  async adapt(data: FeatureData): Promise<void> {
    const adaptable = this.#adaptable
    // What does not fit is found before any layer has learned.
    const batches = await this.#batches(data)
    for (const [name, layer] of adaptable) await layer.adapt(batches(name))
    this.#isAdapted = true
    this.#encoded = undefined
  }

  /** What gives the batches of a column. */
  async #batches(data: FeatureData): Promise<(name: string) => AsyncIterable<unknown>> {
    const names = this.#adaptable.map(([name]) => name)
    if (!isStream(data)) {
      const { columns } = await columnsOf('featureSpace.adapt', data, names)
      return (name) => slices(columns.get(name) as readonly unknown[])
    }
    if (isReadOnce(data)) {
      throw new ArgumentError({
        where: 'featureSpace.adapt',
        expected: 'data that can be read several times: each feature reads it for itself',
        received: 'a stream that can be read once',
        fix: 'Give it a Dataset: Dataset.fromGenerator(() => …).',
      })
    }
    return (name) => batched(columnsIn(data, name))
  }

  /** Takes what its layers have been given from elsewhere, such as a file, for what they would have learned. */
  takeAsAdapted(): void {
    this.#isAdapted = true
  }

  /** The places where a model begins: one for each feature, by its name. */
  getInputs(): Readonly<Record<string, SymbolicTensor>> {
    return this.#inputs
  }

  /**
   * What the features become behind `getInputs`: one place, or with `outputMode: 'dict'` one for each feature and cross.
   *
   * @throws StateError before `adapt`; ArgumentError for a feature that cannot be put beside others as it is.
   * @example
   * const inputs = space.getInputs()
   * const outputs = layers.dense({ units: 1 }).apply(space.getEncodedFeatures())
   * const whole = model({ inputs, outputs })
   */
  getEncodedFeatures(): SymbolicTensor | Readonly<Record<string, SymbolicTensor>> {
    if (!this.#isAdapted) {
      throw new StateError({
        where: 'featureSpace',
        expected: 'features that were adapted to data',
        received: 'layers that have learned nothing yet',
        fix: 'Call await space.adapt(table) first.',
      })
    }
    this.#encoded ??= this.#merged()
    return this.#encoded
  }

  #merged(): SymbolicTensor | Readonly<Record<string, SymbolicTensor>> {
    const places = mapped(this.features, ({ preprocessor }, name) =>
      preprocessor.apply(this.#inputs[name] as SymbolicTensor),
    )
    const crossed = Object.fromEntries(
      this.crosses.map((cross) => {
        const name = crossName(cross)
        const taken = cross.featureNames.map((feature) => places[feature] as SymbolicTensor)
        return [name, this.crossers[name]?.apply(taken) as SymbolicTensor]
      }),
    )
    const modes: Record<string, features.FeatureOutput> = Object.fromEntries([
      ...Object.entries(this.features).map(([name, { outputMode }]) => [name, outputMode]),
      ...this.crosses.map((cross) => [crossName(cross), cross.outputMode]),
    ])
    const layersOf: Readonly<Record<string, Layer>> = { ...this.preprocessors, ...this.crossers }
    // Features by name, then crosses by name, as in Keras.
    const all = [...inOrder(places), ...inOrder(crossed)].map(([name, place]) => {
      const encoded = modes[name] === 'oneHot' ? oneHot(name, place, layersOf[name] as Layer) : place
      return [name, encoded] as const
    })
    if (this.outputMode === 'dict') return Object.fromEntries(all)
    for (const [name, place] of all) {
      if (isFloating(place.dtype)) continue
      throw new ArgumentError({
        where: `featureSpace: '${name}'`,
        expected: "floats, where outputMode is 'concat'",
        received: `${place}`,
        fix: "Let the feature be 'oneHot', or set outputMode: 'dict'.",
      })
    }
    const [only, ...others] = all.map(([, place]) => place)
    return others.length === 0
      ? (only as SymbolicTensor)
      : concatenate({ axis: -1 }).apply(all.map(([, place]) => place))
  }

  /**
   * Rows of a table as what a model takes: [batch, width] with `'concat'`, or by name. A row by itself gives a vector.
   *
   * @param rows columns by name, or an array of rows; what is no feature stays aside.
   * @throws StateError before `adapt`, DataError for a column that lacks.
   * @example
   * const vectors = await space.encode([{ age: 31, city: 'Ulm' }, { age: 52, city: 'Oslo' }])
   */
  async encode(rows: FeatureRows): Promise<Tensor | Record<string, Tensor>> {
    const encoded = this.getEncodedFeatures()
    const names = Object.keys(this.features)
    const { columns, isRow } = await columnsOf('featureSpace.encode', rows, names)
    const given = new Map(
      names.map((name) => [(this.#inputs[name] as SymbolicTensor).application, columns.get(name)]),
    )
    const run = new HostRun('featureSpace.encode', given)
    const tensorAt = async (place: SymbolicTensor): Promise<Tensor> => {
      const tensor = await run.tensorAt(place)
      return isRow ? tensor.squeeze(0) : tensor
    }
    if (isPlace(encoded)) return await tensorAt(encoded)
    const tensors: Record<string, Tensor> = {}
    for (const [name, place] of Object.entries(encoded)) tensors[name] = await tensorAt(place)
    return tensors
  }
}

const crossName = ({ featureNames }: FeatureCross): string => featureNames.join('_X_')

const isPlace = (
  encoded: SymbolicTensor | Readonly<Record<string, SymbolicTensor>>,
): encoded is SymbolicTensor => 'application' in encoded && 'sizes' in encoded

const mapped = <A, B>(
  record: Readonly<Record<string, A>>,
  make: (value: A, name: string) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value, name)]))

/** By code points, as Python sorts names. */
const inOrder = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => compareStrings(a, b))

/** Whole numbers as rows of 0 and a 1, as many as the layer has values. */
function oneHot(name: string, place: SymbolicTensor, layer: Layer): SymbolicTensor {
  const depth = cardinalityOf(layer)
  if (depth !== undefined && !isFloating(place.dtype))
    return categoryEncoding({ numTokens: depth, outputMode: 'multiHot' }).apply(place)
  throw new ArgumentError({
    where: `featureSpace: '${name}'`,
    expected: "a layer that gives whole numbers and says how many there are, where outputMode is 'oneHot'",
    received: `${layer.className}, which gives ${place.dtype}`,
    fix: "Set the feature's outputMode: 'int', or 'float'.",
  })
}

function cardinalityOf(layer: unknown): number | undefined {
  if (layer instanceof IndexLookup) return layer.vocabularySize
  if (layer instanceof CategoryEncoding) return layer.numTokens
  if (layer instanceof HashedCrossing || layer instanceof Hashing) return layer.numBins
  if (layer instanceof Discretization) return layer.numBins ?? 1 + (layer.binBoundaries?.length ?? 0)
  return undefined
}

const isStream = (data: FeatureData): data is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof data === 'object' &&
  !Array.isArray(data) &&
  !(data instanceof Tensor) &&
  (Symbol.asyncIterator in data || Symbol.iterator in data)

/** Whether asking for an iterator gives the thing itself, as of what a generator function returns. */
const isReadOnce = (data: AsyncIterable<unknown> | Iterable<unknown>): boolean => {
  const iterator: object =
    Symbol.asyncIterator in data ? data[Symbol.asyncIterator]() : data[Symbol.iterator]()
  return iterator === data
}

async function* slices(column: readonly unknown[]): AsyncGenerator<readonly unknown[]> {
  for (let at = 0; at < column.length; at += batchSize) yield column.slice(at, at + batchSize)
}

interface ColumnPart {
  readonly values: readonly unknown[]
  readonly isRow: boolean
}

/** A column of each element of a data set; of `[x, y]` that of the first. */
async function* columnsIn(
  data: AsyncIterable<unknown> | Iterable<unknown>,
  name: string,
): AsyncGenerator<ColumnPart> {
  for await (const element of data) {
    const rows = Array.isArray(element) ? element[0] : element
    const { columns, isRow } = await columnsOf('featureSpace.adapt', rows, [name])
    yield { values: columns.get(name) as readonly unknown[], isRow }
  }
}

/** Batches as they come, and single rows put together. */
async function* batched(parts: AsyncIterable<ColumnPart>): AsyncGenerator<readonly unknown[]> {
  let rows: unknown[] = []
  for await (const { values, isRow } of parts) {
    if (!isRow) {
      yield values
      continue
    }
    rows.push(...values)
    if (rows.length < batchSize) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

/**
 * Makes numbers of the columns of a table, as Keras's `FeatureSpace`: floats normalized, rescaled or in bins, whole numbers and
 * strings as categories or by their hash, features crossed, and all of it side by side in one vector, features in the order of
 * their names and crosses behind them. It learns from a table by {@link FeatureSpace.adapt}, encodes rows by
 * {@link FeatureSpace.encode}, and is the beginning of a model by {@link FeatureSpace.getInputs} and
 * {@link FeatureSpace.getEncodedFeatures}; such a model takes raw rows and is saved with all that was learned.
 *
 * @throws ArgumentError for no features, and crosses of what is none; UnknownNameError for an unknown kind.
 * @example
 * const space = featureSpace({
 *   features: { age: 'floatNormalized', city: FeatureSpace.stringCategorical({ maxTokens: 100 }), kind: 'stringCategorical' },
 *   crosses: [['city', 'kind']],
 * })
 * await space.adapt(table)
 * const vectors = await space.encode({ age: [31], city: ['Ulm'], kind: ['flat'] })
 */
export const featureSpace = (options: FeatureSpaceOptions): FeatureSpace => new FeatureSpace(options)
