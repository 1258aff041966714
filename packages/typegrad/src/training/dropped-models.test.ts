import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../testing/dropped-models.ts', import.meta.url))
const tsx = fileURLToPath(new URL('../../../../node_modules/tsx/dist/cli.mjs', import.meta.url))

test('a model that was used is garbage when it is dropped, and its programs go with it', {
  timeout: 120_000,
}, () => {
  const output = execFileSync(process.execPath, [tsx, '--expose-gc', program], { encoding: 'utf8' })
  const { before, after, alive } = JSON.parse(output) as { before: number; after: number; alive: string[] }
  expect(before).toBeGreaterThan(5)
  expect(alive).toEqual([])
  expect(after).toBe(0)
})
