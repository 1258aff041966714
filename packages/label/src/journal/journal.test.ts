import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleProgram } from '../../../../tools/bundle-program.ts'
import type { LabelEvent } from '../annotations/event.ts'
import { Journal } from './journal.node.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-label-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const header = { task: 'class', classes: ['a', 'b'] } as const
const file = (): string => join(folder, 'journal.jsonl')
const said = (sample: string, value = 'a', person = 'Ada'): LabelEvent<'class'> => ({
  ...{ event: 'label', sample, person, value, of: 'x', at: '2026-11-29T20:00:00.000Z' },
})

/** Opens, does something, closes, and tells what was read. */
async function opened(work: (journal: Journal<'class'>) => Promise<unknown> = async () => {}) {
  const { journal, events, cut } = await Journal.open<'class'>(folder, header)
  await work(journal).finally(() => journal.close())
  return { events: events.map(({ event }) => event), cut }
}

test('what was appended is read again, in its order; two people on one sample both stand there', async () => {
  const all = [said('0'), said('0', 'b', 'Bo'), said('1')]
  await opened((journal) => Promise.all(all.map((event) => journal.append(event))))
  expect(await opened()).toEqual({ events: all, cut: undefined })
  expect(readFileSync(file(), 'utf8').split('\n')).toHaveLength(5)
})

test('a line that a crash has cut is told and removed, and the next one stands on a line of its own', async () => {
  await opened((journal) => journal.append(said('0')))
  appendFileSync(file(), '{"event":"label","sample":"1","per')
  const { events, cut } = await opened((journal) => journal.append(said('2')))
  expect(events).toEqual([said('0')])
  expect(cut).toEqual({ line: 3, bytes: 34 })
  expect((await opened()).events).toEqual([said('0'), said('2')])
})

test.each([
  ['no JSON', '{"event":', /line 2: expected a line of JSON/],
  [
    'an event that there is not',
    '{"event":"erase","sample":"0","person":"Ada","at":"x"}',
    /line 2: expected an event/,
  ],
  [
    'a class that there is not',
    JSON.stringify({ ...said('0'), value: 'z' }),
    /line 2: expected one of the classes a, b, received "z"/,
  ],
  ['nobody', JSON.stringify({ ...said('0'), person: '' }), /line 2: expected a text as "person"/],
  ['other bytes', Buffer.from([0x7b, 0xff, 0x7d]), /line 2: expected text in UTF-8/],
])('a damaged line is named: %s', async (_, line, message) => {
  await opened()
  appendFileSync(file(), Buffer.concat([Buffer.from(line), Buffer.from(`\n${JSON.stringify(said('9'))}\n`)]))
  await expect(opened()).rejects.toThrow(message)
  // And the folder is free again.
  writeFileSync(file(), '')
  await opened()
})

test('another task, other classes, or a file of something else is refused', async () => {
  await opened()
  const other = Journal.open(folder, { task: 'class', classes: ['b', 'a'] })
  await expect(other).rejects.toThrow(
    /task 'class' with the classes b, a, received task 'class' with the classes a, b/,
  )
  writeFileSync(file(), '{"name":"package"}\n')
  await expect(opened()).rejects.toThrow(/line 1: expected the first line of a journal of labels/)
})

test('a folder has one session at a time; the lock of a process that is no more is taken over', async () => {
  const { journal } = await Journal.open(folder, header)
  await expect(Journal.open(folder, header)).rejects.toThrow(
    new RegExp(`no other session writes to, received one that process ${process.pid} has opened`),
  )
  await journal.close()
  await expect(journal.append(said('0'))).rejects.toThrow(/received one that was closed/)
  writeFileSync(join(folder, 'journal.lock'), '4194304999\n')
  await opened()
})

test('a process that is killed loses nothing that it has acknowledged', async () => {
  const program = await bundleProgram(new URL('../testing/labelling-program.ts', import.meta.url))
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  for await (const chunk of child.stdout) {
    told += String(chunk)
    if (told.split('\n').length > 30) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  const acknowledged = told.split('\n').slice(0, -1)
  const { events } = await opened()
  expect(events.slice(0, acknowledged.length).map(({ sample }) => sample)).toEqual(acknowledged)
  // At most the one that was being written.
  expect(events.length - acknowledged.length).toBeLessThanOrEqual(1)
})
