import { expect, test } from 'vitest'
import { kernelLimits } from '../../engine/node/x64/kernels.ts'
import { supervise } from './supervise.ts'
import { sweepNames } from './table.ts'

// The whole is `npm run sweep`. In a process of its own: what reads or writes where it should not ends it.
test.skipIf(kernelLimits() === undefined)(
  'kernels over sizes, thresholds and placements give what float64 gives',
  async () => {
    const outcomes = await supervise({ names: sweepNames, form: 'short', seed: 0 })
    expect(outcomes.flatMap(({ shown }) => shown)).toEqual([])
    expect(outcomes.map(({ name }) => name)).toEqual(sweepNames)
    for (const { name, cases } of outcomes) expect(cases, name).toBeGreaterThan(5)
  },
  // The limit is for a process that hangs: a machine with other work may take a minute.
  300_000,
)
