import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleProgram } from '../../../../../tools/bundle-program.ts'
import type { Order, Outcome } from './protocol.ts'

/** Processes that may end before their sweep does, until it is given up. */
const maxEnds = 20

/**
 * Sweeps in a process of its own, and in another from the next case on where a case ends it, which counts as a failure.
 *
 * @param onOutcome called for each sweep when it is over.
 */
export async function supervise(
  order: Omit<Order, 'progress'>,
  onOutcome: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-sweep-'))
  const progress = join(folder, 'progress')
  const outcomes: Outcome[] = []
  /** What ended processes knew of the sweep that is going on. */
  let ended: string[] = []
  const done = (outcome: Outcome): void => {
    const whole = {
      ...outcome,
      failures: outcome.failures + ended.length,
      shown: [...ended, ...outcome.shown],
    }
    ended = []
    outcomes.push(whole)
    onOutcome(whole)
  }
  try {
    let names = order.names
    let from = order.from
    while (names.length > 0) {
      const how = await sweepingProcess({ ...order, names, from, progress }, (outcome) => {
        names = names.slice(1)
        done(outcome)
      })
      if (how === undefined) break
      const [name = '', index = ''] = readFileSync(progress, 'utf8').trim().split(' ')
      if (name !== names[0]) throw new Error(`sweep: the process ended before its first case: ${how}`)
      ended.push(`${name}, case ${index}: ${how}`)
      from = Number(index) + 1
      if (ended.length < maxEnds && order.only === undefined) continue
      names = names.slice(1)
      from = 0
      done({ name, cases: Number(index) + 1, failures: 0, shown: [], seconds: 0 })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return outcomes
}

/** @returns how the process ended, if not well. */
async function sweepingProcess(
  order: Order,
  onOutcome: (outcome: Outcome) => void,
): Promise<string | undefined> {
  const worker = await bundleProgram(new URL('worker.ts', import.meta.url))
  const child = spawn(process.execPath, [worker, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [text, complaints] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) onOutcome(JSON.parse(line))
  })
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    complaints += piece
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined)
      else resolve(`the process ended with ${signal ?? `code ${code}`}: ${complaints.slice(0, 600)}`)
    })
  })
}
