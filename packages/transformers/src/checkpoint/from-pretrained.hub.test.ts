import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pauses, progressBar, progressLine } from '@typegrad/hub'
import { readSafetensors } from 'typegrad'
import { ArgumentError, FormatError, StateError } from 'typegrad/core'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type HubServer, startHub } from '../../../../tools/hub-server.ts'
import { loadSentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { fromGguf } from '../gguf/from-gguf.ts'
import { pipeline } from '../pipelines/pipeline.ts'
import { processorFromPretrained } from '../processors/from-pretrained.ts'
import { ImageProcessor } from '../processors/image-processor.ts'
import { goldenFolder, readGolden } from '../testing/golden.ts'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts'
import { type FromPretrainedOptions, fromPretrained } from './from-pretrained.ts'
import { modelFolder } from './model-folder.ts'

// Attempts follow each other at once.
beforeAll(() => {
  const { first } = pauses
  pauses.first = 0
  return () => {
    pauses.first = first
  }
})

const golden = goldenFolder(readGolden('gpt2'))
const sound = {
  'config.json': new Uint8Array(readFileSync(join(golden, 'config.json'))),
  'model.safetensors': new Uint8Array(readFileSync(join(golden, 'model.safetensors'))),
}
rmSync(golden, { recursive: true })
const weights = sound['model.safetensors']
const commit = '0123456789abcdef0123456789abcdef01234567'
const id = 'tests/tiny-gpt2'

let hub: HubServer
let cacheDir: string
const load = (options: FromPretrainedOptions = {}) => fromPretrained(id, { cacheDir, ...options })
/** Breaks connections off that went silent, when something of the weights has come. */
const cutting: FromPretrainedOptions = {
  onProgress: ({ file, bytes }) => {
    if (file === 'model.safetensors' && bytes > 0) hub.cut()
  },
}
const blobs = () => readdirSync(join(cacheDir, 'models--tests--tiny-gpt2', 'blobs'))
const downloads = () => hub.requests.filter((path) => path.includes('/resolve/'))

beforeEach(async () => {
  hub = await startHub()
  hub.models.set(id, {
    commit,
    files: { ...sound, 'README.md': new Uint8Array(9), 'model.onnx': new Uint8Array(9) },
  })
  cacheDir = mkdtempSync(join(tmpdir(), 'typegrad-hub-'))
  vi.stubEnv('HF_ENDPOINT', hub.url)
  vi.stubEnv('HF_TOKEN', '')
  vi.stubEnv('HF_TOKEN_PATH', join(cacheDir, 'no-token'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
  rmSync(cacheDir, { recursive: true, force: true })
})

describe('a model of the hub', () => {
  test('is downloaded once, without what is not needed, into the layout that Python shares', async () => {
    const progress: string[] = []
    const model = await load({
      onProgress: ({ file, bytes, total }) => progress.push(`${file} ${bytes}/${total}`),
    })
    expect(model.network.className).toBe('GPT2Model')
    expect(downloads().map((path) => path.split('/').at(-1))).toEqual(['config.json', 'model.safetensors'])
    expect(progress.at(-1)).toBe(`model.safetensors ${weights.length}/${weights.length}`)
    const folder = join(cacheDir, 'models--tests--tiny-gpt2')
    expect(readFileSync(join(folder, 'refs/main'), 'utf8')).toBe(commit)
    const link = join(folder, 'snapshots', commit, 'model.safetensors')
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readlinkSync(link)).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/)
    expect(new Uint8Array(readFileSync(link))).toEqual(weights)

    hub.requests.length = 0
    await load()
    expect(downloads()).toEqual([])
    // A commit needs no question either.
    hub.requests.length = 0
    await load({ revision: commit })
    expect(hub.requests).toEqual([])
  })

  test('in shards', async () => {
    const shard = 'model-00001-of-00001.safetensors'
    const { tensors } = await readSafetensors(weights)
    const index = {
      metadata: {},
      weight_map: Object.fromEntries([...tensors.keys()].map((name) => [name, shard])),
    }
    const files = {
      'config.json': sound['config.json'],
      'model.safetensors.index.json': new TextEncoder().encode(JSON.stringify(index)),
      [shard]: weights,
    }
    hub.models.set(id, { commit, files })
    await load()
    const { [shard]: _, ...without } = files
    hub.models.set(id, { commit: commit.replace('0', 'e'), files: without })
    await expect(load()).rejects.toThrow(/files that the model has.*model-00001-of-00001/)
  })

  test('goes on where a download broke off, in the same call and in the next one', async () => {
    hub.faults.set('model.safetensors', [{ silentAfter: 5000 }, { silentAfter: 3000 }])
    await load(cutting)
    expect(downloads().slice(1)).toHaveLength(3)
    const starts = downloads().map((path) => Number(/bytes=(\d+)-/.exec(path)?.[1] ?? 0))
    expect(starts[2]).toBeGreaterThan(0)
    expect(starts[3]).toBeGreaterThan(starts[2] as number)

    rmSync(cacheDir, { recursive: true })
    hub.faults.set('model.safetensors', [{ silentAfter: 5000 }, ...Array(8).fill({ status: 503 })])
    await expect(load(cutting)).rejects.toThrow(StateError)
    expect(blobs().filter((name) => name.endsWith('.incomplete'))).toHaveLength(1)
    hub.faults.clear()
    hub.requests.length = 0
    await load()
    expect(downloads()).toHaveLength(1)
    expect(downloads()[0]).toMatch(/bytes=\d+-$/)
    expect(blobs().some((name) => name.endsWith('.incomplete'))).toBe(false)
  })

  test('whose content is not what the hub lists is fetched again, and refused the second time', async () => {
    const wrong = weights.with(5000, (weights[5000] as number) ^ 1)
    hub.faults.set('model.safetensors', [{ content: wrong }])
    await load()
    rmSync(cacheDir, { recursive: true })
    hub.faults.set('model.safetensors', [{ content: wrong }, { content: wrong }])
    await expect(load()).rejects.toThrow(/model\.safetensors.*checksum/)
    expect(blobs()).toHaveLength(1)
    rmSync(cacheDir, { recursive: true })
    // Small files have git's checksum.
    const config = sound['config.json'].with(3, 65)
    hub.faults.set('config.json', [{ content: config }, { content: config }])
    await expect(load()).rejects.toThrow(FormatError)
    // Longer than was said, and shorter: the connection of the shorter ends before its time.
    rmSync(cacheDir, { recursive: true })
    const longer = new Uint8Array([...sound['config.json'], 32])
    hub.faults.set('config.json', [{ content: longer }, { content: longer }])
    await expect(load()).rejects.toThrow(FormatError)
  })

  test('a damaged part of an earlier download is found by its checksum', async () => {
    hub.faults.set('model.safetensors', [{ silentAfter: 5000 }, ...Array(8).fill({ status: 503 })])
    await expect(load(cutting)).rejects.toThrow(StateError)
    const partial = join(
      cacheDir,
      'models--tests--tiny-gpt2/blobs',
      blobs().find((name) => name.endsWith('.incomplete')) ?? '',
    )
    writeFileSync(partial, new Uint8Array(readFileSync(partial)).fill(7, 100, 200))
    hub.faults.clear()
    await load()
  })

  test('is fetched by several calls at once', async () => {
    const models = await Promise.all([load(), load(), load()])
    expect(models).toHaveLength(3)
    expect(blobs()).toHaveLength(2)
  })

  test('stops when it is aborted, and leaves what it has to the next call', async () => {
    hub.faults.set('model.safetensors', [{ silentAfter: 4000 }])
    const stop = new AbortController()
    const reason = new Error('enough')
    await expect(
      load({
        signal: stop.signal,
        onProgress: ({ file, bytes }) => {
          if (file === 'model.safetensors' && bytes > 0) stop.abort(reason)
        },
      }),
    ).rejects.toBe(reason)
    await load()
    expect(downloads().at(-1)).toMatch(/bytes=\d+-$/)
    await expect(load({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('what goes wrong says so', () => {
  test.each([
    ['another model', 'tests/other', {}, ArgumentError, /tests\/other.*404.*Check the name/],
    ['another revision', id, { revision: 'v2' }, ArgumentError, /'v2'.*404/],
    [
      'a revision that is a way out',
      id,
      { revision: '../../x' },
      ArgumentError,
      /a branch, a tag or a commit/,
    ],
    ['offline', id, { offline: true }, StateError, /in the cache.*offline/],
    ['a misspelt option', id, { cachedir: 'x' }, ArgumentError, /cacheDir/],
    [
      'a dtype that no network computes in',
      id,
      { dtype: 'float16' },
      ArgumentError,
      /dtype: expected 'float32'/,
    ],
    ['no name', '', {}, ArgumentError, /a folder, or the name of a model/],
    ['neither folder nor name', './nowhere', {}, FormatError, /a folder with a model/],
  ] as const)('%s', async (_, name, options, kind, message) => {
    const failure = fromPretrained(name, { cacheDir, ...(options as FromPretrainedOptions) })
    await expect(failure).rejects.toThrow(kind)
    await expect(failure).rejects.toThrow(message)
  })

  test('private and gated models', async () => {
    hub.token = 'hf_right'
    await expect(load()).rejects.toThrow(/HTTP status 401.*token/)
    await expect(load({ token: 'hf_wrong' })).rejects.toThrow(/HTTP status 403.*licence/)
    await load({ token: 'hf_right' })
    vi.stubEnv('HF_TOKEN', 'hf_right')
    await load()
  })

  test('a file that the hub lists and does not have', async () => {
    hub.faults.set('config.json', [{ status: 404 }])
    await expect(load()).rejects.toThrow(/'config\.json', which the hub lists.*404/)
  })

  test('weights as pickles, before anything is downloaded', async () => {
    hub.models.set(id, {
      commit,
      files: { 'config.json': sound['config.json'], 'pytorch_model.bin': new Uint8Array(8) },
    })
    await expect(load()).rejects.toThrow(/'pytorch_model\.bin'.*save_pretrained/)
    expect(downloads()).toEqual([])
  })

  test('without the hub the cache serves, where it has the model', async () => {
    await load({ revision: 'refs/pr/1' })
    await hub.close()
    await load({ revision: 'refs/pr/1' })
    vi.stubEnv('HF_HUB_OFFLINE', '1')
    await load({ revision: 'refs/pr/1' })
    await expect(load()).rejects.toThrow(/in the cache/)
    vi.stubEnv('HF_HUB_OFFLINE', '0')
    await expect(load()).rejects.toThrow(/the hub to answer at http.*offline/)
    rmSync(join(cacheDir, 'models--tests--tiny-gpt2/snapshots', commit, 'model.safetensors'))
    await expect(load({ revision: commit, offline: true })).rejects.toThrow(/a part of its files/)
  })
})

const folder = pipelineFolder(readPipelines('pipelines'), 'mood')

test('tokenizers, processors, sentence encoders, files of llama.cpp and pipelines by name', async () => {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  const names = readdirSync(folder)
  const gguf = new Uint8Array(readFileSync(new URL('../../golden/gguf-qwen2.gguf', import.meta.url)))
  const kept = Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
  )
  const files = {
    ...kept,
    'preprocessor_config.json': json({ feature_extractor_type: 'ViTFeatureExtractor', size: 16 }),
    'tiny.gguf': gguf,
    'other.gguf': gguf,
  }
  hub.models.set(id, { commit, files })
  const downloaded = () => downloads().map((path) => path.split('/').at(-1))

  const tokenizer = await loadTokenizer(id, { cacheDir })
  expect(tokenizer.encode('Hello').ids).toEqual((await loadTokenizer(folder)).encode('Hello').ids)
  // Without the weights, once for all that is beside them.
  expect(downloaded()).toContain('tokenizer.json')
  expect(downloaded()).not.toContain('model.safetensors')
  hub.requests.length = 0
  expect(await processorFromPretrained(id, { cacheDir, offline: true })).toBeInstanceOf(ImageProcessor)
  await expect(fromPretrained(id, { cacheDir, offline: true })).rejects.toThrow(/a part of its files/)
  await expect(processorFromPretrained('tests/none', { cacheDir, offline: true })).rejects.toThrow(
    /^processorFromPretrained\('tests\/none'\)/,
  )
  expect(hub.requests).toEqual([])
  const told: string[] = []
  const read = await fromGguf(id, { cacheDir, file: 'tiny.gguf', onProgress: ({ file }) => told.push(file) })
  expect(read.config.model_type).toBe('qwen2')
  expect([...new Set(told)]).toEqual(['tiny.gguf'])
  await expect(fromGguf(id, { cacheDir, file: 'nano.gguf' })).rejects.toThrow(/'nano\.gguf' among its files/)
  expect((await loadSentenceEncoder(id, { cacheDir })).network.className).toBe('SentenceNetwork')
  const classify = await pipeline('text-classification', id, { cacheDir, offline: true })
  expect(await classify('Hello')).toEqual(await (await pipeline('text-classification', folder))('Hello'))
})

test('the cache of the environment', async () => {
  vi.stubEnv('HF_HOME', join(cacheDir, 'home'))
  const folder = await modelFolder(id)
  expect(folder).toBe(join(cacheDir, 'home/hub/models--tests--tiny-gpt2/snapshots', commit))
  vi.stubEnv('HF_HUB_CACHE', join(cacheDir, 'own'))
  await modelFolder(id)
  expect(existsSync(join(cacheDir, 'own/models--tests--tiny-gpt2/blobs'))).toBe(true)
})

test('the bar draws one line, at most ten times a second, and leaves it when a file is complete', () => {
  const written: string[] = []
  let time = 0
  const draw = progressBar({ write: (text) => written.push(text) }, () => time)
  const file = 'model.safetensors'
  for (const bytes of [0, 25e6, 50e6, 75e6, 100e6]) {
    draw({ file, bytes, total: 100e6 })
    time += 60
  }
  expect(written).toHaveLength(3)
  expect(written.at(-1)).toBe(`\r${file}  ${'█'.repeat(24)}  100.0 MB of 100.0 MB\x1b[K\n`)
  expect(progressLine({ file: 'a', bytes: 0, total: 0 })).toContain('0 B of 0 B')
  expect(progressLine({ file: 'a', bytes: 250, total: 1000 })).toBe(
    `a  ${'█'.repeat(6)}${'░'.repeat(18)}  250 B of 1.0 kB`,
  )
})
