/**
 * `npm run sweep`: machine code of all kernels, and graphs on the engine with and without them, over residues of all
 * sizes and both sides of all thresholds, against float64 in plain JavaScript. Prints a table; ends with 1 if a case
 * failed.
 *
 * `--kernel a,b` these sweeps alone; `--seed n` other values beside each pair (0); `--minutes n` then goes on at random
 * for so long; `--short` what `npm test` runs; `--case n` (with `--kernel` and perhaps `--short`) one case alone.
 */
import { parseArgs } from 'node:util'
import type { Outcome } from './protocol.ts'
import type { Form } from './run-sweep.ts'
import { supervise } from './supervise.ts'
import { sweepNames } from './table.ts'

const { values } = parseArgs({
  options: {
    kernel: { type: 'string' },
    seed: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '0' },
    short: { type: 'boolean', default: false },
    case: { type: 'string' },
  },
})

const whole = (option: string, text: string): number => {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new Error(`sweep: --${option} expected a number of 0 or more, received '${text}'`)
  return number
}
const names = values.kernel?.split(',') ?? sweepNames
for (const name of names)
  if (!sweepNames.includes(name))
    throw new Error(`sweep: --kernel expected some of ${sweepNames.join(', ')}, received '${name}'`)
const seed = whole('seed', values.seed)
const only = values.case === undefined ? undefined : whole('case', values.case)
const budget = (whole('minutes', values.minutes) * 60_000) / names.length

const line = (...cells: readonly (string | number)[]): void => {
  const [name, ...rest] = cells.map(String)
  console.log((name ?? '').padEnd(28) + rest.map((cell) => cell.padStart(10)).join(''))
}
const all: Outcome[] = []
const sweep = async (form: Form): Promise<void> => {
  const more = form === 'endless' ? { budget } : {}
  all.push(
    ...(await supervise({ names, form, seed, only, ...more }, (outcome) => {
      const { name, cases, failures, left, seconds, shown } = outcome
      line(form === 'endless' ? `${name}, at random` : name, cases, failures, left, seconds.toFixed(1))
      for (const failure of shown) console.log(`  ${failure}`)
    })),
  )
}
line('kernel', 'cases', 'failures', 'not run', 'seconds')
await sweep(values.short ? 'short' : 'whole')
if (budget > 0) await sweep('endless')
const sum = (of: (outcome: Outcome) => number): number =>
  all.reduce((total, outcome) => total + of(outcome), 0)
const failures = sum((outcome) => outcome.failures)
line(
  'all',
  sum(({ cases }) => cases),
  failures,
  sum(({ left }) => left),
  sum(({ seconds }) => seconds).toFixed(1),
)
if (sum(({ left }) => left) > 0)
  console.log('Not run: cases in tiles of AVX-512, which this processor lacks.')
process.exitCode = failures > 0 ? 1 : 0
