/**
 * The sweep's emulator of AVX-512 beside another one: runs instructions that only AVX-512 has, and the short sweep's
 * kernels in its tiles, in Bochs 2.7 as well, as a Skylake-X, and compares the bits. Prints what differs; ends with 1 if
 * something does.
 *
 *     apt-get install bochs bochsbios binutils libltdl7 libsamplerate0     # Debian
 *     npx tsx tools/avx512/main.ts
 *
 * Where these packages are unpacked elsewhere (dpkg -x) `--root` says where; `--seed n` takes other cases.
 */
import { parseArgs } from 'node:util'
import { emulatingExecutor } from '../../packages/node/src/testing/sweep/emulator/emulating-executor.ts'
import { bytesOf, contentOf, execute, wayOf } from '../../packages/node/src/testing/sweep/execute-case.ts'
import { Random } from '../../packages/node/src/testing/sweep/random.ts'
import { hasTiles, runSweep, sweepOfKernel } from '../../packages/node/src/testing/sweep/run-sweep.ts'
import { kernelSweeps } from '../../packages/node/src/testing/sweep/table.ts'
import { Disk, type Job } from './disk.ts'
import { instructionJobs, rows } from './instructions.ts'

const { values } = parseArgs({
  options: { root: { type: 'string', default: '/' }, seed: { type: 'string', default: '0' } },
})
const seed = Number(values.seed)
const emulator = emulatingExecutor()

async function kernelJobs(): Promise<Job[]> {
  const jobs: Job[] = []
  for (const [name, sweep] of Object.values(kernelSweeps).flatMap((all) => Object.entries(all))) {
    if (!hasTiles(sweep.dimensions)) continue
    const emulated = sweepOfKernel(sweep, 'wide', async (sweepCase, random) => {
      const way = wayOf(sweepCase, random, false)
      const { made } = await execute(emulator, sweepCase, { ...way, order: 'forward' })
      jobs.push({
        what: `${name} ${JSON.stringify(sweepCase.kernel)}`,
        program: way.program,
        inputs: sweepCase.inputs.map(bytesOf),
        outputs: made.map((placed, i) => ({
          before: new Uint8Array(placed.length).fill(0x7f),
          after: sweepCase.outputs[i] === undefined ? undefined : contentOf(placed),
        })),
        offset: way.placement === 'after four bytes' ? 4 : 0,
      })
      return undefined
    })
    await runSweep(emulated, {
      name,
      form: 'short',
      seed,
      onFailure: (_, message) => {
        throw new Error(message)
      },
    })
  }
  return jobs
}

const instructions = instructionJobs(emulator, new Random(seed))
const kernels = await kernelJobs()
let [disk, disks, large] = [new Disk(), 0, 0]
const wrong: string[] = []
const run = (): void => {
  if (disk.jobs === 0) return
  wrong.push(...disk.run(values.root))
  disks += 1
  disk = new Disk()
}
for (const job of [...instructions, ...kernels]) {
  if (disk.add(job)) continue
  run()
  if (!disk.add(job)) large += 1
}
run()
for (const what of wrong.slice(0, 20)) console.log(`  ${what}`)
console.log(
  `${instructions.length} programs of ${rows} rows of one instruction and ${kernels.length - large} kernels, ` +
    `${disks} disks: ${wrong.length} outputs differ (${large} kernels are larger than a disk)`,
)
process.exitCode = wrong.length > 0 ? 1 : 0
