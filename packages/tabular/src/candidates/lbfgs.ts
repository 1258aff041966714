/** A function of several numbers, and its gradient, which it writes. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number

export interface MinimumOptions {
  readonly steps: number
  /** The largest element of the gradient at which the search ends. */
  readonly tolerance: number
}

/** Steps that are remembered. */
const memory = 10

/**
 * The minimum of a smooth convex function, by L-BFGS with backtracking (Nocedal and Wright, "Numerical Optimization", 2006, algorithms
 * 7.4, 7.5 and 3.1). It yields between steps.
 *
 * @param point where to begin; it ends in the minimum.
 */
export function* minimize(
  objective: Objective,
  point: Float64Array,
  { steps, tolerance }: MinimumOptions,
): Generator<void, number, void> {
  const size = point.length
  const gradient = new Float64Array(size)
  const [next, nextGradient] = [new Float64Array(size), new Float64Array(size)]
  const pairs: { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[] = []
  let value = objective(point, gradient)
  for (let step = 0; step < steps; step++) {
    yield
    if (gradient.every((one) => Math.abs(one) <= tolerance)) break
    const direction = downhill(gradient, pairs)
    const slope = dot(gradient, direction)
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1
    let found = Number.POSITIVE_INFINITY
    // Armijo's condition; each halving is one more look at the function.
    for (let tries = 0; tries < 30; tries++, length /= 2) {
      for (let i = 0; i < size; i++) next[i] = (point[i] as number) + length * (direction[i] as number)
      found = objective(next, nextGradient)
      if (found <= value + 1e-4 * length * slope) break
    }
    if (!(found < value)) break
    const s = new Float64Array(size)
    const y = new Float64Array(size)
    for (let i = 0; i < size; i++) {
      s[i] = (next[i] as number) - (point[i] as number)
      y[i] = (nextGradient[i] as number) - (gradient[i] as number)
    }
    const curvature = dot(s, y)
    if (curvature > 1e-12 * dot(y, y)) {
      pairs.push({ s, y, rho: 1 / curvature })
      if (pairs.length > memory) pairs.shift()
    }
    point.set(next)
    gradient.set(nextGradient)
    value = found
  }
  return value
}

/** The two loops by which L-BFGS multiplies the gradient by its estimate of the inverse Hessian. */
function downhill(
  gradient: Float64Array,
  pairs: readonly { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[],
): Float64Array {
  const direction = gradient.map((one) => -one)
  const factors = new Float64Array(pairs.length)
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y, rho } = pairs[i] as (typeof pairs)[number]
    factors[i] = rho * dot(s, direction)
    add(direction, -(factors[i] as number), y)
  }
  const last = pairs.at(-1)
  if (last !== undefined) {
    const scale = dot(last.s, last.y) / dot(last.y, last.y)
    for (let i = 0; i < direction.length; i++) direction[i] = scale * (direction[i] as number)
  }
  pairs.forEach(({ s, y, rho }, i) => {
    add(direction, (factors[i] as number) - rho * dot(y, direction), s)
  })
  return direction
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function add(to: Float64Array, factor: number, what: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + factor * (what[i] as number)
}
