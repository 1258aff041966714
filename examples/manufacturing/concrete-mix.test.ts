import { expect, test } from 'vitest'
import { numbers, output } from '../program.ts'

test('on a small budget mixes are found that are cheaper, and that judges think weaker than their own nets do', async () => {
  const text = await output(
    'manufacturing/concrete-mix.ts',
    '--epochs',
    '40',
    '--nets',
    '2',
    '--steps',
    '300',
  )
  const [own = 0] = numbers(text, /^nets: root mean square error ([\d.]+)/m)
  // The spread of all strengths is 16.7.
  expect(own, text).toBeGreaterThan(3)
  expect(own, text).toBeLessThan(12)
  const row = (way: string) =>
    numbers(text, new RegExp(`^60 MPa, ${way} +([\\d.]+) +([\\d.]+) +([\\d.]+)$`, 'm'))
  const [known = 0] = row('cheapest known')
  const [price = 0, nets = 0, judges = 0] = row('no care')
  expect(price, text).toBeLessThan(known)
  expect(Math.abs(nets - 60), text).toBeLessThan(3)
  expect(judges, text).toBeLessThan(nets)
  expect(text).toMatch(/^30 MPa: \d+ cement, \d+ blast furnace slag/m)
})
