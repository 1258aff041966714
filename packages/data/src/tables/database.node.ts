import { rmSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api'
import { ArgumentError } from 'typegrad/core'
import { encoderOfType } from './cells.node.ts'
import { typesOfFeatures } from './column-types.node.ts'
import { literal, quoted } from './pieces.ts'
import type { ColumnBatch, LoadedSource, TableLimits } from './source.ts'

/** Rows of a chunk of DuckDB: its vectors have so many places. */
const chunkRows = 2048

/** Databases that stay open although no query runs in them: opening one takes some 30 ms. */
const mostIdle = 8

/**
 * An instance of DuckDB in memory, which can open the files of one query and no others: whatever a statement asks for, DuckDB
 * refuses other paths, the network and extensions, and its settings are locked. Each set of files has one of its own.
 */
export class Database {
  readonly #instance: DuckDBInstance
  readonly #spillFolder: string
  readonly #loaded = new Map<string, Promise<void>>()
  /** Queries that are under way. */
  running = 0

  private constructor(instance: DuckDBInstance, spillFolder: string) {
    this.#instance = instance
    this.#spillFolder = spillFolder
  }

  /** @param files absolute paths. @param written a file that may be written as well. */
  static async open(files: readonly string[], limits: TableLimits, written?: string): Promise<Database> {
    const spillFolder = newSpillFolder(limits)
    if (limits.spillFolder !== undefined) await mkdir(resolve(limits.spillFolder), { recursive: true })
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    try {
      for (const setting of settings(files, limits, spillFolder, written)) await connection.run(setting)
    } catch (error) {
      connection.closeSync()
      instance.closeSync()
      throw refusedLimit(limits, error)
    }
    connection.closeSync()
    return new Database(instance, spillFolder)
  }

  /** A connection for one query. */
  async connect(loaded: readonly LoadedSource[]): Promise<DuckDBConnection> {
    for (const source of loaded) await this.#load(source)
    return this.#instance.connect()
  }

  /** Puts rows into the database, once. */
  #load(source: LoadedSource): Promise<void> {
    const loading =
      this.#loaded.get(source.name) ??
      this.#fill(source).catch((error: unknown) => {
        this.#loaded.delete(source.name)
        throw error
      })
    this.#loaded.set(source.name, loading)
    return loading
  }

  async #fill({ name, features, batches }: LoadedSource): Promise<void> {
    const connection = await this.#instance.connect()
    try {
      const columns = Object.entries(typesOfFeatures(features, 'Table'))
      const listed = columns.map(([column, type]) => `${quoted(column)} ${type}`).join(', ')
      await connection.run(
        `BEGIN; DROP TABLE IF EXISTS ${quoted(name)}; CREATE TABLE ${quoted(name)} (${listed})`,
      )
      const appender = await connection.createAppender(name)
      const encoders = columns.map(([column, type]) => encoderOfType(type, `column ${column}`))
      const types = columns.map(([, type]) => type)
      try {
        for await (const batch of batches())
          for (let start = 0; start < batch.rows; start += chunkRows)
            appender.appendDataChunk(chunkOf(batch, start, encoders, types))
      } finally {
        appender.closeSync()
      }
      await connection.run('COMMIT')
    } finally {
      connection.closeSync()
    }
  }

  async close(): Promise<void> {
    this.#instance.closeSync()
    await rm(this.#spillFolder, { recursive: true, force: true })
    spillFolders.delete(this.#spillFolder)
  }
}

function chunkOf(
  { rows, columns }: ColumnBatch,
  start: number,
  encoders: readonly ReturnType<typeof encoderOfType>[],
  types: Parameters<typeof DuckDBDataChunk.create>[0],
): DuckDBDataChunk {
  const count = Math.min(chunkRows, rows - start)
  const chunk = DuckDBDataChunk.create(types, count)
  chunk.setColumns(
    columns.map((values, i) => {
      const encode = encoders[i] as ReturnType<typeof encoderOfType>
      return Array.from({ length: count }, (_, row) => encode(values[start + row]))
    }),
  )
  return chunk
}

const spillFolders = new Set<string>()
let spillFoldersMade = 0
let removesAtExit = false

/** DuckDB makes the folder when it first spills. */
function newSpillFolder({ spillFolder = tmpdir() }: TableLimits): string {
  if (!removesAtExit) {
    removesAtExit = true
    process.once('exit', () => {
      for (const folder of spillFolders) rmSync(folder, { recursive: true, force: true })
    })
  }
  const folder = join(resolve(spillFolder), `typegrad-tables-${process.pid}-${++spillFoldersMade}`)
  spillFolders.add(folder)
  return folder
}

function* settings(
  files: readonly string[],
  { memoryLimit, threads = availableParallelism() }: TableLimits,
  spillFolder: string,
  written: string | undefined,
): Generator<string> {
  const bytes = memoryLimit ?? Math.floor(totalmem() / 2)
  yield `SET memory_limit = ${literal(typeof bytes === 'number' ? `${Math.floor(bytes / 1024)}KiB` : bytes)}`
  yield `SET threads = ${threads}`
  yield `SET temp_directory = ${literal(spillFolder)}`
  // The same times on every machine.
  yield `SET TimeZone = 'UTC'`
  yield 'SET autoinstall_known_extensions = false'
  yield 'SET autoload_known_extensions = false'
  yield 'SET enable_progress_bar = false'
  // It filters by the keys of a join below LIMIT and OFFSET, which then take other rows (duckdb/duckdb#22924; in 1.5.6 still).
  yield `SET disabled_optimizers = 'join_filter_pushdown'`
  const allowed = written === undefined ? files : [...files, written]
  yield `SET allowed_paths = [${allowed.map(literal).join(', ')}]`
  yield 'SET enable_external_access = false'
  yield 'SET lock_configuration = true'
}

function refusedLimit(limits: TableLimits, error: unknown): ArgumentError {
  return new ArgumentError({
    where: 'readTable',
    expected: "limits that DuckDB takes: memoryLimit as '2GB' or in bytes, threads from 1 on",
    received: `${JSON.stringify(limits)}: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
  })
}

/** Open databases by their files and limits; the one that was used last comes last. */
const open = new Map<string, Promise<Database>>()

const keyOf = (files: readonly string[], limits: TableLimits): string =>
  JSON.stringify([[...files].sort(), limits.memoryLimit, limits.spillFolder, limits.threads])

/** The database of these files; it is in use until `release`. */
export async function acquire(
  files: readonly string[],
  limits: TableLimits,
): Promise<{ readonly database: Database; readonly release: () => void }> {
  const key = keyOf(files, limits)
  const opening =
    open.get(key) ??
    Database.open(files, limits).catch((error: unknown) => {
      open.delete(key)
      throw error
    })
  open.delete(key)
  open.set(key, opening)
  const database = await opening
  database.running += 1
  let isReleased = false
  const release = (): void => {
    if (isReleased) return
    isReleased = true
    database.running -= 1
    void closeIdle()
  }
  return { database, release }
}

/** Closes databases that no query runs in, the least recently used first. */
async function closeIdle(): Promise<void> {
  for (const [key, opening] of open) {
    if (open.size <= mostIdle) return
    const database = await opening.catch(() => undefined)
    if (database === undefined || database.running > 0 || open.get(key) !== opening) continue
    open.delete(key)
    await database.close()
  }
}

/** Closes the databases that have one of these files or rows, if no query runs in them. */
export async function closeDatabases(files: readonly string[], limits: TableLimits): Promise<void> {
  const key = keyOf(files, limits)
  const opening = open.get(key)
  const database = await opening?.catch(() => undefined)
  if (database === undefined || database.running > 0 || open.get(key) !== opening) return
  open.delete(key)
  await database.close()
}

/** A database of its own, for a query that writes a file. */
export async function withWritableDatabase<T>(
  files: readonly string[],
  limits: TableLimits,
  written: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await Database.open(files, limits, written)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
