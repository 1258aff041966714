import type { Tensor } from '../../tensor/tensor.ts'

/**
 * Stands in the place of a layer's call.
 *
 * @param x what the layer is called with.
 * @param call what it would give for it.
 */
export type CallInterceptor = (x: Tensor, call: () => Tensor) => Tensor

let current: ReadonlyMap<object, CallInterceptor> | undefined

/** What stands in the place of a layer's call at the moment; undefined for most. */
export const interceptorOf = (layer: object): CallInterceptor | undefined => current?.get(layer)

/**
 * Runs `body` with something else in the place of some layers' calls: sees what layers are given, deep within a model, or gives
 * what was computed before. PyTorch's forward hooks are the same idea. For layers of one input and one output.
 *
 * @param interceptors by layer.
 * @example
 * let given: Tensor | undefined
 * const spy: CallInterceptor = (x, call) => {
 *   given = x
 *   return call()
 * }
 * interceptCalls(new Map([[model.getLayer('dense'), spy]]), () => model.apply(x))
 */
export function interceptCalls<T>(interceptors: ReadonlyMap<object, CallInterceptor>, body: () => T): T {
  const outer = current
  current = interceptors
  try {
    return body()
  } finally {
    current = outer
  }
}
