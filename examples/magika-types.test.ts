import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onnxModel } from 'typegrad'
import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { bytesOf, MagikaBody } from './magika-types/body.ts'
import { splitFiles } from './magika-types/files.ts'
import { histogramRows } from './magika-types/histograms.ts'
import { featuresOf, magikaFiles } from './magika-types/magika.ts'
import { numbers, output } from './program.ts'

test('no package and no region learns and judges, and another seed parts them otherwise', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-magika-'))
  for (let i = 0; i < 12; i++) {
    const [packageFolder, region] = [join(folder, 'packages', `p${i}`), join(folder, 'zones', `R${i}`)]
    await mkdir(packageFolder, { recursive: true })
    await mkdir(region, { recursive: true })
    for (const name of ['a.js', 'b.js'])
      await writeFile(join(packageFolder, name), `package ${i} ${name} `.repeat(8))
    await writeFile(join(region, 'zone'), `TZif region ${i} `.repeat(8))
  }
  const from = { packages: join(folder, 'packages'), zones: join(folder, 'zones') }
  const groupsOf = (seed: number) => {
    const { train, test: judged } = splitFiles(from, 30, seed)
    const of = (part: typeof train) =>
      new Set(
        part.map(({ features }) =>
          /package \d+|region \d+/.exec(Buffer.from(features.slice(0, 64)).toString('latin1')),
        ),
      )
    const named = (part: typeof train) => [...of(part)].flatMap((found) => found?.[0] ?? []).sort()
    return { train: new Set(named(train)), test: new Set(named(judged)), count: train.length + judged.length }
  }
  const [first, second] = [groupsOf(1), groupsOf(2)]
  expect([...first.train].filter((group) => first.test.has(group))).toEqual([])
  expect(first.train.size + first.test.size).toBe(24)
  // 24 files of packages, 12 zones, 30 files of tensors on either side.
  expect(first.count).toBe(24 + 12 + 60)
  expect(second.train).not.toEqual(first.train)
  await rm(folder, { recursive: true })
})

test('a histogram has the roots of shares, which are of length 1', () => {
  const [row] = histogramRows([{ type: 'a', hash: '', features: Int32Array.of(7, 7, 7, 256) }])
  expect(row?.[7]).toBeCloseTo(Math.sqrt(0.75), 6)
  expect(row?.[256]).toBeCloseTo(0.5, 6)
  expect(row?.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 6)
})

const missingOf = (files: Promise<unknown>): Promise<string | undefined> =>
  files.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )

test('the scores that are kept of a file are those that the whole network decides by', {
  timeout: 300_000,
}, async ({ skip }) => {
  const missing = await missingOf(magikaFiles())
  if (missing !== undefined) return skip(missing)
  const net = await onnxModel((await magikaFiles()).onnx)
  const texts = ['{"a": [1, 2, 3]}\n'.repeat(20), '# Title\n\nA paragraph of text.\n'.repeat(9)]
  const samples = texts.map((text) => ({ type: '', hash: text, features: featuresOf(Buffer.from(text)) }))
  const body = new MagikaBody(net)
  const seen = await body.of([...samples, ...samples])
  expect(body.count).toBe(2)
  expect(seen[2]).toBe(seen[0])
  const whole = (await (await net.predict(bytesOf(samples))).toArray()) as number[][]
  seen.slice(0, 2).forEach(({ scores, features }, i) => {
    expect(features).toHaveLength(512)
    const exps = Array.from(scores, (score) => Math.exp(score - Math.max(...scores)))
    const sum = exps.reduce((a, b) => a + b)
    exps.forEach((x, type) => {
      expect(x / sum).toBeCloseTo(whole[i]?.[type] ?? Number.NaN, 5)
    })
  })
})

// Eight files of each type are few to learn from; what is learnt of forty takes a minute.

test('new types are learnt, and old ones stay known', { timeout: 900_000 }, async ({ skip }) => {
  const missing = await missingOf(magikaFiles())
  if (missing !== undefined) return skip(missing)
  const budget = isWhole ? ['--seeds', '2'] : ['--perType', '8', '--seeds', '1', '--epochs', '200']
  const text = (await output('magika-types.ts', ...budget)).replaceAll('\u00a0', ' ')
  const figures = (kind: string): number[] =>
    numbers(text, new RegExp(`^${kind} +([\\d.]+) %[ ±.\\d]*? +([\\d.]+) %[ ±.\\d]*? +([\\d.]+) %`, 'm'))
  const [before, , taught = 0] = figures('new types')
  expect(before, text).toBe(0)
  expect(taught, text).toBeGreaterThan(isWhole ? 97 : 60)
  const [known = 0, , kept = 0] = figures('old types')
  expect(known, text).toBeGreaterThan(90)
  expect(kept, text).toBeGreaterThan(known - 10)
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
})
