import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../testing/memory-of-packed-weights.ts', import.meta.url))
const tsx = fileURLToPath(new URL('../../../../node_modules/tsx/dist/cli.mjs', import.meta.url))

test('sessions that share hold what is packed once', { timeout: 60_000, retry: 2 }, () => {
  const output = execFileSync(process.execPath, [tsx, program], { encoding: 'utf8' })
  const { shared, apart } = JSON.parse(output) as { shared: number; apart: number }
  console.log('megabytes of 12 sessions:', { shared, apart })
  // 16 MB each. While one is loaded it has a copy of its own, and the allocator keeps some of these.
  expect(apart).toBeGreaterThan(10 * 16)
  expect(shared).toBeLessThan(6 * 16)
})
