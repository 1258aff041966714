import { createHash } from 'node:crypto'
import { open, readFile, realpath } from 'node:fs/promises'
import { basename, resolve, sep } from 'node:path'
import { DataError } from 'typegrad/core'
import { type Medium, mediaOf, type Task } from '../annotations/task.ts'
import { headLength, mediaTypeOf } from './media-type.ts'
import type { FileLike, LabelData, SampleFile, SampleRow, StoredSample } from './sample.ts'

/** Names of the data's columns, where they are others. */
export interface SampleColumns {
  readonly id?: string
  readonly text?: string
  readonly image?: string
  readonly sound?: string
}

export interface CollectOptions {
  readonly task: Task
  readonly columns: SampleColumns
  /** The folder that files are in; what leads out of it is refused. */
  readonly root: string
  /** Bytes of the largest file that is taken. */
  readonly maxFileBytes: number
}

/** Characters of the longest text: a page that shows more stands still. */
const longestText = 1_000_000
/** How many faults an error lists. */
const listed = 5
/** Files that are looked at together. */
const atOnce = 32

/** What is wrong with one row. */
class RowFault extends Error {}

/**
 * Reads all rows, looks at all files, and gives each an identity.
 *
 * @throws DataError naming each row that is no sample: neither text nor file, or both, a file that is missing, too long, outside
 * of the root or of no type that a browser shows, or an id that stands there twice.
 */
export async function collectSamples(
  data: LabelData,
  options: CollectOptions,
): Promise<readonly StoredSample[]> {
  const root = await realpath(options.root)
  const rows: unknown[] = []
  for await (const row of data) rows.push(row)
  const faults: string[] = []
  const samples: StoredSample[] = []
  const ids = new Map<string, number>()
  for (let start = 0; start < rows.length; start += atOnce) {
    const part = rows.slice(start, start + atOnce)
    const made = await Promise.allSettled(part.map((row, i) => sampleOf(row, start + i, root, options)))
    made.forEach((outcome, i) => {
      const index = start + i
      if (outcome.status === 'rejected') {
        if (!(outcome.reason instanceof RowFault)) throw outcome.reason
        faults.push(`row ${index}: ${outcome.reason.message}`)
        return
      }
      const { id } = outcome.value
      const twin = ids.get(id)
      if (twin !== undefined) faults.push(`row ${index}: the id '${id}', which row ${twin} has`)
      ids.set(id, index)
      samples.push(outcome.value)
    })
  }
  if (faults.length > 0) {
    const more = faults.length > listed ? `; and ${faults.length - listed} more` : ''
    throw new DataError({
      where: 'label',
      expected: `${mediaOf[options.task].map((medium) => nouns[medium]).join(' or ')} in each row`,
      received: `${faults.slice(0, listed).join('; ')}${more}`,
    })
  }
  if (samples.length === 0)
    throw new DataError({ where: 'label', expected: 'samples to label', received: 'none' })
  return samples
}

const nouns: Readonly<Record<Medium, string>> = { text: 'a text', image: 'a picture', sound: 'a sound' }
const media = Object.keys(nouns) as readonly Medium[]

const digest = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16)

async function sampleOf(
  row: unknown,
  index: number,
  root: string,
  { task, columns, maxFileBytes }: CollectOptions,
): Promise<StoredSample> {
  const { id, ...given } = fieldsOf(row, task, columns)
  const present = media.filter((medium) => given[medium] != null)
  const [medium] = present
  if (medium === undefined || present.length > 1)
    throw new RowFault(present.length > 1 ? `both ${present.join(' and ')}` : describe(row))
  const takes: readonly Medium[] = mediaOf[task]
  if (!takes.includes(medium)) throw new RowFault(nouns[medium])
  const name = id == null ? String(index) : String(id)
  if (name === '' || name.length > 500) throw new RowFault(`an id of ${name.length} characters`)
  const common = { index, id: name, medium, row }
  const content = given[medium]
  if (medium === 'text') {
    if (typeof content !== 'string') throw new RowFault(`as text ${describe(content)}`)
    if (content.length > longestText)
      throw new RowFault(`a text of ${content.length} characters, of which ${longestText} are taken`)
    return { ...common, text: content, fingerprint: digest(content), path: undefined, read: undefined }
  }
  const file = await fileOf(content, medium, root, maxFileBytes)
  return { ...common, text: undefined, ...file }
}

type Fields = { readonly [K in keyof SampleRow]: unknown }

