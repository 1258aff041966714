import { expect, test } from 'vitest'
import { isWhole } from '../../../../../tools/whole-tests.ts'
import { differential } from './differential.ts'

/** `npm run differential:onnx` makes others, for as long as it is told to. */
const seeds = Array.from({ length: isWhole ? 1000 : 60 }, (_, i) => i)

test('random graphs of ONNX give what ONNX Runtime makes of them', { timeout: 300_000 }, async () => {
  const { graphs, compared, findings } = await differential(seeds)
  expect(findings.map(({ seed, what, graph }) => `seed ${seed}: ${what}\n${graph}`)).toEqual([])
  // Most graphs are ones that ONNX Runtime takes, too, and they have all kinds of operators.
  expect(graphs).toBeGreaterThan(0.8 * seeds.length)
  expect(compared.size).toBeGreaterThan(40)
})
