import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { foldOf } from './folds-by-hash.ts'
import { gainOf, isWorthAnOffer } from './keeping-customers.ts'
import { numbers, output } from './program.ts'
import { reasonsFor, reasonsText } from './reasons.ts'

/** Of the table of figures: the area, offers, what they gain, and what offers to all do. */
const churnLine = /^1 +([\d.]+) ±.* ([\d.]+) ± [\d.]+ +(-?\d+) ± \d+ +(-?\d+) ± \d+$/m

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

test('churn in a bank: offers go to those with whom there is something to lose, with reasons', {
  timeout: 240_000,
}, async () => {
  const [text, report] = await quick('finance/bank-churn.ts', '--folds', '1', '--loans', '2500')
  expect(text).toContain('2500 loans, 100 of which were soon paid back in full')
  const [area = 0, offers = 0, gained = 0, byAll = 0] = numbers(text, churnLine)
  expect(area, text).toBeGreaterThan(0.55)
  expect(offers).toBeLessThan(40)
  // Offers to all cost more than they keep: those by the model gain all the same.
  expect(byAll).toBeLessThan(0)
  expect(gained).toBeGreaterThan(0)
  expect(text.match(/^\d+ % to leave, and \$\d+ with them: \w+ [\w.]+ \(\+[\d.]+\), /gm)).toHaveLength(3)
  expect(report).toContain('ROC curve')
})

test('churn of telephone customers: offers by the model gain more than offers to all', {
  timeout: 240_000,
}, async () => {
  const [text] = await quick('retail/churn.ts', '--folds', '1', '--customers', '2000')
  expect(text).toContain('2000 customers, 526 of whom left')
  const [area = 0, , gained = 0, byAll = 0] = numbers(text, churnLine)
  expect(area, text).toBeGreaterThan(0.82)
  expect(gained).toBeGreaterThan(1.5 * byAll)
  expect(text.match(/^\d+ % to leave, and \$\d+ with them: \w+ [\w -]+ \(\+[\d.]+\), /gm)).toHaveLength(3)
})

test('an offer is made where it is expected to keep more than it costs', () => {
  const offer = { cost: 10, kept: 0.5 }
  const customers = [
    { chance: 0.3, left: true, worth: 100 }, // 15 expected
    { chance: 0.3, left: false, worth: 100 },
    { chance: 0.9, left: true, worth: 20 }, // 9
    { chance: 0.1, left: false, worth: 100 }, // 5
  ]
  expect(customers.map((one) => isWorthAnOffer(one, offer))).toEqual([true, true, false, false])
  // Half of 100 is kept for two offers: 30 of four customers.
  expect(gainOf(customers, offer, (one) => isWorthAnOffer(one, offer))).toEqual({ gained: 750, offers: 50 })
  expect(gainOf(customers, offer, () => true)).toEqual({ gained: 500, offers: 100 })
})

test('reasons of a model that is linear in the log-odds are its weights times how far the cells are from usual', async () => {
  const others = Array.from({ length: 100 }, (_, i) => ({ a: i % 5, b: i % 2, y: 'no' }))
  const chancesOf = async (rows: readonly Readonly<Record<string, unknown>>[]) =>
    rows.map(({ a, b }) => 1 / (1 + Math.exp(-(0.5 * Number(a) - 2 * Number(b)))))
  const reasons = await reasonsFor(chancesOf, { a: 4, b: 1, y: 'yes' }, others, ['y'])
  expect(reasons.map(({ name }) => name)).toEqual(['a', 'b'])
  const means = { a: mean(others, 'a'), b: mean(others, 'b') }
  expect(reasons[0]?.by).toBeCloseTo(0.5 * (4 - means.a), 9)
  expect(reasons[1]?.by).toBeCloseTo(-2 * (1 - means.b), 9)
  expect(reasonsText(reasons, 1)).toBe(`a 4 (+${(0.5 * (4 - means.a)).toFixed(2)})`)
})

/** Of every third of a hundred rows, as reasons take them. */
function mean(rows: readonly Readonly<Record<string, unknown>>[], name: string): number {
  const own = rows.filter((_, i) => i % 3 === 0).map((row) => Number(row[name]))
  return own.reduce((sum, value) => sum + value, 0) / own.length
}

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
