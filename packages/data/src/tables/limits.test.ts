import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { testFolder } from '../testing/test-folder.ts'
import { readTable } from './read-table.ts'

const folder = testFolder('limits')

test('what is beyond memoryLimit is spilled to files, which go with the table', async () => {
  const rows = 400_000
  const spillFolder = join(folder.path, 'spilled')
  // 7919 and the number of rows have no divisor in common: every number comes once.
  const mixed = `SELECT (i * 7919) % ${rows} AS k, repeat('x', 100) || i AS text FROM range(${rows}) r(i)`
  const table = await readTable<{ k: number; text: string }>(
    { sql: mixed, files: {} },
    { memoryLimit: '30MB', threads: 1, spillFolder },
  )
  const reading = table
    .orderBy('k')
    .skip(rows - 3)
    .rows()
  let isDone = false
  const end = (): void => {
    isDone = true
  }
  reading.then(end, end)
  const files = new Set<string>()
  while (!isDone) {
    const all = await readdir(spillFolder, { recursive: true }).catch(() => [])
    for (const file of all) if (/duckdb_temp/.test(file)) files.add(file)
    await setTimeout(2)
  }
  expect((await reading).map(({ k }) => k)).toEqual([rows - 3, rows - 2, rows - 1])
  expect(files.size).toBeGreaterThan(0)
  await table.close()
  expect(await readdir(spillFolder)).toEqual([])
})

test('what cannot be spilled says what it lacks, and limits that are none are refused', async () => {
  const sql = 'SELECT list(i) AS all_of_them FROM range(3000000) r(i)'
  const table = await readTable(
    { sql, files: {} },
    { memoryLimit: '8MB', threads: 1, spillFolder: folder.path },
  )
  await expect(table.rows()).rejects.toThrow('expected a query that runs within memoryLimit')
  await expect(readTable({ sql, files: {} }, { memoryLimit: 'much' })).rejects.toThrow(
    "expected limits that DuckDB takes: memoryLimit as '2GB' or in bytes",
  )
})
