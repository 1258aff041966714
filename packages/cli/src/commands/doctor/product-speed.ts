import { compile, type Engine, full, type Tensor } from 'typegrad'

const size = 1024
/** Milliseconds that are measured. */
const measured = 400

/** How fast an engine multiplies matrices, and whether it does so rightly. */
export interface ProductSpeed {
  /** Additions and multiplications a second, in thousand millions. */
  readonly gigaflops: number
  readonly isRight: boolean
}

/** Multiplies matrices of 1024 × 1024: the best of the runs that fit into the time, and what the last gave. */
export async function productSpeed(engine: Engine): Promise<ProductSpeed> {
  const multiply = compile((a: Tensor, b: Tensor) => a.matmul(b), { engine })
  const [a, b] = [full([size, size], 0.5), full([size, size], 2)]
  let best = Number.POSITIVE_INFINITY
  let product = await (await multiply(a, b)).data()
  const began = performance.now()
  do {
    const start = performance.now()
    const run = await multiply(a, b)
    product = await run.data()
    best = Math.min(best, performance.now() - start)
  } while (performance.now() - began < measured)
  return {
    gigaflops: (2 * size ** 3) / best / 1e6,
    isRight: product.every((value) => value === size),
  }
}
