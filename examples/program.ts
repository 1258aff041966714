// Runs examples as programs, for their tests.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

/** Starts an example as a program of its own, from the root of the repository. */
export const start = (program: string, ...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL(program, import.meta.url)), ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** What a program printed, once it has ended well. */
export async function output(program: string, ...args: string[]): Promise<string> {
  const child = start(program, ...args)
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
