import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'
import type { Workload } from '../workloads/index.ts'
import { deleteFiles, writeFiles } from './files.ts'
import { type Peer, threadCounts } from './peers.ts'
import { relativeDifference, summarize, type Timing } from './statistics.ts'
import { Worker } from './worker.ts'

/** What one peer gave for one workload. */
export interface PeerResult {
  readonly peer: string
  readonly title: string
  readonly version?: string
  /** Why there are no times. */
  readonly absent?: string
  readonly timing?: Timing
  readonly threads?: number
  /** From the call of the first step to its end, with compilation, and four steps more. */
  readonly compileMs?: number
  /** Bytes, the most that were resident at once. */
  readonly peak?: number
  readonly losses?: readonly number[]
  /** Largest relative difference from the losses of the first peer of the list. */
  readonly difference?: number
  readonly note?: string
}

export interface WorkloadResult {
  readonly workload: Omit<Workload, 'weights' | 'data'>
  readonly results: readonly PeerResult[]
  /** Floating-point operations a millisecond of the plain product in the same run. */
  readonly speed?: number
  /** Whether rounds alternated; false where the machine has too little memory for all peers at once. */
  readonly interleaved: boolean
}

export interface RunOptions {
  readonly peers: readonly Peer[]
  readonly folder: string
  readonly rounds: number | undefined
  readonly quick: boolean
  /** Called before anything of a workload is measured, with its folder. */
  readonly prepare: (workload: Workload, folder: string) => Promise<void>
  readonly say: (line: string) => void
}

/** Peers whose numbers lie farther apart than this do not compute the same. */
export const tolerance = 1e-3

/** The longest that one peer may take for the rounds of one workload, as far as two rounds let it. */
const longest = 60_000

interface Contender {
  readonly peer: Peer
  /** One run, as it looked before the rounds. */
  readonly trial: number
  readonly worker: Worker
  readonly threads: number
  readonly times: number[]
  readonly about: Omit<PeerResult, 'peer' | 'title'>
}

/** Runs one workload in all peers, round by round in turn: A B C A B C … */
export async function runWorkload(workload: Workload, options: RunOptions): Promise<WorkloadResult> {
  const { peers, say } = options
  const { weights: _, data: __, ...described } = workload
  say(`\n${workload.title}`)
  const folder = await writeFiles(workload, options.folder)
  try {
    await options.prepare(workload, folder)
    const together = availableMemory() > workload.memory * peers.length
    const groups = together ? [peers] : peers.map((peer) => [peer])
    const results: PeerResult[] = []
    for (const group of groups) results.push(...(await runGroup(workload, folder, group, options)))
    return { workload: described, results: compared(results), interleaved: together }
  } finally {
    await deleteFiles(folder)
  }
}

async function runGroup(
  workload: Workload,
  folder: string,
  peers: readonly Peer[],
  { quick, rounds: wanted, say }: RunOptions,
): Promise<PeerResult[]> {
  const rounds = wanted ?? (quick ? 2 : workload.rounds)
  const perRound = quick ? Math.min(3, workload.perRound) : workload.perRound
  const contenders: Contender[] = []
  const results = new Map<string, PeerResult>()
  const drop = async (contender: Contender, error: unknown): Promise<void> => {
    contenders.splice(contenders.indexOf(contender), 1)
    await contender.worker.end()
    results.set(contender.peer.id, failed(contender.peer, error))
  }
  try {
    for (const peer of peers) {
      const started = await start(workload, folder, peer, quick)
      if ('peer' in started && 'worker' in started) contenders.push(started)
      else results.set(peer.id, started)
    }
    for (let round = 0; round < rounds; round++) {
      for (const contender of [...contenders]) {
        // Who is slower by orders of magnitude is measured less often, but always twice.
        const possible = longest / (contender.trial * workload.repeat)
        if (round >= Math.max(2, possible)) continue
        const n = Math.max(1, Math.min(perRound, Math.floor(possible / rounds)))
        try {
          const answer = await contender.worker.ask({ cmd: 'round', n, repeat: workload.repeat })
          contender.times.push(...(answer.times ?? []))
          contender.worker.pause()
        } catch (error) {
          await drop(contender, error)
        }
      }
    }
    for (const contender of [...contenders]) {
      try {
        const peak = contender.worker.peak() ?? (await contender.worker.ask({ cmd: 'memory' })).peak
        const { id, title } = contender.peer
        results.set(id, {
          peer: id,
          title,
          ...contender.about,
          threads: contender.threads,
          timing: summarize(contender.times),
          ...(peak === undefined ? {} : { peak }),
        })
        contender.worker.pause()
      } catch (error) {
        await drop(contender, error)
      }
    }
  } finally {
    await Promise.all(contenders.map(({ worker }) => worker.end()))
  }
  const list = peers.map((peer) => results.get(peer.id) as PeerResult)
  for (const result of list) say(`  ${describe(result)}`)
  return list
}

