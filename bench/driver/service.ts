import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { benchFolder } from './peers.ts'
import { type Installed, ship } from './programs.ts'
import { summarize } from './statistics.ts'

/** What a service that trains would notice; each measured in processes of their own. */
const measures = {
  /** Growth of resident memory over 10,000 steps, in MB: of `fit`, of one weight, and of Node without typegrad. */
  network: 'MB',
  weight: 'MB',
  nothing: 'MB',
  /**
   * The longest that the event loop was held up in `fit`, with five dense layers of 64 and of 2048 units and with twelve
   * transformer blocks, in milliseconds; and in Node without typegrad, beside threads that compute.
   */
  small: 'ms',
  large: 'ms',
  deep: 'ms',
  crowded: 'ms',
} as const

type Measure = keyof typeof measures

/** Medians and worst of several processes. */
type ServiceFigures = Readonly<Record<Measure, { readonly median: number; readonly worst: number }>>

/** Measures typegrad as its user has it: from an installed package, in plain Node. */
export async function measureService({ folder }: Installed, processes: number): Promise<ServiceFigures> {
  const file = join(folder, 'service.js')
  await ship(join(benchFolder, 'programs', 'service.ts'), file)
  const of = async (measure: Measure) => {
    const figures: number[] = []
    for (let i = 0; i < processes; i++) {
      const { stdout } = await promisify(execFile)(process.execPath, [file, measure], { cwd: folder })
      figures.push(Number(stdout))
    }
    return { median: summarize(figures).median, worst: Math.max(...figures) }
  }
  return {
    network: await of('network'),
    weight: await of('weight'),
    nothing: await of('nothing'),
    small: await of('small'),
    large: await of('large'),
    deep: await of('deep'),
    crowded: await of('crowded'),
  }
}

/** A sentence for the report: medians, and the worst in brackets. */
export function describeService(figures: ServiceFigures): string {
  const [network, weight, nothing, small, large, deep, crowded] = (Object.keys(measures) as Measure[]).map(
    (measure) => {
      const { median, worst } = figures[measure]
      return `${median.toFixed(1)} (${worst.toFixed(1)}) ${measures[measure]}`
    },
  )
  return (
    'typegrad alone, medians and in brackets the worst of some processes: over 10,000 steps after the first 100 memory ' +
    `grows by ${network} in \`fit\` and by ${weight} with a compiled function of one weight, where a loop of ` +
    `Node's without typegrad grows by ${nothing}; in \`fit\` the event loop is held up for at most ${small} with ` +
    `layers of 64 units, ${large} with layers of 2048 × 2048, ${deep} with twelve transformer blocks; ` +
    `Node without typegrad, whose turns take 2 ms beside a computing thread for each core, by ${crowded}.`
  )
}
