import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from './worker.ts'

/** A program that runs the workloads. */
export interface Peer {
  readonly id: string
  readonly title: string
  /** Whether it can be told to use one thread. */
  readonly takesThreads: boolean
  /** Undefined where it can be run, else why not. */
  absent(): string | undefined
  command(threads: number): Command
}

export const benchFolder = fileURLToPath(new URL('..', import.meta.url))
export const peersFolder = join(benchFolder, 'peers')
const workersFolder = join(benchFolder, 'workers')
const allCores = cpus().length

/** The Python that has the peers: the one that is named, or that which `npm run bench:peers` made. */
export const pythonOf = (named?: string): string =>
  named ??
  join(
    peersFolder,
    'python',
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  )

/** Run by tsx, as typegrad's users run their programs. */
const typescript = (file: string, root = join(benchFolder, '..')): Command => ({
  command: process.execPath,
  args: ['--expose-gc', '--import', 'tsx', join(root, 'bench', 'workers', file)],
  cwd: root,
})

/** typegrad of another checkout of this repository, with its packages installed: what a change did to each row. */
const checkout = (root: string): Peer => ({
  id: 'before',
  title: 'typegrad before',
  takesThreads: false,
  absent: () =>
    existsSync(join(root, 'bench', 'workers', 'typegrad.ts')) ? undefined : `no checkout at ${root}`,
  command: () => typescript('typegrad.ts', root),
})

function python(named: string | undefined, id: string, title: string, file: string, mode: string): Peer {
  const command = pythonOf(named)
  return {
    id,
    title,
    takesThreads: true,
    absent: () =>
      existsSync(command) || named !== undefined ? undefined : 'not installed (npm run bench:peers)',
    command: (threads) => ({
      command,
      args: ['-u', join(workersFolder, file), mode],
      env: {
        BENCH_THREADS: String(threads),
        OMP_NUM_THREADS: String(threads),
        TF_CPP_MIN_LOG_LEVEL: '3',
        KERAS_BACKEND: 'tensorflow',
        TORCHINDUCTOR_COMPILE_THREADS: '1',
        PYTHONDONTWRITEBYTECODE: '1',
      },
    }),
  }
}

/** A worker of JavaScript that stands beside the packages it imports, where Node looks for them. */
function javascript(id: string, title: string, packageName: string): Peer {
  return {
    id,
    title,
    takesThreads: false,
    absent: () =>
      existsSync(join(peersFolder, 'node_modules', ...packageName.split('/')))
        ? undefined
        : 'not installed (npm run bench:peers)',
    command: () => {
      for (const file of readdirSync(workersFolder).filter((name) => name.endsWith('.mjs')))
        copyFileSync(join(workersFolder, file), join(peersFolder, file))
      return { command: process.execPath, args: ['--expose-gc', join(peersFolder, `${id}.mjs`)] }
    },
  }
}

export interface NamedPeers {
  /** Another Python than that of bench/peers. */
  readonly python?: string | undefined
  /** A checkout of an earlier commit, to run beside this one. Default none. */
  readonly before?: string | undefined
}

/** typegrad first, whose numbers the others' are compared with. */
export const peersWith = ({ python: namedPython, before }: NamedPeers): readonly Peer[] => [
  {
    id: 'typegrad',
    title: 'typegrad',
    takesThreads: false,
    absent: () => undefined,
    command: () => typescript('typegrad.ts'),
  },
  ...(before === undefined ? [] : [checkout(resolve(before))]),
  python(namedPython, 'pytorch', 'PyTorch', 'torch_worker.py', 'eager'),
  python(namedPython, 'torch-compile', 'torch.compile', 'torch_worker.py', 'compile'),
  python(namedPython, 'keras', 'Keras (TensorFlow)', 'keras_worker.py', 'graph'),
  python(namedPython, 'keras-xla', 'Keras (TensorFlow, XLA)', 'keras_worker.py', 'xla'),
  {
    id: 'onnxruntime',
    title: 'onnxruntime-node',
    takesThreads: true,
    absent: () => undefined,
    command: (threads) => ({ ...typescript('onnxruntime.ts'), env: { BENCH_THREADS: String(threads) } }),
  },
  python(namedPython, 'llama-cpp', 'llama.cpp', 'llama_worker.py', 'c'),
  javascript('transformers', 'transformers.js', '@huggingface/transformers'),
  javascript('tfjs', 'TensorFlow.js (wasm)', '@tensorflow/tfjs'),
  javascript('jax-js', 'jax-js (wasm)', '@jax-js/jax'),
]

export const threadCounts = (peer: Peer, tryOne: boolean): readonly number[] =>
  peer.takesThreads && tryOne && allCores > 1 ? [allCores, 1] : [allCores]
