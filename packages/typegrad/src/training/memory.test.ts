import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../testing/memory-of-steps.ts', import.meta.url))
const tsx = fileURLToPath(new URL('../../../../node_modules/tsx/dist/cli.mjs', import.meta.url))

test('training keeps no memory', { timeout: 240_000, retry: 2 }, () => {
  const output = execFileSync(process.execPath, [tsx, '--expose-gc', program], { encoding: 'utf8' })
  const measured = JSON.parse(output) as Readonly<Record<string, number>>
  console.log('memory grown, in MB:', measured)
  expect(measured.compiledSteps).toBeLessThan(5)
  // These also make and drop arrays and promises: what stays is the allocator's, and does not grow with the steps.
  for (const name of ['trainOnBatch', 'fit', 'predict']) expect(measured[name], name).toBeLessThan(20)
})
