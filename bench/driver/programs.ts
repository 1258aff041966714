import { execFile } from 'node:child_process'
import { copyFile, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { benchFolder, type Peer, peersFolder, pythonOf } from './peers.ts'
import type { PeerResult, WorkloadResult } from './run.ts'
import { summarize } from './statistics.ts'
import type { Command } from './worker.ts'

const execute = promisify(execFile)
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
const repository = join(benchFolder, '..')

type Program = 'linear-regression' | 'mlp' | 'first-prediction'

const titles: Readonly<Record<Program, string>> = {
  'linear-regression': 'linear regression, 100 epochs: the whole process',
  mlp: 'two MLPs (64-64-1 and 64-1), 100 epochs: the whole process',
  'first-prediction': 'from the start of the process to the first prediction',
}

/** Where a program of typegrad's is run as its user runs it: from an installed package. */
export interface Installed {
  readonly folder: string
  /** From npm's cache, in milliseconds. */
  readonly times: readonly number[]
  /** Bytes of node_modules. */
  readonly size: number
}

/**
 * Builds and packs typegrad, and installs it into a folder of its own from npm's cache: twice, and the second time
 * counts. Install scripts are left out: what they fetch is for graphics cards.
 */
export async function install(parent: string, runs: number): Promise<Installed> {
  await execute(npm, ['run', 'build'], { cwd: repository })
  await execute(npm, ['pack', '--pack-destination', parent], {
    cwd: join(repository, 'packages', 'typegrad'),
  })
  const archive = (await readdir(parent)).find((name) => name.endsWith('.tgz')) as string
  return installed(join(parent, 'typegrad'), [join(parent, archive)], runs)
}

async function installed(folder: string, packages: readonly string[], runs: number): Promise<Installed> {
  const times: number[] = []
  for (let i = 0; i <= runs; i++) {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
    const start = performance.now()
    await execute(
      npm,
      ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', ...packages],
      {
        cwd: folder,
      },
    )
    // The first fills the cache.
    if (i > 0) times.push(performance.now() - start)
  }
  return { folder, times, size: await sizeOf(join(folder, 'node_modules')) }
}

async function sizeOf(path: string): Promise<number> {
  const about = await lstat(path)
  if (!about.isDirectory()) return about.size
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))))
  return sizes.reduce((a, b) => a + b, 0)
}

/** A program as it is shipped: JavaScript that plain Node runs. */
export async function ship(source: string, file: string): Promise<void> {
  const { code } = await transform(await readFile(source, 'utf8'), { loader: 'ts', format: 'esm' })
  await writeFile(file, code)
}

/** How a peer runs a program; undefined where there is none. */
function commandOf(
  peer: string,
  program: Program,
  folder: string,
  python: string | undefined,
): Command | undefined {
  const own = (file: string): string => join(benchFolder, 'programs', file)
  switch (peer) {
    case 'typegrad':
      return {
        command: process.execPath,
        args: [join(folder, `${program}.js`)],
        cwd: folder,
      }
    case 'pytorch':
      return { command: pythonOf(python), args: [own('torch_programs.py'), program] }
    case 'keras':
      return {
        command: pythonOf(python),
        args: [own('keras_programs.py'), program],
        env: { KERAS_BACKEND: 'tensorflow', TF_CPP_MIN_LOG_LEVEL: '3' },
      }
    case 'tfjs':
      return { command: process.execPath, args: [join(peersFolder, 'tfjs-programs.mjs'), program] }
    default:
      return undefined
  }
}

const described = (id: string, title: string, target?: number): WorkloadResult['workload'] => ({
  id,
  title,
  section: 'programs',
  kind: 'program',
  mode: 'step',
  params: {},
  repeat: 1,
  perRound: 1,
  rounds: 0,
  warmUp: 1,
  tryOneThread: false,
  memory: 0,
  ...(target === undefined ? {} : { target }),
})

export interface ProgramOptions {
  readonly peers: readonly Peer[]
  readonly python: string | undefined
  readonly folder: string
  /** Typegrad, installed when it is first asked for. */
  readonly own: () => Promise<Installed>
  readonly rounds: number
  readonly say: (line: string) => void
}

