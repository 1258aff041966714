import type { Variable } from '../tensor/variable.ts'
import { bytesOfPieces, type PackedPiece } from './packed-weights.ts'

/**
 * What a compiled function makes of a variable: `packed` for its products or convolutions; `constant`, so that what
 * depends on it alone is computed once; or an `input` that every call reads anew.
 */
export type PackingState = 'packed' | 'constant' | 'input'

/** What a compiled function makes of one of its variables. */
export interface VariablePacking {
  readonly variable: Variable
  readonly state: PackingState
  /** Bytes that its packed copies take, for all shapes of arguments together. */
  readonly bytes: number
  /** Why it is not packed; undefined where it is. */
  readonly reason: string | undefined
}

/** The same for one signature of the function's arguments. */
export interface Packing extends Omit<VariablePacking, 'bytes'> {
  readonly pieces: readonly PackedPiece[]
}

const order: readonly PackingState[] = ['packed', 'constant', 'input']

/** A row for each variable: the best of its states, the pieces of all signatures. */
export function mergePackings(rows: readonly Packing[]): VariablePacking[] {
  const byVariable = new Map<Variable, Packing[]>()
  for (const row of rows) byVariable.set(row.variable, [...(byVariable.get(row.variable) ?? []), row])
  return [...byVariable].map(([variable, all]) => {
    const [best] = all.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state)) as [Packing]
    const { state, reason } = best
    return { variable, state, bytes: bytesOfPieces(all.flatMap(({ pieces }) => pieces)), reason }
  })
}
