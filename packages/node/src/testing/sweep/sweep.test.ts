import { expect, test } from 'vitest'
import { isWhole } from '../../../../../tools/whole-tests.ts'
import { currentProcessor } from '../../kernels/kernels.ts'
import { type Pass, passes } from './protocol.ts'
import { supervise } from './supervise.ts'
import { sweepNames } from './table.ts'

const titles: Readonly<Record<Pass, string>> = {
  narrow: 'kernels over sizes, thresholds and placements give what float64 gives',
  wide: 'so do those of AVX-512, on whatever processor this is',
  compared: 'the emulator of AVX-512 gives the bits of this processor, where both can run the code',
}

// The whole is `npm run sweep`. In a process of its own: what reads or writes where it should not ends it.
// The emulator itself is held to the processor in the whole run.
for (const pass of passes)
  test.skipIf((pass !== 'wide' && !currentProcessor().hasAvx2) || (pass === 'compared' && !isWhole))(
    titles[pass],
    async () => {
      const names = sweepNames[pass]
      const outcomes = await supervise({ names, form: 'short', pass, seed: 0 })
      expect(outcomes.flatMap(({ shown }) => shown)).toEqual([])
      expect(outcomes.map(({ name }) => name)).toEqual(names)
      for (const { name, cases } of outcomes) expect(cases, name).toBeGreaterThan(5)
    },
    // The limit is for a process that hangs: a machine with other work may take a minute.
    300_000,
  )
