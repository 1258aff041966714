// Runs examples as programs, for their tests.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { bundleProgram } from '../tools/bundle-program.ts'

/** Two files of tests run at a time on what may be two cores: programs that keep both busy, or wait by that, take them from others. */
const oneThread = new URL('../packages/typegrad/src/testing/one-thread.ts', import.meta.url)

const cwd = fileURLToPath(new URL('..', import.meta.url))

/** Starts an example as a program of its own, from the root of the repository. Its input is closed or a pipe. */
export async function start(
  program: string,
  args: readonly string[] = [],
  input: 'ignore' | 'pipe' = 'ignore',
): Promise<ChildProcess> {
  const bundle = await bundleProgram(new URL(program, import.meta.url), [oneThread])
  return spawn(process.execPath, [bundle, ...args], { cwd, stdio: [input, 'pipe', 'pipe'] })
}

/** Starts an example as its first lines say: by tsx, which takes some seconds more. */
export const startAsShown = (program: string): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL(program, import.meta.url))], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** What a program printed, once it has ended well. */
export async function output(program: string, ...args: string[]): Promise<string> {
  return outputOf(await start(program, args))
}

/** What a process printed, once it has ended well. */
export async function outputOf(child: ChildProcess): Promise<string> {
  const text = collect(child)
  const [code] = (await once(child, 'close')) as [number]
  expect(code, text()).toBe(0)
  return text()
}

/** What a program has printed so far, whenever it is asked for. */
export function collect(child: ChildProcess): () => string {
  let text = ''
  const append = (chunk: Buffer): void => {
    text += chunk.toString()
  }
  child.stdout?.on('data', append)
  child.stderr?.on('data', append)
  return () => text
}

/** The numbers that a pattern finds. */
export const numbers = (text: string, pattern: RegExp): number[] =>
  (pattern.exec(text) ?? []).slice(1).map(Number)
