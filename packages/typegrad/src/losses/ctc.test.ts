import { describe, expect, it } from 'vitest'
import { DataError, ShapeError } from '../base/errors.ts'
import { compile, grad, type Tensor, tensor, zeros } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { ctc } from './index.ts'

/** −log of the sum over every way to walk through the classes whose collapsed walk is the label. */
function byEnumeration(logits: readonly (readonly number[])[], label: readonly number[]): number {
  const rows = logits.map((row) => {
    const total = row.reduce((sum, x) => sum + Math.exp(x), 0)
    return row.map((x) => Math.exp(x) / total)
  })
  let total = 0
  const walk = (step: number, probability: number, path: readonly number[]): void => {
    if (step < rows.length) {
      rows[step]?.forEach((p, k) => {
        walk(step + 1, probability * p, [...path, k])
      })
      return
    }
    const spelled = path.filter((k, i) => k !== 0 && k !== path[i - 1])
    if (spelled.length === label.length && spelled.every((k, i) => k === label[i])) total += probability
  }
  walk(0, 1, [])
  return -Math.log(total)
}

const logits = [
  [0.3, -1, 0.8],
  [1.2, 0.1, -0.4],
  [-0.7, 0.9, 0.2],
  [0, 1.5, -2],
  [0.6, -0.2, 0.4],
]

describe('ctc', () => {
  it.each([[[1]], [[1, 2]], [[2, 2]], [[1, 1, 1]], [[2, 1, 2, 1]], [[]]])(
    'sums over all ways to spell %j',
    async (label) => {
      const filled = [...label, 0, 0, 0, 0, 0].slice(0, 5)
      const loss = compile((y: Tensor, x: Tensor) => ctc(y, x))
      const value = await loss(tensor([filled], { dtype: 'int32' }), tensor([logits]))
      expectClose(await value.data(), [byEnumeration(logits, label)])
    },
  )

  it('is large, and has a finite gradient, for a label that does not fit into the steps', async () => {
    const label = tensor([[1, 1, 2]], { dtype: 'int32' })
    const short = tensor([logits.slice(0, 3)])
    expect(await ctc(label, short).item()).toBeGreaterThan(9e4)
    const gradient = grad((x: Tensor) => ctc(label, x).sum())(short)
    for (const slope of await gradient.data()) expect(Number.isFinite(Number(slope))).toBe(true)
  })

  it('traces one step, however long the sequence is', () => {
    const nodes = (steps: number) =>
      compile((y: Tensor, x: Tensor) => grad((z: Tensor) => ctc(y, z).sum())(x))
        .explain(zeros([2, 3], { dtype: 'int32' }), zeros([2, steps, 4]))
        .split('\n').length
    expect(nodes(200)).toBe(nodes(10))
  })

  it('refuses shapes and labels that it cannot take', () => {
    expect(() => ctc(zeros([2]), zeros([2, 5, 3]))).toThrow(ShapeError)
    const labels = (values: number[], shape: number[]) => ({
      data: Int32Array.from(values),
      shape,
      dtype: 'int32' as const,
    })
    const loss = ctc()
    expect(() => loss.validate(labels([1, 2, 0, 1], [2, 2]), [null, 5, 3])).not.toThrow()
    expect(() => loss.validate(labels([1, 3, 0, 1], [2, 2]), [null, 5, 3])).toThrow(
      'whole class numbers from 1 to 2, and 0 behind the end of a label, received 3 for sample 0',
    )
    expect(() => loss.validate(labels([1, 2], [2]), [null, 5, 3])).toThrow(DataError)
  })
})
