import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LabelOptions, label, type Task } from './index.ts'
import { landscape } from './testing/samples.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-label-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const options = { task: 'class', classes: ['a', 'b'] } as const
const where = (): string => join(folder, 'labels')

interface Answer {
  readonly status: number
  readonly body: { readonly error?: string; readonly next?: unknown }
}

/** Asks a server as a browser would, with headers of one's own. */
function ask(
  url: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { port, hash } = new URL(url)
  const all = { authorization: `Bearer ${hash.slice(1)}`, 'content-type': 'application/json', ...headers }
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path, method: body ? 'POST' : 'GET', headers: all },
      async (response) => {
        const parts: Buffer[] = []
        for await (const part of response) parts.push(part as Buffer)
        const text = Buffer.concat(parts).toString()
        resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : {} })
      },
    )
    asked.on('error', reject).end(body && JSON.stringify(body))
  })
}

test('a request without the token, from another page or under another name is refused', async () => {
  const session = await label(['x', 'y'], { ...options, folder: where() })
  try {
    const joined = (headers: Readonly<Record<string, string>>) =>
      ask(session.url, '/api/join', { person: 'Ada' }, headers)
    expect(await joined({})).toMatchObject({ status: 200, body: { next: { index: 0, text: 'x' } } })
    expect((await joined({ authorization: 'Bearer x' })).status).toBe(401)
    expect((await joined({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await joined({ host: 'evil.example' })).status).toBe(403)
    const said = (index: number, value: unknown, person = 'Ada') =>
      ask(session.url, '/api/save', { person, index, value })
    expect(await said(0, 'z')).toMatchObject({
      status: 400,
      body: { error: 'expected one of the classes a, b, received "z"' },
    })
    expect((await said(7, 'a')).body.error).toMatch(/samples 0 to 1, and no 7/)
    expect((await said(0, 'a', ' Ada')).status).toBe(400)
    expect((await said(0, 'a'.repeat(5 << 20))).status).toBe(413)
    expect((await ask(session.url, '/api/file/0')).status).toBe(404)
    expect((await ask(session.url, '/api/file/..%2f..%2fetc%2fpasswd')).status).toBe(400)
    expect(session.answers()).toEqual([])
  } finally {
    await session.close()
  }
})

test('labels are there again, of data that has grown; other data is refused by the line', async () => {
  const first = await label(['x', 'y'], { ...options, folder: where() })
  await ask(first.url, '/api/save', { person: 'Ada', index: 1, value: 'b' })
  await first.close()
  const grown = await label(['x', 'y', 'z'], { ...options, folder: where() })
  expect(grown.labelled().map(({ id, value }) => [id, value])).toEqual([['1', 'b']])
  await grown.close()
  await expect(label(['y', 'x'], { ...options, folder: where() })).rejects.toThrow(
    /journal\.jsonl, line 2: expected a label of one of the samples.*'1' when it held something else/,
  )
})

test('rows that are no samples are named, and no path leads out of the root', async () => {
  mkdirSync(join(folder, 'in'))
  writeFileSync(join(folder, 'out.png'), landscape(8, 8))
  writeFileSync(join(folder, 'in', 'page.png'), '<html>')
  symlinkSync(join(folder, 'out.png'), join(folder, 'in', 'link.png'))
  const images = ['../out.png', 'link.png', 'none.png', 'page.png'].map((image) => ({ image }))
  const opened = label(images, { ...options, folder: where(), root: join(folder, 'in') })
  await expect(opened).rejects.toThrow(
    /row 0: '\.\.\/out\.png', which leads out of .*row 1: 'link\.png', which leads out.*row 2: 'none\.png', where there is no file; row 3: 'page\.png', which no browser knows/,
  )
  const bad = (data: readonly object[], message: RegExp) =>
    expect(label(data, { ...options, folder: where() })).rejects.toThrow(message)
  await bad([], /expected samples to label, received none/)
  await bad(
    [
      { id: 1, text: 'x' },
      { id: 1, text: 'y' },
    ],
    /row 1: the id '1', which row 0 has/,
  )
  await bad([{ text: null, other: 1 }], /row 0: an object with text, other/)
})

test('options that are none are refused', async () => {
  const wrong = (more: object, message: RegExp) =>
    expect(label(['x'], { ...options, folder: where(), ...more } as LabelOptions<Task>)).rejects.toThrow(
      message,
    )
  await wrong({ notAnOption: 1 }, /expected .*option.*"notAnOption"/s)
  await wrong({ classes: [] }, /the names of the classes, received none/)
  await wrong({ classes: ['a', 'a'] }, /different names.*"a"/)
  await wrong({ task: 'transcript' }, /none, since transcripts have no classes/)
  await wrong({ perSample: 0 }, /perSample: expected a positive whole number/)
})

test('a model learns from labels while others go on, and what it is least sure of comes first', async () => {
  const seen: number[] = []
  let release = (): void => {}
  const session = await label(['0', '1', '2', '3', '4'], {
    ...{ ...options, folder: where(), retrainEvery: 1 },
    async train(labelled) {
      seen.push(labelled.length)
      await new Promise<void>((resolve) => {
        release = resolve
      })
    },
    propose: (samples) => samples.map(({ text }) => ({ scores: text === '3' ? [0.5, 0.5] : [0.9, 0.1] })),
  })
  try {
    const save = (index: number) => ask(session.url, '/api/save', { person: 'Ada', index, value: 'a' })
    expect((await save(0)).body.next).toMatchObject({ index: 1 })
    // The model is still learning; the page is answered.
    expect((await save(1)).body.next).toMatchObject({ index: 2 })
    expect(session.progress.model).toMatchObject({ state: 'training' })
    const waiting = setInterval(() => release(), 5)
    await session.modelIdle()
    clearInterval(waiting)
    expect(seen).toEqual([1, 2])
    // The one that was lent stays lent; then the least sure.
    expect((await save(2)).body.next).toMatchObject({
      index: 3,
      proposal: { value: 'a', scores: [0.5, 0.5] },
    })
    expect(session.progress.model).toMatchObject({ trainedOn: 2 })
  } finally {
    const waiting = setInterval(() => release(), 5)
    await session.close()
    clearInterval(waiting)
  }
})
