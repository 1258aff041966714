/**
 * Damaged files of every kind that typegrad reads: `npm run fuzz -- [--cases 2000] [--seed 0] [--kind .h5]`.
 *
 * Each kind runs in a process of its own (worker.ts), which is watched: a case that takes more than 20 seconds is a
 * hang, and one that brings the process above 700 MB takes too much. Prints a line for each kind and exits with 1 if
 * anything failed; `--kind KIND --seed SEED --cases 1` tries one case again.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '0' },
    kind: { type: 'string' },
  },
})

/** What a kind's process tells. */
type Message =
  | { readonly kinds: readonly string[] }
  | { readonly began: number }
  | {
      readonly cases: number
      readonly refused: number
      readonly failures: readonly string[]
      readonly peak: number
    }

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
const start = (...args: string[]): ChildProcess => fork(worker, args, { execArgv: ['--import', 'tsx'] })
const longestCase = 20_000
const maxMegabytes = 700

const kinds = values.kind === undefined ? await kindsOf() : [values.kind]
let isSound = true
for (const kind of kinds) {
  const began = performance.now()
  const { line, ok } = await tried(kind)
  isSound &&= ok
  console.log(`${kind}: ${line}, ${((performance.now() - began) / 1000).toFixed(0)} s`)
}
process.exitCode = isSound ? 0 : 1

async function kindsOf(): Promise<readonly string[]> {
  const child = start()
  return await new Promise((resolve, reject) => {
    child.on('message', (message: Message) => 'kinds' in message && resolve(message.kinds))
    child.on('exit', (code) => code !== 0 && reject(new Error(`the worker ended with ${code}`)))
  })
}

async function tried(kind: string): Promise<{ line: string; ok: boolean }> {
  const child = start(kind, values.seed, values.cases)
  let seed = -1
  let since = performance.now()
  let outcome = { line: '', ok: false }
  const watch = setInterval(() => {
    if (seed < 0) return // still starting
    if (performance.now() - since > longestCase) {
      outcome = { line: `FAILED: seed ${seed} hangs`, ok: false }
      child.kill('SIGKILL')
    }
    const megabytes = memoryOf(child.pid)
    if (megabytes > maxMegabytes) {
      outcome = { line: `FAILED: seed ${seed} takes ${megabytes} MB`, ok: false }
      child.kill('SIGKILL')
    }
  }, 50)
  child.on('message', (message: Message) => {
    if ('began' in message) {
      seed = message.began
      since = performance.now()
    } else if ('cases' in message) {
      const { cases, refused, failures, peak } = message
      for (const failure of failures.slice(0, 10)) console.log(`  ${failure}`)
      const counts = `${cases} cases, ${refused} refused, ${failures.length} failed, at most ${peak} MB`
      outcome = { line: counts, ok: failures.length === 0 && peak <= maxMegabytes }
    }
  })
  const code = await new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
  clearInterval(watch)
  return outcome.line === ''
    ? { line: `FAILED: seed ${seed} ends the process (${code})`, ok: false }
    : outcome
}

/** What a process holds in memory now; 0 where the system does not say. */
function memoryOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
  } catch {
    return 0
  }
}
