import { type ElementwiseKernel, registersNeeded, sizeOf } from 'typegrad/engine'
import { maxRegisters } from '../elementwise-body.ts'
import { hasWholeBytes, maxPointers } from '../elementwise-layout.ts'
import { reachBytes } from './reach.ts'
import type { SupportRule } from './rule.ts'

/** Instructions of one kernel: beyond, code grows and nothing is gained. */
const maxInstructions = 64

/** Whatever registers and addresses reach: one pass over memory is always less than several. */
export const elementwise: SupportRule<'elementwise'> = (kernel) => {
  const { values, outputs } = kernel
  const inputs = values.filter(({ kind }) => kind === 'input').length
  return (
    values.filter(({ kind }) => kind === 'op').length <= maxInstructions &&
    inputs + outputs.length <= maxPointers &&
    isInReach(kernel) &&
    hasWholeBytes(kernel) &&
    registersNeeded(kernel) <= maxRegisters
  )
}

function isInReach({ axes, values }: ElementwiseKernel): boolean {
  const [far, middle, near, inner] = axes
  const floats = values.flatMap((value) =>
    value.kind === 'input' ? [value.offset, ...value.strides.map(Math.abs)] : [],
  )
  // Counted in elements, and its axes by their distances in bytes.
  return (
    far * middle * near * inner < reachBytes && 4 * Math.max(middle * near * inner, ...floats) < reachBytes
  )
}

/**
 * Elements from which a copy is faster than the runtime's operator. Its Slice finds each row's place anew, which for short
 * rows takes longer than the copy: 0.62 ms where this takes 0.2, for 32 × 128 × 11 × 11 of 13 × 13 on 2 cores. Its
 * Transpose goes element by element where three axes turn around: 18 ms for 3 × 3 × 512 × 512.
 */
const minCopied = { slice: 4096, transpose: 1 << 14 } as const

export const copy: SupportRule<'copy'> = ({ operator, shape }) => sizeOf(shape) >= minCopied[operator]