/** Whole processes, start to exit, in turn: A B C A B C … */
export async function runPrograms(pattern: RegExp, options: ProgramOptions): Promise<WorkloadResult[]> {
  const { peers, python, rounds, say } = options
  const programs = (Object.keys(titles) as Program[]).filter((program) => pattern.test(`program-${program}`))
  if (programs.length === 0 && !pattern.test('install')) return []
  say('\ninstalling typegrad from its packed archive')
  const own = await options.own()
  for (const [program, source] of [
    ['linear-regression', join(repository, 'examples', 'linear-regression.ts')],
    ['mlp', join(repository, 'examples', 'regression-mlp.ts')],
    ['first-prediction', join(benchFolder, 'programs', 'first-prediction.ts')],
  ] as const)
    await ship(source, join(own.folder, `${program}.js`))
  const results: WorkloadResult[] = []
  for (const program of programs) {
    say(`\n${titles[program]}`)
    const times = new Map<Peer, number[]>()
    const absent = new Map<Peer, string>()
    for (let round = 0; round <= rounds; round++) {
      for (const peer of peers) {
        if (absent.has(peer)) continue
        const command = commandOf(peer.id, program, own.folder, python)
        const missing = command === undefined ? 'no such program' : peer.absent()
        if (missing !== undefined || command === undefined) {
          absent.set(peer, missing ?? '')
          continue
        }
        if (peer.id === 'tfjs' && round === 0)
          await copyFile(
            join(benchFolder, 'programs', 'tfjs-programs.mjs'),
            join(peersFolder, 'tfjs-programs.mjs'),
          )
        try {
          const taken = await timed(command)
          // The first brings the files into memory.
          if (round > 0) times.set(peer, [...(times.get(peer) ?? []), taken])
        } catch (error) {
          absent.set(peer, `failed: ${(error as Error).message.trim().split('\n').at(-1)}`)
        }
      }
    }
    const list = peers.flatMap((peer): PeerResult[] => {
      const reason = absent.get(peer)
      if (reason === 'no such program') return []
      const about = { peer: peer.id, title: peer.title }
      return [
        reason === undefined
          ? { ...about, timing: summarize(times.get(peer) ?? []) }
          : { ...about, absent: reason },
      ]
    })
    for (const { title, timing, absent } of list)
      say(
        `  ${title.padEnd(26)} ${timing === undefined ? `absent: ${absent}` : `${timing.median.toFixed(0)} ms ± ${timing.spread.toFixed(0)}`}`,
      )
    results.push({
      workload: described(`program-${program}`, titles[program], 0.2),
      results: list,
      interleaved: true,
    })
  }
  if (pattern.test('install')) results.push(await installations(own, options))
  return results
}

async function timed({ command, args, env = {}, cwd }: Command): Promise<number> {
  const start = performance.now()
  await execute(command, [...args], {
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  return performance.now() - start
}

/** Installing from npm's cache: typegrad, and what else npm has. */
async function installations(
  own: Installed,
  { peers, folder, rounds, say }: ProgramOptions,
): Promise<WorkloadResult> {
  const packages: Readonly<Record<string, readonly string[]>> = {
    onnxruntime: ['onnxruntime-node@1.30.0'],
    tfjs: ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'],
    'jax-js': ['@jax-js/jax@0.1.25'],
    transformers: ['@huggingface/transformers@4.3.1'],
  }
  const results: PeerResult[] = []
  for (const { id, title } of peers) {
    const names = packages[id]
    try {
      const done =
        id === 'typegrad'
          ? own
          : names === undefined
            ? undefined
            : await installed(join(folder, id), names, Math.min(rounds, 3))
      if (done !== undefined)
        results.push({
          peer: id,
          title,
          timing: summarize(done.times),
          note: `${Math.round(done.size / 1e6)} MB`,
        })
    } catch (error) {
      results.push({ peer: id, title, absent: `failed: ${(error as Error).message.split('\n').at(-1)}` })
    }
  }
  const sizes = results.map(({ title, note, absent }) => `${title} ${note ?? absent}`).join(', ')
  say(`\ninstalling from npm's cache: ${sizes}`)
  return {
    workload: described('install', `installing from npm's cache (${sizes})`),
    results,
    interleaved: false,
  }
}
