import { ArgumentError } from '../base/errors.ts'
import { packageOf } from '../base/registered.ts'
import { serialize } from '../base/serialization.ts'
import type { Shape } from '../base/shape.ts'
import type { Loss } from '../losses/index.ts'
import { getMetric, Metric, type MetricIdentifier } from '../metrics/index.ts'
import type { Port } from '../models/port.ts'
import { type PerOutput, perOutput } from './per-output.ts'
import type { LoggedMetric } from './step-functions.ts'

/** What is measured: of the only output a list, of several a list each; of outputs by name also one alone. */
export type PerOutputMetrics =
  | readonly MetricIdentifier[]
  | PerOutput<readonly MetricIdentifier[]>
  | Readonly<Record<string, MetricIdentifier | readonly MetricIdentifier[] | null>>

/** An output and what its labels and loss are, which decides what `'accuracy'` means. */
interface MeasuredOutput extends Port {
  readonly labelShape: Shape | undefined
  readonly loss: Loss | undefined
}

interface Wanted {
  readonly metrics?: PerOutputMetrics
  readonly weightedMetrics?: PerOutputMetrics
}

/** Makes a model's metrics, each time others: an evaluation must not disturb a training. */
export class CompiledMetrics {
  readonly #wanted: Wanted
  /** Metrics that the user made: the first to measure has them, others have their like. */
  readonly #used = new Set<Metric>()

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  /** The identifiers of each output. */
  of(
    names: readonly string[],
  ): { plain: readonly MetricIdentifier[]; weighted: readonly MetricIdentifier[] }[] {
    const plain = listsOf('compile: metrics', this.#wanted.metrics, names)
    const weighted = listsOf('compile: weightedMetrics', this.#wanted.weightedMetrics, names)
    return names.map((_, i) => ({ plain: plain[i] ?? [], weighted: weighted[i] ?? [] }))
  }

  make(outputs: readonly MeasuredOutput[]): LoggedMetric[][] {
    const wanted = this.of(outputs.map((output) => output.name))
    const names = new LogNames()
    const made = (isWeighted: boolean): LoggedMetric[][] =>
      wanted.map(({ plain, weighted }, i) =>
        (isWeighted ? weighted : plain).map((identifier) => {
          const output = outputs[i] as MeasuredOutput
          const metric = this.#metric(identifier, output)
          const prefix = outputs.length > 1 ? `${output.name}_` : ''
          return { metric, name: names.next(prefix, metric.name, isWeighted), isWeighted }
        }),
      )
    // Names are given in Keras's order: first those of all outputs' metrics, then those of the weighted ones.
    const [plain, weighted] = [made(false), made(true)]
    return outputs.map((_, i) => [...(plain[i] ?? []), ...(weighted[i] ?? [])])
  }

  /** What the metrics of an output make of steps that it masks: leave them out, all of them, or there are none. */
  masking(names: readonly string[], index: number, output: MeasuredOutput): 'none' | 'heeded' | 'counted' {
    const { plain = [], weighted = [] } = this.of(names)[index] ?? {}
    const all = [...plain, ...weighted]
    if (all.length === 0) return 'none'
    const heeds = (identifier: MetricIdentifier) =>
      (identifier instanceof Metric ? identifier : getMetric(identifier, contextOf(output))).heedsMasks
    return all.every(heeds) ? 'heeded' : 'counted'
  }

  #metric(identifier: MetricIdentifier, output: MeasuredOutput): Metric {
    if (!(identifier instanceof Metric)) return getMetric(identifier, contextOf(output))
    if (!this.#used.has(identifier)) {
      this.#used.add(identifier)
      return identifier
    }
    // A metric's configuration is what its constructor takes.
    const Class = identifier.constructor as new (config: Record<string, unknown>) => Metric
    return new Class(identifier.getConfig())
  }
}

const contextOf = ({ shape, labelShape, loss }: MeasuredOutput) => ({
  ...(loss && { loss }),
  ...(shape && { outputShape: shape }),
  ...(labelShape && { labelShape }),
})

/** What logs call metrics, each by a name of its own, as Keras does: `mae`, `mae_1`, and weighted `weighted_mae`. */
class LogNames {
  /** How often each name was asked for. */
  readonly #taken = new Map<string, number>()

  next(prefix: string, metric: string, isWeighted: boolean): string {
    const plain = `${prefix}${metric}`
    const name = isWeighted && this.#taken.has(plain) ? `${prefix}weighted_${metric}` : plain
    const index = this.#taken.get(name) ?? 0
    this.#taken.set(name, index + 1)
    return index === 0 ? name : `${name}_${index}`
  }
}

/** @throws UnknownNameError for a name that there is not. */
export function checkMetric(identifier: MetricIdentifier): void {
  if (!(identifier instanceof Metric)) getMetric(identifier, { labelShape: [1, 1], outputShape: [null, 1] })
}

function listsOf(
  where: string,
  metrics: PerOutputMetrics | undefined,
  names: readonly string[],
): (readonly MetricIdentifier[] | undefined)[] {
  const isFlat = Array.isArray(metrics) && !metrics.some((item) => Array.isArray(item) || item === null)
  if (!isFlat) {
    const given = metrics as PerOutput<MetricIdentifier | readonly MetricIdentifier[]> | undefined
    return perOutput(where, given, names).map((list) => list && ([list].flat() as MetricIdentifier[]))
  }
  if (names.length > 1 && metrics.length > 0) {
    throw new ArgumentError({
      where,
      expected: `a list for each of the ${names.length} outputs, or lists by the outputs' names (${names.join(', ')})`,
      received: 'one list',
    })
  }
  return names.map(() => metrics as readonly MetricIdentifier[])
}

/** Metrics as names or configurations, a list for each output; null for none. */
export function metricsConfig(
  where: string,
  metrics: PerOutputMetrics | undefined,
  names: readonly string[],
): unknown[] | undefined {
  if (metrics === undefined) return undefined
  return listsOf(where, metrics, names).map((list) =>
    (list ?? []).map((identifier) => {
      if (typeof identifier === 'string' && packageOf(identifier) === undefined) return identifier
      return serialize(getMetric(identifier, { labelShape: [1, 1], outputShape: [null, 1] }))
    }),
  )
}
