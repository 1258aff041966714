import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { arange, input, layers, ones, sequential, tensor, Variable } from '../index.ts'

const lines = (...text: string[]): string => text.join('\n')

describe('console.log of a tensor', () => {
  // The digits are NumPy's (2.4): print(np.array([1, 2.5, 1/3], dtype=np.float32)) and so on.
  test.each([
    ['a scalar', tensor(3.5), 'Tensor float32 [] 3.5'],
    ['a vector', tensor([1, 2, 3]), 'Tensor float32 [3] [1, 2, 3]'],
    [
      'as many digits as the dtype has',
      tensor([1, 2.5, 1 / 3]),
      'Tensor float32 [3] [1.00000000, 2.50000000, 0.33333334]',
    ],
    ['a float16', tensor([0.1, 2], { dtype: 'float16' }), 'Tensor float16 [2] [0.1, 2.0]'],
    ['very different sizes', tensor([1e-5, 1]), 'Tensor float32 [2] [1e-5, 1e+0]'],
    ['more than a thousand times', tensor([1001, 1]), 'Tensor float32 [2] [1.001e+3, 1.000e+0]'],
    ['large ones', tensor([1e8]), 'Tensor float32 [1] [1e+8]'],
    [
      'what is not finite',
      tensor([Number.NaN, Number.POSITIVE_INFINITY, 1.5]),
      'Tensor float32 [3] [     NaN, Infinity,      1.5]',
    ],
    ['integers', tensor([7, -12], { dtype: 'int32' }), 'Tensor int32 [2] [  7, -12]'],
    ['int64', tensor([2 ** 40], { dtype: 'int64' }), 'Tensor int64 [1] [1099511627776]'],
    ['booleans', tensor([true, false], { dtype: 'bool' }), 'Tensor bool [2] [ true, false]'],
    ['nothing', tensor(new Float32Array(0), { shape: [0, 3] }), 'Tensor float32 [0, 3] []'],
    [
      'a matrix',
      tensor([
        [1, 20],
        [3, 4],
      ]),
      lines('Tensor float32 [2, 2]', '[[ 1, 20],', ' [ 3,  4]]'),
    ],
    [
      'three dimensions',
      tensor([
        [[1], [2]],
        [[3], [4]],
      ]),
      lines('Tensor float32 [2, 2, 1]', '[[[1],', '  [2]],', '', ' [[3],', '  [4]]]'),
    ],
  ])('%s', (_, x, text) => {
    expect(inspect(x)).toBe(text)
  })

  test('more than a thousand elements are abbreviated as NumPy does', async () => {
    const x = await arange(2000, undefined, 1, { dtype: 'int32' }).reshape([40, 50]).evaluate()
    expect(inspect(x)).toBe(
      lines(
        'Tensor int32 [40, 50]',
        '[[   0,    1,    2, ...,   47,   48,   49],',
        ' [  50,   51,   52, ...,   97,   98,   99],',
        ' [ 100,  101,  102, ...,  147,  148,  149],',
        ' ...,',
        ' [1850, 1851, 1852, ..., 1897, 1898, 1899],',
        ' [1900, 1901, 1902, ..., 1947, 1948, 1949],',
        ' [1950, 1951, 1952, ..., 1997, 1998, 1999]]',
      ),
    )
  })

  test('long rows go on in the next line', () => {
    const row = inspect(tensor(Array.from({ length: 100 }, (_, i) => i)))
    const [, first = '', ...others] = row.split('\n')
    expect(first.startsWith('[ 0,  1,  2,')).toBe(true)
    for (const line of others) expect(line.length).toBeLessThanOrEqual(75)
  })

  test('nothing is computed by looking', async () => {
    const x = tensor([1, 2]).add(1)
    expect(inspect(x)).toBe('Tensor float32 [2] (not computed yet)')
    expect(inspect(x)).toBe('Tensor float32 [2] (not computed yet)')
    await x.data()
    expect(inspect(x)).toBe('Tensor float32 [2] [2, 3]')
    expect(x.preview).toBe('Tensor float32 [2] [2, 3]')
  })

  test('a prediction shows what was predicted, also within an object and in Deno', async () => {
    const model = sequential([layers.dense({ units: 1, kernelInitializer: 'ones', inputShape: [2] })])
    const y = await model.predict([[1, 2]])
    expect(inspect({ y })).toContain('Tensor float32 [1, 1]')
    expect(inspect({ y })).toContain('[[3]]')
    expect(inspect({ a: { b: { c: { y } } } }, { depth: 10 })).toContain('[[3]]')
    const deno = Symbol.for('Deno.customInspect')
    expect((y as unknown as Record<symbol, () => string>)[deno]?.()).toBe(y.preview)
  })
})

test('variables, places of models, layers and models in a line', () => {
  const kernel = new Variable(ones([2, 1]), { name: 'kernel', trainable: false })
  expect(inspect(kernel)).toBe("Variable 'kernel' (not trained) float32 [2, 1] (not computed yet)")
  const x = input({ shape: [3], name: 'pixels' })
  expect(inspect(x)).toBe('SymbolicTensor(float32 [batch, 3] of pixels)')
  const layer = layers.dense({ units: 2, name: 'logits' })
  expect(inspect(layer)).toBe("Dense 'logits', not built yet")
  const model = sequential([layers.input({ shape: [3] }), layer], { name: 'small' })
  expect(inspect(layer)).toBe("Dense 'logits' for [batch, 3], 8 parameters")
  expect(inspect(model)).toMatch(/^Sequential 'small' for \[batch, 3\], \d layers?, 8 parameters$/)
})
