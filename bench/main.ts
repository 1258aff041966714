// The same workloads in typegrad and in its peers, side by side, on this machine, now.
//
//   npm run bench:peers                    installs the peers into bench/peers
//   npm run bench                          everything; results go to bench/results and bench/README.md
//   npm run bench -- --only mlp --peers typegrad,pytorch --rounds 5
//   npm run bench -- --quick               few rounds: does it run, do the losses agree
//   npm run bench -- --growth              how time grows with sizes
//   npm run bench -- --python path         another Python than that of bench/peers
//   npm run bench -- --dry                 prints, and writes neither results nor README
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { machine } from './driver/machine.ts'
import { peersWith } from './driver/peers.ts'
import { prepare } from './driver/prepare.ts'
import { runPrograms } from './driver/programs.ts'
import { printTable, writeResults } from './driver/report.ts'
import { runWorkload, type WorkloadResult } from './driver/run.ts'
import { describeService, measureService } from './driver/service.ts'
import { workloads } from './workloads.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    python: { type: 'string' },
    quick: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => console.log(line)
const wanted = options.peers?.split(',')
const all = peersWith(options.python)
const unknown = wanted?.filter((id) => !all.some((peer) => peer.id === id)) ?? []
if (unknown.length > 0)
  throw new Error(`--peers: expected some of ${all.map(({ id }) => id).join(', ')}, received ${unknown}.`)
const peers = all.filter(({ id }) => wanted === undefined || wanted.includes(id))
const pattern = new RegExp(options.only ?? '')
const here = machine()
say(`${here.processor}, ${here.cores} cores, ${here.memoryGB} GB, Node ${here.node}, ${here.date}`)

const folder = await mkdtemp(join(tmpdir(), 'typegrad-bench-'))
const results: WorkloadResult[] = []
try {
  const run = { peers, folder, rounds: options.rounds === undefined ? undefined : Number(options.rounds) }
  for (const workload of workloads.filter(({ id }) => pattern.test(id) || id === 'matmul'))
    results.push(await runWorkload(workload, { ...run, quick: options.quick, prepare, say }))
  const { python, quick } = options
  const rounds = run.rounds ?? (quick ? 1 : 7)
  results.push(...(await runPrograms(pattern, { peers, python, folder, rounds, say })))
} finally {
  await rm(folder, { recursive: true, force: true })
}
say('')
printTable(results, say)
const service = pattern.test('service') ? describeService(await measureService()) : undefined
if (service !== undefined) say(`\n${service}`)
if (!options.dry) await writeResults(here, results, { quick: options.quick, service })
