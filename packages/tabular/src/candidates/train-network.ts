import { optimizers } from 'typegrad'
import {
  compile,
  type Generator,
  hostRandom,
  ops,
  random,
  shuffle,
  type Tensor,
  tensor,
  Variable,
  valueAndGrad,
  withGenerator,
} from 'typegrad/core'
import type { NetworkRows } from '../features/network-features.ts'
import { batchSizeFor, progressSchedules } from '../networks/index.ts'
import { linkedTargets, type NetworkLink, networkLoss } from './network-loss.ts'
import { inputsOf, type TableNetwork } from './network-predictor.ts'
import type { FactorsOf, NetworkRules } from './network-rules.ts'

/** The share of codes that a step takes for new ones, so that what stands for these is learned, too. */
const unseenShare = 0.01
/** Steps between two looks at the watched rows, where an epoch has fewer. */
const leastSteps = 20

export interface NetworkTraining {
  readonly network: TableNetwork
  readonly factorsOf: FactorsOf
  /** The share that is dropped, where the rules change it. */
  readonly dropout?: Variable
  readonly rules: NetworkRules
  readonly link: NetworkLink
  readonly training: NetworkRows
  readonly targets: Float64Array
  readonly seed: number
  readonly generator: Generator
  /** When it ends with what it has, by `performance.now()`. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

/** How long a network learned. */
export interface Learned {
  /** Epochs until the weights that were best. */
  readonly best: number
  /** Epochs that its schedules had, had it gone on to their end. */
  readonly schedule: number
}

/**
 * Trains a network, and leaves it with the weights by which the watched rows had the lowest loss.
 *
 * @param watch the loss of the watched rows by the weights of the moment.
 */
export async function trainNetwork(options: NetworkTraining, watch: () => Promise<number>): Promise<Learned> {
  const { network, rules, training, deadline } = options
  const perEpoch = stepsPerEpoch(training)
  const pause = Math.max(leastSteps, perEpoch)
  const most = rules.epochs * perEpoch
  const patience = Math.max(rules.patience.epochs * perEpoch, rules.patience.steps)
  let best = { loss: Number.POSITIVE_INFINITY, step: 0, weights: [] as readonly Float32Array[] }
  let learned: Learned = { best: 0, schedule: rules.epochs }
  const began = performance.now()
  // A schedule comes to its end with the last step, or with the time.
  const progressOf = (done: number): number =>
    Math.min(1, Math.max(done / most, (performance.now() - began) / Math.max(1, deadline - began)))
  await learn(options, progressOf, async (done) => {
    const isLast = done === most || performance.now() > deadline
    if (done % pause !== 0 && !isLast) return true
    const loss = await watch()
    if (loss < best.loss) best = { loss, step: done, weights: await weightsOf(network) }
    learned = { best: best.step / perEpoch, schedule: done / perEpoch / progressOf(done) }
    return !isLast && done - best.step < patience && Number.isFinite(loss)
  })
  if (best.weights.length > 0) setWeights(network, best.weights)
  return learned
}

/** Trains a network for as many epochs as others have learned, without rows that are watched; it ends before where the time is over. */
export async function retrainNetwork(options: NetworkTraining, { best, schedule }: Learned): Promise<void> {
  const perEpoch = stepsPerEpoch(options.training)
  const steps = Math.max(1, Math.round(best * perEpoch))
  const whole = Math.max(steps, schedule * perEpoch)
  await learn(
    options,
    (done) => done / whole,
    async (done) => done < steps && performance.now() < options.deadline,
  )
}

/**
 * Learns, batch by batch.
 *
 * @param progressOf how much of the schedules is over after so many steps, from 0 to 1.
 * @param goesOn asked after each step, with the number of those that are done.
 */
async function learn(
  options: NetworkTraining,
  progressOf: (done: number) => number,
  goesOn: (done: number) => Promise<boolean>,
): Promise<void> {
  const { rules, training, signal, dropout, seed } = options
  const step = new TrainingStep(options)
  const orders = shuffledBatches(training.rows, batchOf(training), seed)
  const fullDropout = dropout === undefined ? 0 : Number(await dropout.value.item())
  for (let done = 0; ; ) {
    signal?.throwIfAborted()
    const t = progressOf(done)
    step.setProgress(t)
    dropout?.assign(scalarOf(fullDropout * progressSchedules[rules.schedules.dropout](t)))
    await step.run(orders.next().value)
    done += 1
    if (!(await goesOn(done))) break
  }
  dropout?.assign(scalarOf(fullDropout))
}

const batchOf = ({ rows }: NetworkRows): number => Math.min(rows, batchSizeFor(rows))
const stepsPerEpoch = (training: NetworkRows): number =>
  Math.max(1, Math.floor(training.rows / batchOf(training)))

/** Values of all weights, in the network's order. */
export const weightsOf = async ({ weights }: TableNetwork): Promise<readonly Float32Array[]> =>
  Promise.all(weights.map(async ({ value }) => Float32Array.from((await value.data()) as Float32Array)))

/** Gives a network values of its weights. */
export function setWeights({ weights }: TableNetwork, values: readonly Float32Array[]): void {
  for (const [i, weight] of weights.entries())
    weight.assign(tensor(values[i] as Float32Array, { shape: weight.shape }))
}

const scalarOf = (value: number): Tensor => tensor(Float32Array.of(value), { shape: [] })

/** Places of rows for each step: every row once before any comes again, but for those that fill no batch. */
function* shuffledBatches(rows: number, batch: number, seed: number): Generator_<Int32Array> {
  const below = hostRandom(seed, 0xba7c4)
  const order = Int32Array.from({ length: rows }, (_, i) => i)
  for (;;) {
    shuffle(order, below)
    for (let from = 0; from + batch <= rows; from += batch) yield order.slice(from, from + batch)
  }
}

type Generator_<T> = globalThis.Generator<T, never, void>

/** Weights that learn alike, with an optimizer of their own. */
interface WeightGroup {
  readonly rate: number
  readonly decay: number
  readonly places: readonly number[]
  readonly optimizer: optimizers.Optimizer
}

/** One step of training: a compiled function of the rows' places. */
class TrainingStep {
  readonly #groups: readonly WeightGroup[]
  readonly #rules: NetworkRules
  /** The share of the weights, times the learning rate, that a step takes off. */
  readonly #decay = new Variable(scalarOf(0), { name: 'decay', trainable: false })
  readonly #step: (order: Tensor) => Promise<unknown>
  #progress = Number.NaN

