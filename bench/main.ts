// The same workloads in typegrad and in its peers, side by side, on this machine, now.
//
//   npm run bench:peers                    installs the peers into bench/peers
//   npm run bench                          everything; results go to bench/results and bench/README.md
//   npm run bench -- --only mlp --peers typegrad,pytorch --rounds 5     the rows of other workloads stay
//   npm run bench -- --quick               few rounds: does it run, do the losses agree
//   npm run bench -- --growth              how time grows with sizes
//   npm run bench -- --python path         another Python than that of bench/peers
//   npm run bench -- --before ../old --peers typegrad,before     an earlier commit, checked out there, as a peer
//   npm run bench -- --dry                 prints, and writes neither results nor README
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureGrowth, writeGrowth } from './driver/growth.ts'
import { machine, processorName } from './driver/machine.ts'
import { peersWith } from './driver/peers.ts'
import { prepare } from './driver/prepare.ts'
import { type Installed, install, runPrograms } from './driver/programs.ts'
import { machineSpeed, printTable, writeResults } from './driver/report.ts'
import { runWorkload, type WorkloadResult } from './driver/run.ts'
import { describeService, measureService } from './driver/service.ts'
import { curves, workloads } from './workloads/index.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    python: { type: 'string' },
    before: { type: 'string' },
    quick: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => console.log(line)
const wanted = options.peers?.split(',')
const all = peersWith(options)
const unknown = wanted?.filter((id) => !all.some((peer) => peer.id === id)) ?? []
if (unknown.length > 0)
  throw new Error(`--peers: expected some of ${all.map(({ id }) => id).join(', ')}, received ${unknown}.`)
const peers = all.filter(({ id }) => wanted === undefined || wanted.includes(id))
const pattern = new RegExp(options.only ?? '')
const here = machine()
say(`${processorName(here)}, ${here.cores} cores, ${here.memoryGB} GB, Node ${here.node}, ${here.date}`)

const folder = await mkdtemp(join(tmpdir(), 'typegrad-bench-'))
try {
  const rounds = options.rounds === undefined ? undefined : Number(options.rounds)
  if (options.growth) await growth(rounds)
  else await sideBySide(rounds)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function sideBySide(rounds: number | undefined): Promise<void> {
  const { quick, python, dry } = options
  const results: WorkloadResult[] = []
  const order = workloads.map(({ id }) => id)
  /** Keeps what there is after each workload: a run takes an hour. */
  const keep = async (more: readonly WorkloadResult[], service?: string): Promise<void> => {
    // The plain product is the first of all.
    const speed = machineSpeed([...results, ...more])
    results.push(...more.map((result) => ({ ...result, ...(speed !== undefined && { speed }) })))
    if (!dry) await writeResults(here, { results, service }, { quick, order })
  }
  for (const workload of workloads.filter(({ id }) => pattern.test(id) || id === 'matmul'))
    await keep([await runWorkload(workload, { peers, folder, rounds, quick, prepare, say })])
  const programRounds = rounds ?? (quick ? 1 : 7)
  let installed: Promise<Installed> | undefined
  const own = (): Promise<Installed> => {
    installed ??= install(folder, pattern.test('install') ? Math.min(programRounds, 3) : 0)
    return installed
  }
  const programs = { peers, python, folder, own, rounds: programRounds, say }
  await keep(await runPrograms(pattern, programs))
  say('')
  printTable(results, say)
  if (!pattern.test('service')) return
  const service = describeService(await measureService(await own(), quick ? 1 : 7))
  say(`\n${service}`)
  await keep([], service)
}

/** Without --peers typegrad and PyTorch. */
async function growth(rounds: number | undefined): Promise<void> {
  const { quick, dry } = options
  const chosen =
    wanted === undefined ? peers.filter(({ id }) => id === 'typegrad' || id === 'pytorch') : peers
  const some = curves.filter(({ id }) => pattern.test(id))
  const measured = await measureGrowth(some, { peers: chosen, folder, rounds, quick, prepare, say })
  say(`\n${await writeGrowth(here, measured, dry)}`)
}
