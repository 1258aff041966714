import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError, StateError } from 'typegrad/core'
import { ValueFault } from '../annotations/check-value.ts'
import type { LabelJournalEvent } from '../annotations/event.ts'
import type { Task } from '../annotations/task.ts'
import { eventLine, headerLine, type JournalHeader, readEvent, readHeader } from './lines.ts'
import { lockFile } from './lock.node.ts'

/** A last line that a crash has cut: it was never acknowledged, and is removed when the journal is opened again. */
export interface CutLine {
  /** From 1 on, as editors count. */
  readonly line: number
  readonly bytes: number
}

/** An event of a journal, and the line that it stands in. */
export interface PlacedEvent<T extends Task> {
  readonly event: LabelJournalEvent<T>
  readonly line: number
}

export interface OpenedJournal<T extends Task> {
  readonly journal: Journal<T>
  readonly events: readonly PlacedEvent<T>[]
  readonly cut: CutLine | undefined
}

const newline = 10

/**
 * A file to which lines are added and in which nothing is ever changed. An `append` has kept its promise when its line is on
 * the disk: written, and flushed by fsync. Lines that come while one flush is under way share the next.
 */
export class Journal<T extends Task> {
  readonly path: string
  readonly #file: FileHandle
  readonly #unlock: () => Promise<void>
  #length: number
  #waiting: { readonly line: string; readonly done: (error?: unknown) => void }[] = []
  #writing: Promise<void> | undefined
  #broken: unknown

  private constructor(path: string, file: FileHandle, length: number, unlock: () => Promise<void>) {
    this.path = path
    this.#file = file
    this.#length = length
    this.#unlock = unlock
  }

  /**
   * Opens the journal of a folder, or begins one.
   *
   * @throws FormatError naming the line that is damaged; StateError for a journal of another task or other classes, and for a
   * folder that another session has opened.
   */
  static async open<T extends Task>(folder: string, header: JournalHeader<T>): Promise<OpenedJournal<T>> {
    await mkdir(folder, { recursive: true })
    const path = join(folder, 'journal.jsonl')
    const unlock = await lockFile(join(folder, 'journal.lock'))
    let file: FileHandle | undefined
    try {
      const { text, length, cut } = await readWhole(path)
      const events = text === '' ? [] : readLines(path, text, header)
      file = await open(path, 'a+')
      if (cut !== undefined) await file.truncate(length)
      const journal = new Journal<T>(path, file, length, unlock)
      if (text === '') await journal.#write(headerLine(header))
      await syncFolder(folder)
      return { journal, events, cut }
    } catch (error) {
      await file?.close()
      await unlock()
      throw error
    }
  }

  /** Resolves once the event is on the disk; rejects if it is not. */
  append(event: LabelJournalEvent<T>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        line: eventLine(event),
        done: (error) => (error === undefined ? resolve() : reject(error)),
      })
      this.#writing ??= this.#drain()
    })
  }

  /** Waits for what is being written, and gives the folder back. */
  async close(): Promise<void> {
    await this.#writing
    this.#broken ??= new StateError({
      where: `label: ${this.path}`,
      expected: 'a session that is open',
      received: 'one that was closed',
    })
    await this.#file.close()
    await this.#unlock()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      const error = await this.#write(lines.map(({ line }) => line).join('')).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      for (const { done } of lines) done(error)
    }
    // In the same turn as the look at what waits: an answer's reader may append at once.
    this.#writing = undefined
  }

  /** All of the text, or none of it: a full disk leaves the journal as it was. */
  async #write(text: string): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    const bytes = Buffer.from(text)
    try {
      await this.#file.writeFile(bytes)
    } catch (error) {
      await this.#file.truncate(this.#length).catch((worse: unknown) => {
        this.#broken = worse
      })
      throw error
    }
    try {
      await this.#file.sync()
    } catch (error) {
      // After a flush that failed nobody knows what is on the disk, and another one may succeed without having written it.
      this.#broken = error
      throw error
    }
    this.#length += bytes.length
  }
}

/** The whole lines of a file; what stands behind the last line's end was being written when the process ended. */
async function readWhole(
  path: string,
): Promise<{ readonly text: string; readonly length: number; readonly cut: CutLine | undefined }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const length = bytes.lastIndexOf(newline) + 1
  const text = decoded(path, bytes.subarray(0, length))
  const rest = bytes.length - length
  const cut = rest === 0 ? undefined : { line: text.split('\n').length, bytes: rest }
  return { text, length, cut }
}

/** UTF-8, of which nothing is replaced. @throws FormatError naming the line that is none. */
function decoded(path: string, bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    let line = 1
    for (let start = 0; start < bytes.length; line++) {
      const end = bytes.indexOf(newline, start) + 1
      try {
        decoder.decode(bytes.subarray(start, end))
      } catch {
        break
      }
      start = end
    }
    throw new FormatError(
      { where: `label: ${path}, line ${line}`, expected: 'text in UTF-8', received: 'other bytes' },
      { cause },
    )
  }
}

function readLines<T extends Task>(
  path: string,
  text: string,
  header: JournalHeader<T>,
): readonly PlacedEvent<T>[] {
  const [first = '', ...rest] = text.slice(0, -1).split('\n')
  const found = placed(path, 1, () => readHeader(first))
  const isSame =
    found.task === header.task &&
    found.classes.length === header.classes.length &&
    found.classes.every((name, i) => name === header.classes[i])
  if (!isSame) {
    const described = ({ task, classes }: JournalHeader): string =>
      `task '${task}' with ${classes.length === 0 ? 'no classes' : `the classes ${classes.join(', ')}`}`
    throw new StateError({
      where: `label: ${path}`,
      expected: described(header),
      received: described(found),
      fix: 'Take another folder, or the task and classes that this one was begun with.',
    })
  }
  return rest.map((line, i) => ({
    event: placed(path, i + 2, () => readEvent(line, header)),
    line: i + 2,
  }))
}

function placed<R>(path: string, line: number, read: () => R): R {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof ValueFault)) throw cause
    throw new FormatError(
      {
        where: `label: ${path}, line ${line}`,
        expected: cause.expected,
        received: cause.received,
        fix: 'Mend that line, or remove it: each line stands by itself.',
      },
      { cause },
    )
  }
}

/** Flushes the folder's list of names. Some systems (Windows) cannot and need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
