import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { bundleProgram } from '../../../../tools/bundle-program.ts'

const program = new URL('../testing/dropped-models.ts', import.meta.url)

test('a model that was used is garbage when it is dropped, and its programs go with it', {
  timeout: 120_000,
}, async () => {
  const output = execFileSync(process.execPath, ['--expose-gc', await bundleProgram(program)], {
    encoding: 'utf8',
  })
  const { before, after, alive } = JSON.parse(output) as { before: number; after: number; alive: string[] }
  expect(before).toBeGreaterThan(5)
  expect(alive).toEqual([])
  expect(after).toBe(0)
})
