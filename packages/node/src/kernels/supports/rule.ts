/**
 * `kernels/supports/`: for which shapes each kernel is there and faster than the runtime's own operators, with what was
 * measured. It knows requests as plain data and what the loops can do, and no graph.
 */
import type { KernelKind, KernelPlans, KernelRequests } from 'typegrad/engine'

/** What rules know of where kernels run. */
export interface Cores {
  /** Parts of a kernel's work that are done side by side. */
  readonly threads: number
  /** Whether registers of sixteen floats are there, beside those of eight. */
  readonly hasAvx512: boolean
}

/** Whether, and how, a piece of work becomes a kernel. */
export type SupportRule<K extends KernelKind> = (
  request: KernelRequests[K],
  cores: Cores,
) => KernelPlans[K] | false
