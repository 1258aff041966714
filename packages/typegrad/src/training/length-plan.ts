import { type Layer, layerOf } from '../layers/base/layer.ts'
import type { Application, SymbolicTensor } from '../layers/base/symbolic.ts'
import type { Loss } from '../losses/index.ts'
import {
  BinaryCrossentropy,
  BinaryFocalCrossentropy,
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  CategoricalHinge,
  CosineSimilarity,
  Hinge,
  Huber,
  KLDivergence,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
  SparseCategoricalCrossentropy,
  SquaredHinge,
} from '../losses/index.ts'
import { Functional } from '../models/functional.ts'
import type { AnyModel } from '../models/model.ts'
import { Sequential } from '../models/sequential.ts'
import { type Effect, type Longer, lengthResult } from './length-rules.ts'

/**
 * What has to be the same for longer batches: predictions; losses and metrics, over batches of one length or of many; or
 * these and the updates of the weights, over batches of many lengths.
 */
export type LengthUse = 'predict' | 'test' | 'testStream' | 'trainStream'

/** How the inputs of a model may get more steps than the data has. */
export interface LengthPlan {
  /** What stands in new steps, by the input's number: it makes them masked. */
  readonly fills: ReadonlyMap<number, number>
  /** The input whose steps an output has, undefined for one without. */
  readonly outputs: readonly (number | undefined)[]
  /** Which steps of the data have to count, for the results to be the same. */
  readonly counted: 'any' | 'first' | 'all'
}

/**
 * How a model's inputs may get more steps at their ends with the same results but for rounding: only where masks leave
 * the new ones out in every layer, up to the outputs, and there in losses and metrics too.
 *
 * @returns undefined where a layer might see them.
 */
export function lengthPlan(model: AnyModel, use: LengthUse): LengthPlan | undefined {
  const open = model.modelInputs.map(
    ({ shape }) => shape !== undefined && shape.length > 1 && shape[1] === null,
  )
  if (!open.includes(true) || !model.built || !isPlainModel(model)) return undefined
  const walk = new Walk(use, model)
  const effects = walk.through(
    model,
    open.map((isOpen, input): Effect => (isOpen ? { input, isRaw: true } : 'none')),
  )
  if (effects === undefined || walk.fills.size === 0) return undefined
  const longer = effects.map((effect) => (effect === 'none' ? undefined : effect))
  if (use !== 'predict' && !longer.every((one, i) => one === undefined || isJudgedByStep(model, i, use)))
    return undefined
  const isBlind = use === 'predict' && longer.some((one) => one?.isBlind)
  return {
    fills: walk.fills,
    outputs: longer.map((one) => one?.input),
    counted: isBlind ? 'all' : walk.seesFirst ? 'first' : 'any',
  }
}

/** A model whose class is the library's own computes what its graph says. */
const isPlainModel = (model: object): model is Functional | Sequential =>
  model.constructor === Functional || model.constructor === Sequential

/** Losses that have a value for each step. */
const stepLosses: ReadonlySet<unknown> = new Set([
  BinaryCrossentropy,
  BinaryFocalCrossentropy,
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  CategoricalHinge,
  CosineSimilarity,
  Hinge,
  Huber,
  KLDivergence,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
  SparseCategoricalCrossentropy,
  SquaredHinge,
])

/** Whether an output (batch, time, features) is judged step by step, masked ones left out. */
function isJudgedByStep(model: AnyModel, output: number, use: LengthUse): boolean {
  if (model.modelOutputs[output]?.shape?.length !== 3) return false
  const compiled = model.compiled('fit')
  const loss: Loss | undefined = compiled.lossOf(output)
  if (loss !== undefined && (!stepLosses.has(loss.constructor) || loss.reduction === 'none')) return false
  const masking = compiled.maskingOf(output)
  // As in Keras a batch weighs what share of its steps counts: among batches of several lengths new steps would shift that.
  return masking === 'none' || (masking === 'heeded' && use === 'test')
}

/** A way through the graph of a model and of those in it. */
class Walk {
  readonly fills = new Map<number, number>()
  seesFirst = false
  readonly #use: LengthUse
  readonly #lengths: readonly (number | string | null | undefined)[]

  constructor(use: LengthUse, model: AnyModel) {
    this.#use = use
    this.#lengths = model.modelInputs.map(({ sizes }) => sizes?.[1])
  }

  /** What becomes of a model's outputs; undefined where a layer might see new steps. */
  through(model: Functional | Sequential, inputs: readonly Effect[]): readonly Effect[] | undefined {
    const known = new Map<Application, readonly Effect[] | undefined>(
      model.inputs.map(({ application }, i) => [application, inputs.slice(i, i + 1)]),
    )
    const outputs = model.outputs.map((place) => this.#at(place, known))
    // An input as it comes is no result that a mask says anything of.
    const isKnown = (effect: Effect | undefined): effect is Effect =>
      effect !== undefined && (effect === 'none' || effect.isRaw !== true)
    return outputs.every(isKnown) ? outputs : undefined
  }

  #at({ application, index }: SymbolicTensor, known: Map<Application, readonly Effect[] | undefined>) {
    if (!known.has(application)) known.set(application, this.#call(application, known))
    const effects = known.get(application)
    return effects && (effects[index] ?? 'none')
  }

  #call(application: Application, known: Map<Application, readonly Effect[] | undefined>) {
    const { inputs, arity, options } = application
    const layer = layerOf(application)
    const taken = inputs.map((place) => this.#at(place, known))
    if (taken.includes(undefined)) return undefined
    const effects = taken as readonly Effect[]
    if (effects.every((effect) => effect === 'none')) return []
    // Tensors among the options of a call may be anything to it.
    if (arity !== inputs.length) return undefined
    const inner: object = layer
    if (isPlainModel(inner)) return Object.keys(options).length > 0 ? undefined : this.through(inner, effects)
    const found = lengthResult({
      layer,
      taken: effects,
      rank: inputs[0]?.shape.length ?? 0,
      options: Object.keys(options),
      isSameLength: this.#isSameLength,
    })
    if (found === undefined || !this.#isCounted(layer)) return undefined
    if (found.seesFirst === true) this.seesFirst = true
    const [first] = effects
    if (found.fill !== undefined && first !== undefined && first !== 'none') {
      const fill = this.fills.get(first.input) ?? found.fill
      if (!Object.is(fill, found.fill) || !Number.isFinite(fill)) return undefined
      this.fills.set(first.input, fill)
    }
    return found.outputs
  }

  /** Whether what the layer costs, and what it draws at random, has nothing to do with new steps. */
  #isCounted(layer: Layer): boolean {
    if (this.#use === 'predict') return true
    if (layer.activityRegularizer !== undefined) return false
    return this.#use !== 'trainStream' || !drawsAtRandom(layer.getConfig())
  }

  /** Steps of one input, or of several whose lengths have one name. */
  readonly #isSameLength = (a: Longer, b: Longer): boolean => {
    const [x, y] = [this.#lengths[a.input], this.#lengths[b.input]]
    return a.input === b.input || (typeof x === 'string' && x === y)
  }
}

/** Rates of noise, in the configuration of a layer and of those within it: other shapes have other draws. */
const rates = ['rate', 'stddev', 'dropout', 'recurrentDropout']
const drawsAtRandom = (config: unknown): boolean =>
  typeof config === 'object' &&
  config !== null &&
  Object.entries(config).some(
    ([key, value]) => (rates.includes(key) && Number(value) > 0) || drawsAtRandom(value),
  )
