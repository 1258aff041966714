import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { benchFolder } from './peers.ts'

/** What a service that trains would notice of typegrad. */
export interface ServiceFigures {
  /** Growth of resident memory over 10,000 steps, in MB. */
  readonly memory: number
  /** The longest that the event loop was held up while a small and a large model were trained, in milliseconds. */
  readonly small: number
  readonly large: number
}

export async function measureService(): Promise<ServiceFigures> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join(benchFolder, 'workers', 'event-loop.ts')],
    { cwd: join(benchFolder, '..') },
  )
  return JSON.parse(stdout) as ServiceFigures
}

export const describeService = ({ memory, small, large }: ServiceFigures): string =>
  `typegrad alone: memory grows by ${memory.toFixed(1)} MB over 10,000 steps; the event loop is held up for at most ` +
  `${small.toFixed(0)} ms while a model of 64 units trains, ${large.toFixed(0)} ms with layers of 2048 × 2048.`
