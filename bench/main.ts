// What typegrad costs on this machine, now: npm run bench
//
// Everything is measured in one process and in turn, and given beside the machine's own speed (a plain
// 1024³ product in ONNX Runtime) and, where PyTorch is installed, beside PyTorch in the same run. Nothing
// here fails: the figures are for a person to read.
//
//   npm run bench -- --python path/to/python    a Python that has PyTorch
import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { layers, random, sequential, setRandomSeed, type Tensor } from 'typegrad'
import { measure, summarize, type Timing } from './measure.ts'
import { convnet, matmul1024, mlp, oneWeight } from './workloads.ts'

const run = promisify(execFile)
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const { values: options } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } })

setRandomSeed(1)
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`,
)

const workloads = await Promise.all([matmul1024(), oneWeight(), mlp(), convnet()])
const times = await measure(workloads)
const plain = times.get('matmul 1024³') as Timing
const gigaflops = (2 * 1024 ** 3) / plain.median / 1e6

const programs: number[] = []
for (let i = 0; i < 7; i++) {
  const start = performance.now()
  await run(process.execPath, ['--import', 'tsx', file('../examples/linear-regression.ts')])
  programs.push(performance.now() - start)
}
const program = summarize(programs)

const peer = await pytorch()
const row = (name: string, value: string, ratio = ''): void =>
  console.log(`${name.padEnd(62)} ${value.padStart(20)}  ${ratio}`)
const milliseconds = ({ median, spread }: Timing): string => `${median.toFixed(2)} ms ± ${spread.toFixed(2)}`

row('plain matmul 1024³, ONNX Runtime', milliseconds(plain), `${gigaflops.toFixed(0)} GFLOPS`)
for (const { name } of workloads.slice(1)) {
  const timing = times.get(name) as Timing
  const against = peer?.[name]
  const ratio =
    against === undefined
      ? ''
      : `${(timing.median / against).toFixed(2)} × PyTorch's ${against.toFixed(2)} ms`
  const short = timing.median < 0.1
  row(
    name,
    short
      ? `${(timing.median * 1000).toFixed(1)} µs ± ${(timing.spread * 1000).toFixed(1)}`
      : milliseconds(timing),
    `${(timing.median / plain.median).toFixed(2)} × matmul   ${ratio}`,
  )
}
row('linear-regression program, start to exit', milliseconds(program))
await memory()
await eventLoop()
if (peer === undefined) console.log(`\nPyTorch: absent (${options.python} has no torch).`)

/** Resident memory over 10,000 steps, after the first 100. */
async function memory(): Promise<void> {
  const { run: step } = await oneWeight()
  for (let i = 0; i < 100; i++) await step()
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 10_000; i++) await step()
  row('memory growth over 10,000 steps', `${((process.memoryUsage.rss() - before) / 2 ** 20).toFixed(2)} MB`)
}

/** How long the event loop was held up at most while models train. */
async function eventLoop(): Promise<void> {
  for (const [name, units, samples] of [
    ['small (64 units)', 64, 2000],
    ['large (2048 × 2048 × 3)', 2048, 2000],
  ] as const) {
    const model = sequential([
      layers.dense({ units, activation: 'relu', inputShape: [256] }),
      ...Array.from({ length: 3 }, () => layers.dense({ units, activation: 'relu' })),
      layers.dense({ units: 1 }),
    ])
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
    const x = (await random.uniform([samples, 256]).evaluate()) as Tensor
    const y = (await random.uniform([samples, 1]).evaluate()) as Tensor
    const monitor = monitorEventLoopDelay({ resolution: 1 })
    monitor.enable()
    await model.fit(x, y, { epochs: 3, batchSize: 100, verbose: 0 })
    monitor.disable()
    row(`event loop held up at most, fit of a ${name} model`, `${(monitor.max / 1e6).toFixed(1)} ms`)
  }
}

/** The same steps in PyTorch, in milliseconds by name; undefined where it is not installed. */
async function pytorch(): Promise<Record<string, number> | undefined> {
  try {
    const { stdout } = await run(options.python, [file('pytorch.py')])
    return JSON.parse(stdout) as Record<string, number>
  } catch {
    return undefined
  }
}
