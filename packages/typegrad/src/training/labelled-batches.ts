import type { DType } from '../base/dtype.ts'
import { DataError } from '../base/errors.ts'
import type { HostArray } from '../data/host-array.ts'
import type { AnyModel } from '../models/model.ts'
import { withClassWeights } from './class-weights.ts'
import type { StreamedBatch } from './fit-options.ts'
import type { PaddedLengths } from './padded-lengths.ts'
import type { ReadOptions } from './read-inputs.ts'
import { readSamples } from './read-samples.ts'
import type { Samples } from './samples.ts'

interface BatchOptions extends ReadOptions {
  /** How much the samples of each class count. Default: 1 for each. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined
  /** Makes sequences longer where that is exact. */
  readonly padding: PaddedLengths
}

/**
 * The function that reads the batches `[x, y, sampleWeight]` of a stream for a model's steps, one after the other.
 *
 * It throws DataError for a batch of another form, and for one of other dtypes than the first.
 */
export function labelledBatches(model: AnyModel, { classWeight, allowNaN, padding }: BatchOptions) {
  let first: readonly DType[] | undefined
  return async (where: string, given: unknown): Promise<Samples<HostArray>> => {
    const read = await readSamples(where, model, formed(where, given, model.hasOwnSteps), { allowNaN })
    const samples = padding.samples(await withClassWeights(where, model, read, classWeight))
    first ??= dtypesOf(samples)
    checkDTypes(where, samples, first)
    return samples
  }
}

function formed(where: string, given: unknown, mayLackLabels: boolean): StreamedBatch {
  // Steps of the model's own may be given inputs alone.
  const batch = mayLackLabels && !Array.isArray(given) ? [given] : given
  if (Array.isArray(batch) && batch.length >= (mayLackLabels ? 1 : 2) && batch.length <= 3)
    return batch as unknown as StreamedBatch
  throw new DataError({
    where,
    expected: 'a batch of the form [x, y] or [x, y, sampleWeight]',
    received: Array.isArray(batch) ? `an array of ${batch.length}` : typeof batch,
  })
}

const dtypesOf = ({ x, y, weights }: Samples<HostArray>): DType[] =>
  [...x, ...y, ...weights].map(({ dtype }) => dtype)

/** A batch of other dtypes would be another training: most likely a mistake of the code that makes the batches. */
function checkDTypes(where: string, samples: Samples<HostArray>, first: readonly DType[]): void {
  const { x, y } = samples
  const dtypes = dtypesOf(samples)
  const odd = dtypes.findIndex((dtype, i) => dtype !== first[i])
  if (odd === -1) return
  const [name, at] =
    odd < x.length ? ['x', odd] : odd < x.length + y.length ? ['y', odd - x.length] : ['sampleWeight', 0]
  throw new DataError({
    where,
    expected: `${name}${at === 0 ? '' : `[${at}]`} of dtype ${first[odd]}, as in the first batch`,
    received: String(dtypes[odd]),
    fix: 'Give all batches the same dtypes.',
  })
}
