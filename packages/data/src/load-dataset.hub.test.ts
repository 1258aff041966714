import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type HubServer, startHub } from '../../../tools/hub-server.ts'
import { type LoadDatasetOptions, loadDataset } from './index.ts'

const golden = fileURLToPath(new URL('../golden', import.meta.url))
const commit = '0123456789abcdef0123456789abcdef01234567'
const id = 'tests/features'
const names = ['train-00000-of-00002', 'train-00001-of-00002', 'test-00000-of-00001']
const files: Readonly<Record<string, Uint8Array>> = {
  'README.md': new TextEncoder().encode('---\nlicense: mit\n---\n# A card\n'),
  'model.bin': new Uint8Array(9),
  ...Object.fromEntries(
    names.map((name) => [
      `data/${name}.parquet`,
      new Uint8Array(readFileSync(join(golden, `hub/data/${name}.parquet`))),
    ]),
  ),
}

let hub: HubServer
let cacheDir: string
const load = (options: LoadDatasetOptions = {}) => loadDataset(id, { cacheDir, ...options })
const downloads = () =>
  hub.requests.filter((path) => path.includes('/resolve/')).map((path) => path.split(`${commit}/`)[1])

beforeEach(async () => {
  hub = await startHub()
  hub.models.set(`datasets/${id}`, { commit, files, isLfs: (path) => path.endsWith('.parquet') })
  cacheDir = mkdtempSync(join(tmpdir(), 'typegrad-hub-data-'))
  vi.stubEnv('HF_ENDPOINT', hub.url)
  vi.stubEnv('HF_TOKEN', '')
  vi.stubEnv('HF_TOKEN_PATH', join(cacheDir, 'no-token'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
  rmSync(cacheDir, { recursive: true, force: true })
})

test('a data set of the hub is downloaded once, a split alone, into the layout that Python shares', async () => {
  const expected = JSON.parse(readFileSync(join(golden, 'features-rows.json'), 'utf8'))
  const test = await loadDataset(id, { cacheDir, split: 'test', columns: ['text'] })
  expect(await test.toArray()).toEqual(expected.test.map(({ text }: { text: string }) => ({ text })))
  expect(downloads()).toEqual(['README.md', 'data/test-00000-of-00001.parquet'])
  // What was fetched serves where the hub does not.
  expect((await load({ offline: true })).names).toEqual(['test'])
  expect((await load()).names).toEqual(['train', 'test'])
  hub.requests.length = 0
  expect(await (await load({ revision: commit, streaming: true })).train.count()).toBe(5)
  expect(downloads()).toEqual([])
  const folder = join(cacheDir, 'datasets--tests--features')
  expect(readFileSync(join(folder, 'refs/main'), 'utf8')).toBe(commit)
  expect(readdirSync(join(folder, 'snapshots', commit, 'data'))).toHaveLength(3)
  await hub.close()
  expect((await load()).names).toEqual(['train', 'test'])
})

test('what the hub does not have, or not whole, is refused', async () => {
  await expect(loadDataset('tests/none', { cacheDir })).rejects.toThrow(
    /loadDataset\('tests\/none'\): expected a data set at .*\/datasets\/tests\/none, with the revision 'main', received HTTP status 404/,
  )
  await expect(load({ offline: true })).rejects.toThrow(/expected revision 'main' in the cache/)
  await expect(load({ revision: '../x' })).rejects.toThrow(/loadDataset: revision: expected a branch/)
  const { 'data/train-00001-of-00002.parquet': _, ...fewer } = files
  hub.models.set(`datasets/${id}`, { commit, files: fewer })
  await expect(load()).rejects.toThrow(/expected 'data\/train-00001-of-00002\.parquet' beside/)
  hub.models.set(`datasets/${id}`, { commit, files: { 'model.bin': new Uint8Array(9) } })
  await expect(load()).rejects.toThrow(/expected files of Parquet, Arrow, JSON, CSV or text, received none/)
})
