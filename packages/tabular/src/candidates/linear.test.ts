import { hostRandom } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { predictRows } from '../blend.ts'
import { taskContext } from '../testing/task-contexts.ts'
import { fitLinear, predictLinear } from './fit-linear.ts'
import { linear } from './linear.ts'

test('of many rows some tell how much weights are held back, and all of them are learned from', async () => {
  const random = hostRandom(3, 4)
  const share = (): number => 2 * (random(1e6) / 1e6) - 1
  const rows = 14_000
  const cells = Array.from({ length: rows }, () => ({ a: share(), b: share() }))
  const signal = cells.map(({ a, b }) => 2 * a - b + share())
  const context = await taskContext('binary', cells, signal)
  const { training, watched } = context
  expect(training.values.length).toBeGreaterThan(10_000)
  const model = await linear.fit(context)
  const [found = []] = await predictRows(model, watched.frame)

  // The same, of all rows to the last digit: numbers of mean 0 and deviation 1, and the strength that was found.
  const columns = ['a', 'b'].map((name) => training.frame.values(name))
  const scaled = columns.map((own) => {
    const mean = own.reduce((sum, one) => sum + one, 0) / own.length
    const deviation = Math.sqrt(own.reduce((sum, one) => sum + (one - mean) ** 2, 0) / own.length)
    return (one: number) => (one - mean) / deviation
  })
  const matrix = ({ frame }: typeof training) => ({
    rows: frame.length,
    columns: 2,
    values: Float64Array.from({ length: 2 * frame.length }, (_, i) =>
      (scaled[i % 2] as (one: number) => number)(
        frame.values(['a', 'b'][i % 2] as string)[Math.floor(i / 2)] as number,
      ),
    ),
  })
  const work = fitLinear(matrix(training), training.values, 'logistic', 2, model.settings?.[0] as number)
  let step = work.next()
  while (step.done !== true) step = work.next()
  const [expected = []] = predictLinear(step.value, matrix(watched))
  expectClose(found, expected, { scaled: 2e-3 })
  const right = Array.from(found, (p, i) => Number(p > 0.5) === watched.values[i]).filter(Boolean).length
  expect(right / found.length).toBeGreaterThan(0.8)
})
