import type { Form } from './run-sweep.ts'

/**
 * What is run: `narrow`: everything on this processor, kernels in tiles of AVX2 and graphs in those that the engine
 * chooses; `wide`: kernels in tiles of AVX-512, on this processor where it has that, else emulated; `compared`: kernels in
 * tiles of AVX2 on both this processor and the emulator, which have to give the same bits.
 */
export const passes = ['narrow', 'wide', 'compared'] as const
export type Pass = (typeof passes)[number]

/** What a sweeping process is told on its command line, as JSON. */
export interface Order {
  readonly names: readonly string[]
  readonly form: Form
  readonly pass: Pass
  readonly seed: number
  /** The first sweep begins at this case. */
  readonly from?: number | undefined
  /** This case of each sweep alone. */
  readonly only?: number | undefined
  /** Milliseconds that each sweep may take. */
  readonly budget?: number | undefined
  /** Before each case its sweep and number go into this file: where the process ends, that is what ended it. */
  readonly progress: string
}

/** What it says of each sweep, as JSON on a line of its own. */
export interface Outcome {
  readonly name: string
  readonly cases: number
  readonly failures: number
  /** The first of them. */
  readonly shown: readonly string[]
  readonly seconds: number
}
