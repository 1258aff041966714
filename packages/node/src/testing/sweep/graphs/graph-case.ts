import { type Tensor, tensor } from 'typegrad'
import { optimize } from 'typegrad/core'
import { createEngine, type Engine, noKernels } from 'typegrad/engine'
import { valuesOn } from 'typegrad/testing'
import { processorSupport } from '../../../kernels/kernels.ts'
import type { Dimensions } from '../dimensions.ts'
import type { Random } from '../random.ts'
import type { Sweep, Verdict } from '../run-sweep.ts'

/** A graph's results, and what each has to be in float64. */
export interface GraphCase {
  readonly what: string
  readonly results: readonly {
    readonly value: Tensor
    /** Undefined where a graph with kernels is held to the one without alone. */
    readonly expected?: ArrayLike<number>
    /** How far off elements may be: 0 if not given, since most cases compute with whole numbers. */
    readonly tolerance?: number
  }[]
}

let engine: Promise<Engine> | undefined

/** Graphs by the values that they differ in; `threads` says into how many tasks kernels cut their work. */
export function graphSweep<T extends { readonly threads: number }>(
  dimensions: Dimensions<T>,
  build: (values: T, random: Random) => GraphCase | undefined,
): Sweep {
  const sweep: Sweep<T> = {
    dimensions,
    shortCases: 10,
    async judge(values, random): Promise<Verdict> {
      const made = build(values, random)
      if (made === undefined) return 'nothing'
      engine ??= createEngine()
      const on = await engine
      const support = on.kernelSupport === noKernels ? undefined : processorSupport(values.threads)
      const nodes = made.results.map(({ value }) => value.node)
      const plain = await valuesOn(on, optimize(nodes))
      const withKernels = support && (await valuesOn(on, optimize(nodes, support), support))
      for (const [i, { expected, tolerance = 0, value }] of made.results.entries())
        for (const [which, received] of [
          ['without kernels', plain[i]],
          ['with kernels', withKernels?.[i]],
        ] as const) {
          if (received === undefined) continue
          const wrong = difference(received, expected ?? (plain[i] as Float32Array), tolerance)
          if (wrong)
            return { wrong: `${made.what}: result ${i} ${JSON.stringify(value.shape)} ${which}: ${wrong}` }
        }
      return 'right'
    },
  }
  return sweep as unknown as Sweep
}

function difference(
  received: ArrayLike<number | bigint>,
  expected: ArrayLike<number>,
  tolerance: number,
): string | undefined {
  if (received.length !== expected.length) return `${received.length} elements, not ${expected.length}`
  for (let i = 0; i < expected.length; i++) {
    const [e, r] = [expected[i] as number, Number(received[i])]
    if (e === r || (Number.isNaN(e) && Number.isNaN(r)) || Math.abs(e - r) <= tolerance) continue
    return `element ${i} is ${r}, not ${e}`
  }
  return undefined
}

/** A tensor and its elements. */
export interface Given {
  readonly tensor: Tensor
  readonly data: Float32Array
}

export const ofData = (shape: readonly number[], data: Float32Array): Given => ({
  tensor: tensor(data, { shape }),
  data,
})

/** A tensor of whole numbers. */
export const integers = (shape: readonly number[], random: Random, most = 3): Given =>
  ofData(shape, random.integers(sizeOf(shape), most))

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** A new array of so many elements, each of which is a sum over `count` products. */
export function sums(length: number, count: number, term: (at: number, i: number) => number): Float64Array {
  return Float64Array.from({ length }, (_, at) => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += term(at, i)
    return sum
  })
}
