import '../../ops/methods.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { SymbolicTensor } from '../base/symbolic.ts'
import { callSymbolic, isSymbolicName, notSymbolic } from './calls.ts'
import type { Signatures, SymbolicName } from './signatures.ts'

type Rest<P extends readonly unknown[]> = P extends readonly [unknown, ...infer R] ? R : never

/** Methods of tensors that symbolic ones have as well. */
type SymbolicMethods = {
  [K in SymbolicName & keyof Tensor]: (...rest: Rest<Parameters<Signatures[K]>>) => ReturnType<Signatures[K]>
}

declare module '../base/symbolic.ts' {
  /**
   * Operations put themselves into the graph of the model, as layers do.
   *
   * @example
   * const x = input({ shape: [4] })
   * const y = layers.dense({ units: 4 }).apply(x)
   * model({ inputs: x, outputs: y.add(x).mul(0.5) })
   */
  interface SymbolicTensor extends SymbolicMethods {}
}

// What tensors have beside operations stays theirs: what symbolic tensors have themselves is not touched.
for (const name of Object.getOwnPropertyNames(Tensor.prototype)) {
  const { value, get } = Object.getOwnPropertyDescriptor(Tensor.prototype, name) ?? {}
  if (Object.hasOwn(SymbolicTensor.prototype, name) || (typeof value !== 'function' && get === undefined))
    continue
  if (isSymbolicName(name)) {
    Object.defineProperty(SymbolicTensor.prototype, name, {
      value: function (this: SymbolicTensor, ...args: unknown[]) {
        return callSymbolic(name, [this, ...args])
      },
      configurable: true,
      writable: true,
    })
  } else if (typeof value === 'function') {
    Object.defineProperty(SymbolicTensor.prototype, name, {
      value: function (this: SymbolicTensor): never {
        throw notSymbolic(name, [this])
      },
      configurable: true,
      writable: true,
    })
  }
}

// Every function of tensors comes to look at what made its argument.
Object.defineProperty(SymbolicTensor.prototype, 'node', {
  get(this: SymbolicTensor): never {
    throw notSymbolic('This function', [this])
  },
  configurable: true,
})