/** A worker that has loaded and warmed up, with the thread count that suits it; or why there is none. */
async function start(
  workload: Workload,
  folder: string,
  peer: Peer,
  quick: boolean,
): Promise<Contender | PeerResult> {
  const missing = peer.absent()
  if (missing !== undefined) return { peer: peer.id, title: peer.title, absent: missing }
  let best: { readonly contender: Contender; readonly time: number } | undefined
  for (const threads of threadCounts(peer, workload.tryOneThread)) {
    const worker = new Worker(peer.id, peer.command(threads))
    try {
      const { absent, version, note } = await worker.ask({ cmd: 'setup', workload, folder })
      if (absent !== undefined) {
        await worker.end()
        return { peer: peer.id, title: peer.title, absent, ...(version === undefined ? {} : { version }) }
      }
      worker.forgetPeak()
      const { losses, compileMs } = await worker.ask({ cmd: 'losses' })
      const time = await warmUp(worker, workload, quick)
      worker.pause()
      const about = {
        ...(version === undefined ? {} : { version }),
        ...(note === undefined ? {} : { note }),
        ...(losses === undefined ? {} : { losses }),
        ...(compileMs === undefined ? {} : { compileMs }),
      }
      const contender = { peer, worker, trial: time, threads, times: [], about }
      if (best === undefined || time < best.time) {
        await best?.contender.worker.end()
        best = { contender, time }
      } else {
        await worker.end()
      }
    } catch (error) {
      await worker.end()
      if (best === undefined) return failed(peer, error)
    }
  }
  return (best as NonNullable<typeof best>).contender
}

/** Runs before anything counts, for at most a third of the time that is there. @returns the median of the last ones. */
async function warmUp(
  worker: Worker,
  { repeat, warmUp, perRound }: Workload,
  quick: boolean,
): Promise<number> {
  const ask = async (n: number): Promise<number> => {
    const { times = [] } = await worker.ask({ cmd: 'round', n: Math.max(1, n), repeat })
    return summarize(times).median
  }
  const first = await ask(1)
  const possible = Math.floor(longest / 3 / (first * repeat))
  if (possible < 1) return first
  await ask(Math.min(Math.ceil((quick ? Math.min(warmUp, 3) : warmUp) / repeat), possible))
  return ask(Math.min(quick ? 1 : 5, perRound, possible))
}

const failed = (peer: Peer, error: unknown): PeerResult => ({
  peer: peer.id,
  title: peer.title,
  // Of an error that brings the lines of its stack the first says what happened, and they where this machine keeps its files.
  absent: `failed: ${((error as Error).message ?? String(error)).split('\n    at ')[0]?.slice(0, 600)}`,
})

/** How far each peer's losses lie from those of the first that has any. */
function compared(results: readonly PeerResult[]): PeerResult[] {
  const expected = results.find(({ losses }) => losses !== undefined)?.losses
  return results.map((result) =>
    result.losses === undefined || expected === undefined
      ? result
      : { ...result, difference: relativeDifference(expected, result.losses) },
  )
}

const describe = ({ title, timing, absent, peak, threads, losses }: PeerResult): string =>
  timing === undefined
    ? `${title.padEnd(26)} absent: ${absent?.split('\n')[0]}`
    : `${title.padEnd(26)} ${timing.median.toPrecision(4).padStart(9)} ms ± ${timing.spread.toPrecision(2)}, ` +
      `${Math.round((peak ?? 0) / 1e6)} MB, ${threads} threads, ${losses?.map((loss) => loss.toPrecision(6)).join(' ')}`

/** Bytes that can be used without swapping. */
function availableMemory(): number {
  try {
    const line = /MemAvailable:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8'))
    return line === null ? freemem() : Number(line[1]) * 1024
  } catch {
    return freemem()
  }
}
