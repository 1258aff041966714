import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { foldOf } from './folds-by-hash.ts'
import { numbers, output } from './program.ts'

/** What a program printed in a quick run, and the report that it wrote. */
async function quick(program: string, ...args: string[]): Promise<readonly [text: string, report: string]> {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-trades-'))
  try {
    const text = await output(program, '--models', 'linear', ...args, '--output', folder)
    return [text, await readFile(join(folder, 'report.html'), 'utf8')]
  } finally {
    await rm(folder, { recursive: true })
  }
}

// One fold, the linear model alone. The whole ones are told in the programs' first lines.
test('credit risk: loans are decided on by what decisions cost, with reasons', {
  timeout: 240_000,
}, async () => {
  const [text, report] = await quick('finance/credit-risk.ts', '--folds', '1')
  expect(text).toContain('4454 loans, 1254 of which were not paid back')
  const [area = 0, cost = 0, ofAll = 0] = numbers(
    text,
    /^1 +([\d.]+) ± .* ([\d.]+) ± [\d.]+ +([\d.]+) ± [\d.]+$/m,
  )
  expect(area).toBeGreaterThan(0.78)
  expect(cost, text).toBeLessThan(0.75 * ofAll)
  expect(text).toMatch(/threshold 0.167/)
  expect(text).toMatch(/the riskiest of \d+: \d+ %, because of (\w+ [\w.]+ \(\+[\d.]+\)(, )?){4}/)
  expect(report).toContain('ROC curve')
})

test('breast cancer: five folds, and probabilities to be taken at their word', {
  timeout: 240_000,
}, async () => {
  const [text, report] = await quick('health/breast-cancer.ts', '--repetitions', '1')
  const [area = 0, loss = 1] = numbers(text, /^5 +([\d.]+) ± [\d.]+ +([\d.]+) ±/m)
  expect(area, text).toBeGreaterThan(0.985)
  expect(loss).toBeLessThan(0.11)
  const [mean = 1, share = 0] = numbers(text, /^0 to 0.02 +\d+ +([\d.]+) +([\d.]+)$/m)
  expect(Math.abs(mean - share)).toBeLessThan(0.02)
  expect(report).toContain('Calibration')
})

test('folds are of like sizes, and each repetition has others', () => {
  const folds = Array.from({ length: 1000 }, (_, row) => [foldOf(row, 0, 5), foldOf(row, 1, 5)] as const)
  for (let fold = 0; fold < 5; fold++) {
    expect(folds.filter(([own]) => own === fold).length).toBeGreaterThan(180)
    // A fifth of a fold's rows are together in another repetition too.
    expect(folds.filter(([a, b]) => a === fold && b === fold).length).toBeLessThan(90)
  }
})
