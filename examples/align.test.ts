import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'

test('pairs and rewards both teach a decoder to speak of its writer, and cost it some of its language', {
  timeout: 600_000,
}, async () => {
  const text = await output(
    'align.ts',
    ...['--mails', '1200', '--vocabulary', '512', '--width', '48', '--blocks', '1', '--steps', '250'],
    ...['--pairs', '96', '--epochs', '4', '--rounds', '24', '--samples', '160'],
    ...['--dpo', '0.1', '--grpo', '0.03'],
  )
  const measured = (name: string) =>
    numbers(
      text.replaceAll('\u00a0', ' '),
      new RegExp(`^${name} +([\\d.]+) % +([\\d.]+) +([\\d.]+) +(\\d+) %$`, 'm'),
    )
  const [before, dpo, grpo] = ['before', 'DPO, beta 0.1', 'GRPO, beta 0.03'].map(measured)
  for (const [share = 0, loss = 0, kl = 0] of [dpo, grpo] as number[][]) {
    expect(share, text).toBeGreaterThan((before?.[0] ?? 100) + 20)
    // What is learnt is not free, and language is not lost.
    expect(kl).toBeGreaterThan(0.001)
    expect(loss).toBeLessThan((before?.[1] ?? 0) + 0.8)
  }
  expect(before?.[2]).toBeLessThan(1e-4)
})