function fieldsOf(row: unknown, task: Task, columns: SampleColumns): Fields {
  if (typeof row === 'string') {
    if (task === 'boxes') return { image: row }
    return task === 'transcript' ? { sound: row } : { text: row }
  }
  if (row instanceof Uint8Array || row instanceof Blob)
    return task === 'boxes' ? { image: row } : task === 'transcript' ? { sound: row } : { ...anyFile(row) }
  if (typeof row !== 'object' || row === null) throw new RowFault(describe(row))
  const cells = row as Readonly<Record<string, unknown>>
  const cell = (name: keyof SampleColumns): unknown => cells[columns[name] ?? name]
  return { id: cell('id'), text: cell('text'), image: cell('image'), sound: cell('sound') }
}

/** Bytes of which only they themselves say what they are; a Blob says it too. */
function anyFile(file: Uint8Array | Blob): Fields {
  if (file instanceof Blob) return file.type.startsWith('audio/') ? { sound: file } : { image: file }
  return mediaTypeOf(file)?.medium === 'sound' ? { sound: file } : { image: file }
}

interface StoredFile {
  readonly fingerprint: string
  readonly path: string | undefined
  readonly read: () => Promise<SampleFile>
}

async function fileOf(
  content: unknown,
  medium: Medium,
  root: string,
  maxFileBytes: number,
): Promise<StoredFile> {
  const { bytes, path } = await partsOf(content)
  if (bytes === undefined) return onDisk(path ?? '', medium, root, maxFileBytes)
  checkLength(bytes.length, maxFileBytes)
  const type = typeOf(bytes, medium, 'bytes')
  return { fingerprint: digest(bytes), path, read: async () => ({ bytes, type }) }
}

async function partsOf(
  content: unknown,
): Promise<{ readonly bytes: Uint8Array | undefined; readonly path: string | undefined }> {
  if (typeof content === 'string') return { bytes: undefined, path: content }
  if (content instanceof Uint8Array) return { bytes: content, path: undefined }
  if (content instanceof Blob) return { bytes: new Uint8Array(await content.arrayBuffer()), path: undefined }
  if (typeof content === 'object' && content !== null && 'bytes' in content && 'path' in content) {
    const { bytes, path } = content as Exclude<FileLike, string | Uint8Array | Blob>
    if (bytes instanceof Uint8Array || typeof path === 'string')
      return { bytes: bytes ?? undefined, path: path ?? undefined }
  }
  throw new RowFault(`as a file ${describe(content)}`)
}

async function onDisk(
  given: string,
  medium: Medium,
  root: string,
  maxFileBytes: number,
): Promise<StoredFile> {
  const path = await inside(given, root)
  const file = await open(path, 'r')
  let size: number
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new RowFault(`'${given}', which is no file`)
    size = stat.size
    checkLength(size, maxFileBytes, given)
    const head = new Uint8Array(headLength)
    await file.read(head, 0, headLength, 0)
    typeOf(head, medium, `'${given}'`)
  } finally {
    await file.close()
  }
  return {
    fingerprint: digest(`file\0${basename(path)}\0${size}`),
    path: given,
    // Links may have been turned elsewhere since, and files may have grown.
    async read() {
      const bytes = await readFile(await inside(given, root))
      checkLength(bytes.length, maxFileBytes, given)
      return { bytes, type: typeOf(bytes, medium, `'${given}'`) }
    },
  }
}

/** Where a path leads, links followed, if that is below the root. */
async function inside(given: string, root: string): Promise<string> {
  const path = await realpath(resolve(root, given)).catch(() => undefined)
  if (path === undefined) throw new RowFault(`'${given}', where there is no file`)
  const folder = root.endsWith(sep) ? root : root + sep
  if (!path.startsWith(folder))
    throw new RowFault(`'${given}', which leads out of ${root} (the option root says where files are)`)
  return path
}

function checkLength(bytes: number, most: number, name?: string): void {
  if (bytes > most)
    throw new RowFault(
      `${name === undefined ? 'bytes' : `'${name}'`}: ${bytes} bytes, of which ${most} are taken`,
    )
}

function typeOf(head: Uint8Array, medium: Medium, name: string): string {
  const known = mediaTypeOf(head)
  if (known?.medium === medium) return known.type
  const what = known === undefined ? 'which no browser knows by its first bytes' : `which is ${known.type}`
  throw new RowFault(`${name}, ${what}`)
}

function describe(value: unknown): string {
  if (value == null) return String(value)
  if (typeof value !== 'object') return `${typeof value} ${String(value).slice(0, 40)}`
  return Array.isArray(value)
    ? 'an array'
    : `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'nothing'}`
}
