import { FormatError } from '../base/errors.ts'
import type { WeightMismatch, WeightsReport } from './load-weights-options.ts'

/** A tensor of the file for which the model has no weight of this name. */
export interface Unexpected {
  readonly name: string
  readonly target: string
}

/** As many names as a reader looks at. */
const most = 8

const listed = (items: readonly string[]): string =>
  `${items.slice(0, most).join(', ')}${items.length > most ? ` and ${items.length - most} more` : ''}`

const quoted = (name: string): string => `'${name}'`

/** The error that says all that does not fit; undefined if everything does. */
export function failureOf(
  file: string,
  { loaded, missing, mismatched, unused }: WeightsReport,
  unexpected: readonly Unexpected[],
  weights: number,
): FormatError | undefined {
  const parts = [
    ...(missing.length > 0 ? [`nothing for ${listed(missing.map(quoted))}`] : []),
    ...(unexpected.length > 0 ? [`besides ${listed(unexpected.map(unexpectedText))}`] : []),
    ...(mismatched.length > 0 ? [`of another shape or dtype ${listed(mismatched.map(mismatchText))}`] : []),
    ...(unused.length > 0 ? [`rules for tensors that it does not have, ${listed(unused)}`] : []),
  ]
  if (parts.length === 0) return undefined
  return new FormatError({
    where: file,
    expected: `tensors for all ${weights} weights of this model`,
    received: `${loaded.length} that fit; ${parts.join('; ')}`,
    fix: fixOf(missing, unexpected, mismatched),
  })
}

const unexpectedText = ({ name, target }: Unexpected): string =>
  name === target ? quoted(name) : `'${name}' as '${target}'`

const mismatchText = ({ weight, tensor, expected, received }: WeightMismatch): string =>
  `'${tensor}' ${received} for '${weight}' ${expected}`

/** What most likely helps. */
function fixOf(
  missing: readonly string[],
  unexpected: readonly Unexpected[],
  mismatched: readonly WeightMismatch[],
): string {
  const [weight, tensor] = [missing[0], unexpected[0]?.name]
  if (weight !== undefined && tensor !== undefined)
    return `Say which is which: map: { '${tensor}': '${weight}' }, null for what is not needed; strict: false loads what fits.`
  if (tensor !== undefined) return `Leave out what is not needed: map: { '${tensor}': null }.`
  const reversed = mismatched.find(isReversed)
  if (reversed !== undefined)
    return `PyTorch keeps [out, in] where a kernel is [in, out]: transpose: { '${reversed.tensor}': true }.`
  return 'Nothing has been changed; strict: false loads what fits.'
}

const sizesOf = (described: string): readonly string[] => /\[(.*)\]/.exec(described)?.[1]?.split(', ') ?? []

const isReversed = ({ expected, received }: WeightMismatch): boolean =>
  expected !== received && sizesOf(expected).toReversed().join() === sizesOf(received).join()
