import { ArgumentError } from 'typegrad/core'

/** A list of token ids. */
export type TokenIds = readonly number[]

interface PromptLimits {
  readonly where: string
  /** How many words the network knows. */
  readonly words: number
  /** How many tokens a prompt may have. */
  readonly most: number
  /** What that is of, for an error. */
  readonly because: string
}

/** How many faults an error lists. */
const listed = 5

/**
 * Refuses prompts before anything runs: empty ones, ids that the network has no word for, and those that leave no room for
 * an answer.
 *
 * @throws ArgumentError with all that is wrong.
 */
export function checkPrompts(prompts: readonly TokenIds[], limits: PromptLimits): void {
  const { where, words, most, because } = limits
  if (!Array.isArray(prompts) || prompts.length === 0 || !prompts.every((ids) => Array.isArray(ids)))
    throw new ArgumentError({
      where,
      expected: 'a list of prompts, each a list of token ids',
      received: Array.isArray(prompts) ? `[${prompts.map((ids) => typeof ids).join(', ')}]` : typeof prompts,
      fix: 'One prompt is a list of one: [[464, 3290]].',
    })
  const faults = prompts.flatMap((ids, i) =>
    faultsOf(ids, words, most).map((fault) => `prompt ${i} ${fault}`),
  )
  if (faults.length === 0) return
  const longest = Math.max(...prompts.map(({ length }) => length))
  const more = faults.length > listed ? ` and ${faults.length - listed} more` : ''
  throw new ArgumentError({
    where,
    expected: `prompts of 1 to ${most} tokens (${because}), ids from 0 to ${words - 1}`,
    received: `${faults.slice(0, listed).join('; ')}${more}`,
    ...(longest > most && {
      fix: `ids.slice(-${most}) keeps the end of a prompt: of the longest, the model would not see the first ${longest - most} tokens.`,
    }),
  })
}

function faultsOf(ids: TokenIds, words: number, most: number): string[] {
  if (ids.length === 0) return ['is empty']
  const at = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= words)
  return [
    ...(ids.length > most ? [`of ${ids.length} tokens`] : []),
    ...(at === -1 ? [] : [`with the id ${String(ids[at])} at ${at}`]),
  ]
}

/** Rows of one length: how many positions stand in front of each, and the rows with that many zeros. */
export function padded(rows: readonly TokenIds[]): { readonly pads: number[]; readonly ids: number[][] } {
  const longest = Math.max(...rows.map(({ length }) => length))
  const pads = rows.map(({ length }) => longest - length)
  return { pads, ids: rows.map((row, i) => [...new Array<number>(pads[i] as number).fill(0), ...row]) }
}