  constructor({ network, factorsOf, rules, link, training, targets, generator }: NetworkTraining) {
    this.#rules = rules
    const weights = network.trainableWeights
    this.#groups = groupsOf(weights, factorsOf, rules)
    const inputs = inputsOf(training.rows, training)
    const isCodes = inputs.map((_, i) => i === inputs.length - 1 && training.codes.length > 0)
    const width = link.kind === 'labels' ? link.outputs : 1
    const labels = tensor(linkedTargets(link, targets), { shape: [training.rows, width] })
    this.#step = compile((order: Tensor) =>
      withGenerator(generator, () => {
        const rows = inputs.map((all, i) => {
          const own = ops.gather(all, order)
          return isCodes[i] ? withUnseen(own) : own
        })
        const { value, grads } = valueAndGrad(() => {
          const outputs = network.apply(rows, { training: true })
          const members = outputs.reshape([order.shape[0] as number, -1, link.outputs])
          return networkLoss(members, ops.gather(labels, order), link)
        }, weights)
        for (const { rate: _, decay, places, optimizer } of this.#groups) {
          const own = places.map((place) => weights[place] as Variable)
          // Decay beside the moments (Loshchilov and Hutter 2017), of a share that changes.
          const kept = optimizer.learningRate.value.mul(this.#decay.value).mul(-decay).add(1)
          if (decay !== 0) for (const weight of own) weight.assign(weight.value.mul(kept))
          optimizer.apply(
            places.map((place) => grads[place] as Tensor),
            own,
          )
        }
        return value
      }),
    )
  }

  /** Sets what changes with the share of the training that is done. */
  setProgress(t: number): void {
    const { schedules, learningRate, decay } = this.#rules
    const isConstant = schedules.rate === 'constant' && schedules.decay === 'constant'
    if (isConstant && !Number.isNaN(this.#progress)) return
    this.#progress = t
    for (const { rate, optimizer } of this.#groups)
      optimizer.learningRateValue = learningRate * rate * progressSchedules[schedules.rate](t)
    this.#decay.assign(scalarOf(decay * progressSchedules[schedules.decay](t)))
  }

  async run(order: Int32Array): Promise<void> {
    await this.#step(tensor(order))
  }
}

function withUnseen(codes: Tensor): Tensor {
  return ops.where(random.uniform(codes.shape).less(unseenShare), codes.mul(0), codes)
}

function groupsOf(
  weights: readonly Variable[],
  factorsOf: FactorsOf,
  { learningRate, beta2, gradientNorm }: NetworkRules,
): readonly WeightGroup[] {
  const groups = new Map<string, number[]>()
  weights.forEach((weight, place) => {
    const { rate, decay } = factorsOf(weight)
    const key = JSON.stringify([rate, decay])
    groups.set(key, [...(groups.get(key) ?? []), place])
  })
  return [...groups].map(([key, places]) => {
    const [rate, decay] = JSON.parse(key) as [number, number]
    const optimizer = optimizers.adam({
      learningRate: learningRate * rate,
      beta2,
      epsilon: 1e-8,
      ...(gradientNorm !== undefined && { globalClipnorm: gradientNorm }),
    })
    return { rate, decay, places, optimizer }
  })
}
