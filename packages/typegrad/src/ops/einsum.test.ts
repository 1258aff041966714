import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateAll, ops, tensor, zeros } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { numbers } from '../testing/numeric-gradient.ts'

/** The definition: a sum over all values of all letters. */
function naive(
  terms: readonly string[],
  result: string,
  sizes: ReadonlyMap<string, number>,
  operands: readonly number[][],
): number[] {
  const letters = [...sizes.keys()]
  const offset = (labels: string, at: ReadonlyMap<string, number>) =>
    [...labels].reduce((o, l) => o * (sizes.get(l) as number) + (at.get(l) as number), 0)
  const output = new Array<number>([...result].reduce((n, l) => n * (sizes.get(l) as number), 1)).fill(0)
  const total = letters.reduce((n, l) => n * (sizes.get(l) as number), 1)
  for (let i = 0; i < total; i++) {
    const at = new Map<string, number>()
    let rest = i
    for (const l of letters) {
      at.set(l, rest % (sizes.get(l) as number))
      rest = Math.floor(rest / (sizes.get(l) as number))
    }
    const product = terms.reduce((p, term, k) => p * (operands[k]?.[offset(term, at)] as number), 1)
    const place = offset(result, at)
    output[place] = (output[place] as number) + product
  }
  return output
}

const letters = 'abcd'
const equation = fc
  .record({
    terms: fc.array(fc.string({ unit: fc.constantFrom(...letters), maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    }),
    picks: fc.array(fc.nat(3), { maxLength: 3 }),
    sizes: fc.tuple(...[...letters].map(() => fc.integer({ min: 1, max: 3 }))),
  })
  .map(({ terms, picks, sizes }) => {
    const used = [...new Set(terms.join(''))]
    const result = [...new Set(picks.flatMap((p) => used[p] ?? []))].join('')
    return { terms, result, sizes: new Map([...letters].map((l, i) => [l, sizes[i] as number])) }
  })

describe('einsum', () => {
  it('is the sum over all letters, for any equation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(equation, { minLength: 5, maxLength: 5 }), async (equations) => {
        const cases = equations.map(({ terms, result, sizes }) => {
          const shapes = terms.map((term) => [...term].map((l) => sizes.get(l) as number))
          const operands = shapes.map((shape, i) =>
            numbers(
              shape.reduce((a, b) => a * b, 1),
              -1,
              1,
              20 * i + 1,
            ),
          )
          const received = ops.einsum(
            `${terms.join(',')}->${result}`,
            ...operands.map((data, i) => tensor(data, { shape: shapes[i] as number[] })),
          )
          const used = new Map([...sizes].filter(([l]) => terms.join('').includes(l)))
          return { received, expected: naive(terms, result, used, operands), what: `${terms}->${result}` }
        })
        await evaluateAll(cases.map(({ received }) => received))
        for (const { received, expected, what } of cases)
          expectClose((await received.data()) as Float32Array, expected, {}, what)
      }),
      { numRuns: 40 },
    )
  })

  it('guesses the result as NumPy does: letters that occur once, in alphabetical order', async () => {
    expect(
      await ops
        .einsum(
          'ba',
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .toArray(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(await ops.einsum('ij,jk', tensor([[1, 2]]), tensor([[3], [4]])).toArray()).toEqual([[11]])
    expect(
      await ops
        .einsum(
          'ii',
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .toArray(),
    ).toBe(5)
  })

  it.each([
    [
      () => ops.einsum('ij,jk->ik', zeros([2, 3])),
      "einsum: expected an equation such as 'ij,jk->ik' with a term for each of the 1 operands, received 'ij,jk->ik'.",
    ],
    [() => ops.einsum('i2->i', zeros([2, 3])), /expected an equation such as/],
    [
      () => ops.einsum('ij->ik', zeros([2, 3])),
      "einsum: expected a result whose letters occur in the operands, each once, received 'ij->ik'.",
    ],
    [() => ops.einsum('ij->ii', zeros([2, 3])), /each once/],
    [
      () => ops.einsum('ijk->i', zeros([2, 3])),
      "einsum: expected 3 axes for 'ijk' of 'ijk->i', received shape [2, 3].",
    ],
    [
      () => ops.einsum('ij,jk->ik', zeros([2, 3]), zeros([4, 5])),
      "einsum: expected one size for 'j' in 'ij,jk->ik', received 3 and 4.",
    ],
    [() => ops.einsum('ii->i', zeros([2, 3])), "expected one size for 'i'"],
  ])('says what is wrong with an equation (%#)', (run, message) => {
    expect(run).toThrow(message)
  })
})
