import { ops, type Tensor, tensor } from 'typegrad/core'
import { hasLabel, type Predictions, type TrainedTask } from '../scores/metrics.ts'

/** How a task's targets and a network's outputs belong together; numbers that are kept with a model. */
export interface NetworkLink {
  readonly kind: TrainedTask['kind']
  /** Numbers that the network gives for a row. */
  readonly outputs: number
  /** Of numbers: what targets are centred and divided by. Of counts: 0 and their mean. Of classes 0 and 1. */
  readonly center: number
  readonly scale: number
  /** Of numbers: those between which the targets are. */
  readonly bounds: readonly [low: number, high: number]
  /** Of quantiles. */
  readonly levels: readonly number[]
  /** The share of a class that is given to all of them alike. */
  readonly smoothing: number
}

/** The link of a task, by the targets that are learned from. */
export function networkLink(task: TrainedTask, targets: Float64Array, smoothing: number): NetworkLink {
  const mean = targets.reduce((sum, value) => sum + value, 0) / targets.length
  const variance = targets.reduce((sum, value) => sum + (value - mean) ** 2, 0) / targets.length
  const bounds = [
    targets.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    targets.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  ] as const
  const common = { kind: task.kind, bounds, levels: task.kind === 'quantiles' ? task.levels : [], smoothing }
  if (task.kind === 'binary' || task.kind === 'classes')
    return { ...common, outputs: task.classes.length, center: 0, scale: 1 }
  if (task.kind === 'labels') return { ...common, outputs: task.labels.length, center: 0, scale: 1 }
  if (task.kind === 'counts') return { ...common, outputs: 1, center: 0, scale: Math.max(mean, 1e-6) }
  const outputs = task.kind === 'quantiles' ? task.levels.length : 1
  return { ...common, outputs, center: mean, scale: Math.sqrt(variance) || 1 }
}

/** Targets as the loss takes them, row by row: one number, or one of each label. */
export const linkedTargets = (
  { kind, outputs, center, scale }: NetworkLink,
  targets: Float64Array,
): Float32Array =>
  kind === 'labels'
    ? Float32Array.from({ length: targets.length * outputs }, (_, i) =>
        hasLabel(targets[Math.floor(i / outputs)] as number, i % outputs),
      )
    : Float32Array.from(targets, (value) => (value - center) / scale)

type TracedLoss = (outputs: Tensor, targets: Tensor, link: NetworkLink) => Tensor

/** −Σ shares · log probability, where a class has 1 − ε and all of them ε together. */
const crossEntropy: TracedLoss = (outputs, targets, { outputs: classes, smoothing }) => {
  const [rows = 0] = targets.shape
  const hot = ops.oneHot(targets.reshape([rows]).cast('int32'), classes)
  const shares = hot.mul(1 - smoothing).add(smoothing / classes)
  return shares.expandDims(1).mul(ops.logSoftmax(outputs)).sum(-1).mean().neg() as Tensor
}

const squaredError: TracedLoss = (outputs, targets) =>
  outputs.sub(targets.expandDims(1)).square().mean() as Tensor

/** Mean losses of outputs (batch, members, outputs) for targets (batch, width): each member is to predict well by itself. */
const losses: Readonly<Record<NetworkLink['kind'], TracedLoss>> = {
  binary: crossEntropy,
  classes: crossEntropy,
  labels: (outputs, targets) =>
    ops
      .softplus(outputs)
      .sub(outputs.mul(targets.expandDims(1)))
      .mean() as Tensor,
  regression: squaredError,
  // The relevance of rows, whatever list they are in.
  ranking: squaredError,
  // Rates are the mean times e to the output: eᵒ − y·o, with y in means.
  counts: (outputs, targets) =>
    outputs
      .exp()
      .sub(outputs.mul(targets.expandDims(1)))
      .mean() as Tensor,
  quantiles: (outputs, targets, { levels }) => {
    const over = targets.expandDims(1).sub(outputs)
    const shares = tensor(Float32Array.from(levels))
    return over
      .mul(shares)
      .maximum(over.mul(shares.sub(1)))
      .mean() as Tensor
  },
}

/** The loss of a step. */
export const networkLoss: TracedLoss = (outputs, targets, link) => losses[link.kind](outputs, targets, link)

/** What a network's outputs of rows (rows · members · outputs) predict: the mean over members behind the link. */
export function linked(link: NetworkLink, values: Float32Array, members: number, rows: number): Predictions {
  const { kind, outputs } = link
  const isClasses = kind === 'binary' || kind === 'classes'
  const means = Array.from({ length: outputs }, () => new Float64Array(rows))
  const own = new Float64Array(outputs)
  for (let row = 0; row < rows; row++)
    for (let member = 0; member < members; member++) {
      const first = (row * members + member) * outputs
      for (let k = 0; k < outputs; k++) own[k] = values[first + k] as number
      if (isClasses) softmax(own)
      for (let k = 0; k < outputs; k++) {
        const mean = means[k] as Float64Array
        mean[row] = (mean[row] as number) + unlinked(link, own[k] as number) / members
      }
    }
  if (isClasses && link.smoothing > 0) unsmooth(means, link.smoothing)
  return kind === 'binary' ? means.slice(1) : means
}

const unlinked = ({ kind, center, scale, bounds: [low, high] }: NetworkLink, value: number): number => {
  if (kind === 'counts') return scale * Math.exp(Math.min(value, 50))
  if (kind === 'labels') return 1 / (1 + Math.exp(-value))
  if (kind === 'binary' || kind === 'classes') return value
  const made = center + scale * value
  // Of two rows beyond a bound, one still comes first.
  return kind === 'ranking' ? made : Math.min(high, Math.max(low, made))
}

function softmax(values: Float64Array): void {
  const most = values.reduce((a, b) => Math.max(a, b))
  let sum = 0
  for (let k = 0; k < values.length; k++) sum += values[k] = Math.exp((values[k] as number) - most)
  for (let k = 0; k < values.length; k++) values[k] = (values[k] as number) / sum
}

/** What was learned of smoothed labels is (1 − ε) p + ε / classes: p of it. */
function unsmooth(shares: readonly Float64Array[], smoothing: number): void {
  const least = 1e-4 / shares.length
  for (let row = 0; row < (shares[0]?.length ?? 0); row++) {
    let sum = 0
    for (const of of shares) {
      const raw = ((of[row] as number) - smoothing / shares.length) / (1 - smoothing)
      sum += of[row] = Math.max(least, raw)
    }
    for (const of of shares) of[row] = (of[row] as number) / sum
  }
}
