import { StateError } from '../base/errors.ts'
import { withActivityPenalties } from '../layers/activity.ts'
import type { CallContext, Layer } from '../layers/layer.ts'
import { maskOf } from '../layers/masks.ts'
import type { Outputs } from '../layers/symbolic.ts'
import type { Loss } from '../losses/index.ts'
import { type Metric, mean } from '../metrics/index.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { concat } from '../ops/shape.ts'
import type { Optimizer } from '../optimizers/index.ts'
import { type Generator, withGenerator } from '../random/generator.ts'
import { constant, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { type CompiledFunction, compile } from '../transforms/compile.ts'
import { valueAndGrad } from '../transforms/grad.ts'

/** What the steps need of a model. */
export interface SteppedModel {
  readonly generator: Generator
  readonly trainableWeights: readonly Variable[]
  readonly penalties: Tensor[]
  readonly constraints: Layer['constraints']
  apply(inputs: Tensor | readonly Tensor[], context?: CallContext): Outputs
}

/** A metric and what the logs call it. */
export interface JudgedMetric {
  readonly metric: Metric
  readonly name: string
  /** Whether the weights of samples count. */
  readonly isWeighted: boolean
}

/** How one output of a model is judged. */
export interface OutputJudge {
  /** The output's name, in front of its losses where there are several outputs. */
  readonly name: string
  readonly loss: Loss | undefined
  readonly lossWeight: number
  readonly metrics: readonly JudgedMetric[]
}

type Tensors = readonly Tensor[]
/** A model's outputs, and what its layers' activities cost. */
interface ForwardPass {
  readonly predictions: Tensors
  readonly penalties: readonly Tensor[]
}

type Step = CompiledFunction<[x: Tensors, y: Tensors, weights: Tensors], void>

/**
 * The compiled functions of a training: one model for forward, backward, update and metrics.
 *
 * Their results stay in variables, so that a step returns nothing and the loop reads the logs only when
 * somebody looks. The weights that are trained are those that were trainable when the steps were made.
 */
export class Steps {
  readonly #model: SteppedModel
  readonly #judges: readonly OutputJudge[]
  /** The losses of several outputs apart; none for an output without one. */
  readonly #outputLosses: readonly (Metric | undefined)[]
  readonly #tracked: readonly { readonly metric: Metric; readonly name: string }[]
  readonly #loss: Metric = mean({ name: 'loss' })
  readonly train: Step
  readonly test: Step
  /** Traced anew when a metric has more variables: some learn from their first batch how many they need. */
  readonly #read: CompiledFunction<[variables: number], Tensor>
  readonly #reset: CompiledFunction<[variables: number], void>
  /** How many numbers each metric gave when its results were last traced. */
  #sizes: readonly number[] = []

  /** @throws StateError if no output has a loss. */
  constructor(model: SteppedModel, judges: readonly OutputJudge[], optimizer: Optimizer) {
    checkLosses(judges)
    this.#model = model
    this.#judges = judges
    this.#outputLosses = judges.map(({ name, loss }) =>
      judges.length > 1 && loss !== undefined ? mean({ name: `${name}_loss` }) : undefined,
    )
    this.#tracked = [
      ...[this.#loss, ...this.#outputLosses].flatMap((metric) =>
        metric ? [{ metric, name: metric.name }] : [],
      ),
      ...judges.flatMap((judge) => judge.metrics),
    ]
    const variables = model.trainableWeights
    this.train = compile((x: Tensors, y: Tensors, weights: Tensors) => {
      let predictions: Tensors = []
      let loss: Tensor | undefined
      const { value, grads } = valueAndGrad(() => {
        const pass = this.#call(x, true)
        predictions = pass.predictions
        loss = this.#total(pass, y, weights)
        // What the optimizer's gradients are of; the logs keep to the loss itself.
        return optimizer.scaleLoss(loss)
      }, variables)
      optimizer.apply(grads, variables)
      for (const [weight, constraint] of model.constraints) {
        if (variables.includes(weight)) weight.assign(constraint.apply(weight.value as Tensor))
      }
      this.#judge(predictions, y, weights, loss ?? value)
    })
    this.test = compile((x: Tensors, y: Tensors, weights: Tensors) => {
      const pass = this.#call(x, false)
      this.#judge(pass.predictions, y, weights, this.#total(pass, y, weights))
    })
    this.#read = compile((_variables: number) => {
      const results = this.#tracked.map(({ metric }) => metric.result())
      this.#sizes = results.map(({ size }) => size)
      return concat(results.map((result) => result.reshape([result.size]) as Tensor)) as Tensor
    })
    this.#reset = compile((_variables: number) => {
      for (const { metric } of this.#tracked) metric.reset()
    })
  }

  /** Names of the logs, in the order in which `logs` gives them. */
  get names(): string[] {
    return this.#tracked.map(({ name }) => name)
  }

  /** Means since the last reset. A metric that gives several numbers has them as `name_0`, `name_1`, … */
  async logs(): Promise<Record<string, number>> {
    const values = await (await this.#read(this.#variables)).data()
    let at = 0
    const entries = this.names.flatMap((name, i) => {
      const size = this.#sizes[i] as number
      return Array.from({ length: size }, (_, k): [string, number] => [
        size === 1 ? name : `${name}_${k}`,
        Number(values[at++]),
      ])
    })
    return Object.fromEntries(entries)
  }

  reset(): Promise<void> {
    return this.#reset(this.#variables)
  }

  /** What losses and metrics have gathered, by name. */
  get gathered(): Record<string, Tensor> {
    const named = this.#tracked.flatMap(({ metric }, i) =>
      metric.variables.map((variable) => [`${i}/${variable.name}`, variable.value as Tensor] as const),
    )
    return Object.fromEntries(named)
  }

  /** Goes on with what others have gathered in an epoch that was interrupted. */
  restore(gathered: Readonly<Record<string, Tensor>>): void {
    const entries = Object.entries(gathered)
    this.#tracked.forEach(({ metric }, i) => {
      const own = entries.filter(([name]) => name.startsWith(`${i}/`))
      metric.restore(new Map(own.map(([name, value]) => [name.slice(name.indexOf('/') + 1), value])))
    })
  }

  get #variables(): number {
    return this.#tracked.reduce((sum, { metric }) => sum + metric.variables.length, 0)
  }

  #call(x: Tensors, training: boolean): ForwardPass {
    const inputs = x.length === 1 ? (x[0] as Tensor) : x
    const { value: outputs, penalties } = withActivityPenalties(() =>
      withGenerator(this.#model.generator, () => this.#model.apply(inputs, { training })),
    )
    return { predictions: Array.isArray(outputs) ? (outputs as Tensors) : [outputs as Tensor], penalties }
  }

  /** The weighted sum of the outputs' losses, with the penalties of regularized activities and weights. */
  #total({ predictions, penalties }: ForwardPass, y: Tensors, weights: Tensors): Tensor {
    const terms = this.#judges.flatMap((judge, i) => {
      const loss = lossOf(judge, predictions, y, weights, i)
      if (loss === undefined) return []
      return [judge.lossWeight === 1 ? loss : (mul(loss, judge.lossWeight) as Tensor)]
    })
    return [...terms, ...penalties, ...this.#model.penalties].reduce((a, b) => add(a, b) as Tensor)
  }

  #judge(predictions: Tensors, y: Tensors, weights: Tensors, total: Tensor): void {
    // A mean over samples, so that a smaller last batch counts for less.
    const size = constant([y[0]?.shape[0] ?? 1], [], 'float32')
    this.#loss.updateState(total, size)
    this.#judges.forEach((judge, i) => {
      const tracker = this.#outputLosses[i]
      const loss = tracker === undefined ? undefined : lossOf(judge, predictions, y, weights, i)
      if (loss !== undefined) tracker?.updateState(loss, size)
      for (const { metric, isWeighted } of judge.metrics)
        metric.updateState(
          y[i] as Tensor,
          predictions[i] as Tensor,
          masked(isWeighted ? weights[i] : undefined, maskOf(predictions[i] as Tensor)),
        )
    })
  }
}

/** What positions count: nothing where the mask is false, elsewhere what their sample does. */
function masked(weights: Tensor | undefined, mask: Tensor | undefined): Tensor | undefined {
  if (mask === undefined) return weights
  const counted = mask.cast('float32') as Tensor
  if (weights === undefined) return counted
  const spread = weights.reshape([...weights.shape, ...mask.shape.slice(weights.rank).map(() => 1)])
  return mul(counted, spread) as Tensor
}

const lossOf = (
  judge: OutputJudge,
  predictions: Tensors,
  y: Tensors,
  weights: Tensors,
  i: number,
): Tensor | undefined =>
  judge.loss?.apply(y[i] as Tensor, predictions[i] as Tensor, weights[i], maskOf(predictions[i] as Tensor))

function checkLosses(judges: readonly OutputJudge[]): void {
  if (judges.some((judge) => judge.loss !== undefined)) return
  throw new StateError({
    where: 'fit',
    expected: 'a loss for at least one output',
    received: 'a model that was compiled without one',
    fix: "Say what training makes small: model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }).",
  })
}
