/**
 * `npm run sweep`: machine code of all kernels, and graphs on the engine with and without them, over residues of all
 * sizes and both sides of all thresholds, against float64 in plain JavaScript: in tiles of AVX2, then in those of AVX-512,
 * which an emulator runs where the processor cannot. Prints a table; ends with 1 if a case failed.
 *
 * `--pass narrow`, `wide` or `compared` that one alone: the last runs code here and in the emulator, and compares bits.
 * `--kernel a,b` these sweeps alone; `--seed n` other values beside each pair (0); `--minutes n` then goes on at random
 * for so long; `--short` what `npm test` runs; `--case n` (with `--pass`, `--kernel` and perhaps `--short`) one case alone.
 */
import { parseArgs } from 'node:util'
import { type Outcome, type Pass, passes } from './protocol.ts'
import type { Form } from './run-sweep.ts'
import { supervise } from './supervise.ts'
import { sweepNames } from './table.ts'

const { values } = parseArgs({
  options: {
    pass: { type: 'string' },
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
const oneOf = <T extends string>(option: string, text: string, all: readonly T[]): T => {
  const found = all.find((each) => each === text)
  if (found === undefined)
    throw new Error(`sweep: --${option} expected one of ${all.join(', ')}, received '${text}'`)
  return found
}
const chosen: readonly Pass[] =
  values.pass === undefined ? ['narrow', 'wide'] : [oneOf('pass', values.pass, passes)]
const kernels = values.kernel
  ?.split(',')
  .map((name) => oneOf('kernel', name, [...new Set(chosen.flatMap((pass) => sweepNames[pass]))]))
const runs = chosen.map((pass) => ({
  pass,
  names: sweepNames[pass].filter((name) => kernels?.includes(name) ?? true),
}))
const seed = whole('seed', values.seed)
const only = values.case === undefined ? undefined : whole('case', values.case)
const budget =
  (whole('minutes', values.minutes) * 60_000) / runs.reduce((sum, { names }) => sum + names.length, 0)

const line = (...cells: readonly (string | number)[]): void => {
  const [name, ...rest] = cells.map(String)
  console.log((name ?? '').padEnd(34) + rest.map((cell) => cell.padStart(10)).join(''))
}
const all: Outcome[] = []
const sweep = async (form: Form): Promise<void> => {
  const more = form === 'endless' ? { budget } : {}
  for (const { pass, names } of runs) {
    if (names.length === 0) continue
    const outcomes = await supervise({ names, form, pass, seed, only, ...more }, (outcome) => {
      const { name, cases, failures, seconds, shown } = outcome
      const what = pass === 'narrow' ? name : `${name}, ${pass}`
      line(form === 'endless' ? `${what}, at random` : what, cases, failures, seconds.toFixed(1))
      for (const failure of shown) console.log(`  ${failure}`)
    })
    all.push(...outcomes)
  }
}
line('kernel', 'cases', 'failures', 'seconds')
await sweep(values.short ? 'short' : 'whole')
if (budget > 0) await sweep('endless')
const sum = (of: (outcome: Outcome) => number): number =>
  all.reduce((total, outcome) => total + of(outcome), 0)
const failures = sum((outcome) => outcome.failures)
line(
  'all',
  sum(({ cases }) => cases),
  failures,
  sum(({ seconds }) => seconds).toFixed(1),
)
process.exitCode = failures > 0 ? 1 : 0
