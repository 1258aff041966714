import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'

test('a small BERT reads mails, and is tuned beside one that has not', { timeout: 600_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-bert-'))
  const small = [
    '--mails',
    '300',
    '--labelled',
    '48',
    '--tokens',
    '32',
    '--steps',
    '30',
    '--epochs',
    '2',
    '--seeds',
    '1',
  ]
  const text = await output('bert-pretrain-finetune.ts', ...small, '--output', folder)
  const [first = 0, last = 9] = numbers(text, /held out: ([\d.]+) nats after a tenth, ([\d.]+) at the end/)
  // A guess among 4,000 words is 8.3 nats.
  expect(first, text).toBeLessThan(8.5)
  expect(last).toBeLessThan(first - 0.3)
  for (const [task, classes] of [
    ['spam', 2],
    ['mailing list', 7],
  ] as const) {
    const row = new RegExp(
      `^${task}\\s+\\d+\\s+([\\d.]+)\\s%\\s+([\\d.]+)\\s%\\s+([\\d.]+)\\s%\\s+-?[\\d.]+\\s%$`,
      'm',
    )
    const [frequent = 0, ...shares] = numbers(text, row)
    expect(frequent, text).toBeGreaterThan(100 / classes)
    for (const share of shares) expect(share).toBeGreaterThan(10)
  }
  expect(await readFile(join(folder, 'scores.csv'), 'utf8')).toMatch(/^spam,\d+,/m)
  await rm(folder, { recursive: true })
})
