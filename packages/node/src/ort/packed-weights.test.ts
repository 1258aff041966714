import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { bundleProgram } from '../../../../tools/bundle-program.ts'

const program = new URL('../testing/memory-of-packed-weights.ts', import.meta.url)

test('sessions that share hold what is packed once', { timeout: 60_000, retry: 2 }, async () => {
  const output = execFileSync(process.execPath, [await bundleProgram(program)], { encoding: 'utf8' })
  const { shared, apart } = JSON.parse(output) as { shared: number; apart: number }
  console.log('megabytes of 12 sessions:', { shared, apart })
  // 16 MB each. While one is loaded it has a copy of its own, and the allocator keeps some of these.
  expect(apart).toBeGreaterThan(10 * 16)
  expect(shared).toBeLessThan(6 * 16)
})
