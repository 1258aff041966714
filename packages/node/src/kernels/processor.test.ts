import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readProcessor } from './processor.ts'

test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  'a processor says of itself what Linux says of it',
  () => {
    const flags = new Set(
      /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(/\s+/) ?? [],
    )
    const has = (...wanted: readonly string[]) => wanted.every((flag) => flags.has(flag))
    const processor = { hasAvx2: has('avx2', 'fma'), hasAvx512: has('avx2', 'fma', 'avx512f') }
    expect(readProcessor()).toEqual(processor)
    // And a second time, as where a process has two copies of the library.
    expect(readProcessor()).toEqual(processor)
  },
)
