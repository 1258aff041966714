import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { benchFolder } from './peers.ts'
import { type Installed, ship } from './programs.ts'
import { summarize } from './statistics.ts'

/** What a service that trains would notice, and its unit; `bench/programs/service.ts` has the programs. */
const measures = {
  network: ['memory over 10,000 steps after the first 100, in `fit`', 'MB'],
  weight: ['the same with a compiled function of one weight', 'MB'],
  nothing: ["the same in a loop of Node's without typegrad", 'MB'],
  small: ['longest hold of the event loop in `fit`, layers of 64 units', 'ms'],
  large: ['the same, layers of 2048 × 2048', 'ms'],
  deep: ['the same, twelve transformer blocks', 'ms'],
  crowded: ['turns of 2 ms in Node without typegrad, beside a computing thread for each core', 'ms'],
} as const

type Measure = keyof typeof measures

/**
 * Node as it starts, and with fewer threads of V8's own and a small nursery: it has four for compiling and for garbage
 * collection, which on two cores come before JavaScript, and its nursery grows to 32 MB.
 */
const settings = {
  node: [],
  'node --v8-pool-size=1 --max-semi-space-size=2': ['--v8-pool-size=1', '--max-semi-space-size=2'],
} as const

type Setting = keyof typeof settings

/** One number for each process. */
export type ServiceFigures = Readonly<Record<Measure, Readonly<Record<Setting, readonly number[]>>>>

const keysOf = <K extends string>(table: Readonly<Record<K, unknown>>): K[] => Object.keys(table) as K[]

/**
 * Measures typegrad as its user has it, from an installed package in plain Node. Each number is of a process of its own,
 * and settings alternate.
 */
export async function measureService({ folder }: Installed, processes: number): Promise<ServiceFigures> {
  const file = join(folder, 'service.js')
  await ship(join(benchFolder, 'programs', 'service.ts'), file)
  const empty = () =>
    Object.fromEntries(keysOf(settings).map((setting) => [setting, []])) as unknown as Record<
      Setting,
      number[]
    >
  const figures = Object.fromEntries(keysOf(measures).map((measure) => [measure, empty()])) as Record<
    Measure,
    Record<Setting, number[]>
  >
  for (let i = 0; i < processes; i++) {
    for (const measure of keysOf(measures)) {
      for (const setting of keysOf(settings)) {
        const args = [...settings[setting], file, measure]
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
        figures[measure][setting].push(Number(stdout))
      }
    }
  }
  return figures
}

/** A table for the report: medians, and in brackets the worst. */
export function describeService(figures: ServiceFigures): string {
  const processes = figures.network.node.length
  const rows = keysOf(measures).map((measure) => {
    const [title, unit] = measures[measure]
    const cells = keysOf(settings).map((setting) => {
      const values = figures[measure][setting]
      return `${summarize(values).median.toFixed(1)} ${unit} (${Math.max(...values).toFixed(1)})`
    })
    return [title, ...cells]
  })
  const head = [
    `In a service, ${processes} processes each, in brackets the worst`,
    ...keysOf(settings).map((s) => `\`${s}\``),
  ]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
