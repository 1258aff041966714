import { expect, test } from 'vitest'
import { ArgumentError, type Tensor, tensor } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { dense } from '../core/dense.ts'
import { registerLayer } from './deserialize.ts'
import type { AnyLayer, CallContext } from './layer.ts'
import { Wrapper } from './wrapper.ts'

class Twice extends Wrapper {
  readonly className = 'Twice'
  call(x: Tensor, context: CallContext): Tensor {
    return this.layer.apply(this.layer.apply(x, context), context)
  }
}
registerLayer('Twice', (config) => new Twice(config as never) as unknown as AnyLayer)

test('has the weights of its layer and is saved with it', () =>
  testLayer(
    (o) =>
      new Twice({ layer: dense({ units: 3, name: 'inner', dtype: o.dtype ?? 'float32' }), ...o }) as never,
    {
      inputShape: [2, 3],
      expectedOutputShape: [2, 3],
      expectedWeights: [
        ['inner/kernel', [3, 3]],
        ['inner/bias', [3]],
      ],
    },
  ))

test('calls it as it likes', async () => {
  const twice = new Twice({ layer: dense({ units: 1, kernelInitializer: 'ones', biasInitializer: 'ones' }) })
  expect(await twice.apply(tensor([[5]])).toArray()).toEqual([[7]])
})

test('wants a layer', () => {
  expect(() => new Twice({ layer: 3 as never })).toThrow(ArgumentError)
  expect(() => new Twice({ layer: 3 as never })).toThrow('Twice: expected a layer to wrap')
})
