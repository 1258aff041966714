/**
 * `testing/sweep/`: kernels and graphs over all sizes against float64 (`npm run sweep`). It knows the loops, the
 * emulator and doors of the library, and nothing but its command and a test uses it.
 */
import type { Kernel } from 'typegrad/engine'
import type { Dimensions } from './dimensions.ts'
import type { Random } from './random.ts'

export type Elements = Float32Array | Uint8Array | Int32Array | BigInt64Array

/** What one output has to be. */
export interface Expected {
  /** In float64. */
  readonly values: ArrayLike<number>
  /** How far each may be off: 0 if not given, since most cases compute with whole numbers. */
  readonly tolerance?: (expected: number) => number
  /** Elements that the kernel's definition leaves open, and that it need not write. */
  readonly isOpen?: (element: number) => boolean
  /** Elements that may also be 0. */
  readonly mayBeZero?: (element: number) => boolean
}

/** One kernel with its inputs, and what has to come out. */
export interface KernelCase {
  readonly kernel: Kernel
  readonly inputs: readonly Elements[]
  /**
   * For each output what it has to be; a function judges one that has no single right value, and says what is wrong;
   * undefined where it is scratch memory.
   */
  readonly outputs: readonly (Expected | ((received: Float32Array) => string | undefined) | undefined)[]
  /** The first output takes the memory of this input. */
  readonly over?: number
}

/** How the cases of one kernel are made. `T` is what they differ in. */
export interface KernelSweep<T extends object = object> {
  readonly dimensions: Dimensions<T>
  /** About how many cases the short form takes; the rest of all values of each dimension is left out. Default 120. */
  readonly shortCases?: number
  /** @returns undefined where these values do not go together. */
  build(values: T, random: Random): KernelCase | undefined
}

/** Lets the compiler find out what a sweep's cases differ in, and then forgets it, as the table of all sweeps has to. */
export const kernelSweep = <T extends object>(sweep: KernelSweep<T>): KernelSweep =>
  sweep as unknown as KernelSweep
