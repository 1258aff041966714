// Pictures in Chromium, by the whole package as the guide bundles it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundlePage } from '../../../../tools/browser-bundle.ts'
import { Chromium, missingChromium, type Page } from '../../../../tools/chromium.ts'
import { type ServedFolder, serveFolder } from '../../../../tools/serve-folder.ts'
import { bomb } from '../testing/bomb.ts'
import { imageDataset } from './image-dataset.ts'
import type { ColorMode } from './picture.ts'
import type { ReadImageOptions } from './picture-options.ts'
import { readImage } from './read-image.ts'

const golden = new URL('../../golden/pictures/', import.meta.url)
const bytesOf = (file: string): Buffer => readFileSync(new URL(file, golden))

/** What the page can do: pictures come and go as base64. */
const program = `
  import { imageDataset, imageDatasetFromDirectory, readImage } from '@typegrad/data'
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  const text = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  const files = (named) => named.map(([name, content]) => new File([bytes(content)], name))
  const batches = async (set) => {
    const found = []
    for await (const [x, y] of set)
      found.push({ shape: x.shape, values: Array.from(await x.data()), labels: Array.from(await y.data()) })
    return found
  }
  const told = (error) => ({ error: error.message })
  globalThis.page = {
    read: async (name, content, options) =>
      readImage(new File([bytes(content)], name), options).then(({ data, ...size }) => ({ ...size, data: text(data) }), told),
    list: async (named, options) => batches(await imageDataset({ paths: files(named), ...options })),
    folder: async (named, options) => {
      const placed = files(named).map((file, i) => Object.defineProperty(file, 'webkitRelativePath', { value: named[i][0] }))
      const skipped = []
      const set = await imageDatasetFromDirectory(placed, { ...options, onSkip: ({ path }) => skipped.push(path) })
      return { classNames: set.classNames, skipped, batches: await batches(set) }
    },
  }`

interface Batch {
  readonly shape: readonly number[]
  readonly values: readonly number[]
  readonly labels: readonly number[]
}

const missing = missingChromium()
const folder = mkdtempSync(join(tmpdir(), 'typegrad-pictures-page-'))
let chromium: Chromium
let server: ServedFolder
let page: Page

beforeAll(async () => {
  if (missing !== undefined) return
  await bundlePage(program, folder)
  server = await serveFolder(folder)
  chromium = await Chromium.start()
  page = await chromium.open(server.url)
  await page.until('globalThis.page')
}, 240_000)
afterAll(async () => {
  if (missing === undefined) {
    await chromium.close()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

async function call<R>(name: string, ...given: readonly unknown[]): Promise<R> {
  return page.evaluate(`page.${name}(...${JSON.stringify(given)})`)
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** How far the farthest byte lies from Node's, of a picture that has Node's size. */
async function difference(bytes: Uint8Array, options: ReadImageOptions): Promise<number> {
  const { data: wanted, ...size } = await readImage(bytes, options)
  const found = await call<{ readonly data: string } | { readonly error: string }>(
    'read',
    'x',
    base64(bytes),
    options,
  )
  if ('error' in found) throw new Error(found.error)
  const { data, ...sizeThere } = found
  expect(sizeThere).toEqual(size)
  const values = Buffer.from(data, 'base64')
  expect(values.length).toBe(wanted.length)
  return values.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] as number))), 0)
}

const where = `in Chromium${missing === undefined ? '' : ` (${missing})`}`
describe.skipIf(missing !== undefined)(where, { timeout: 240_000 }, () => {
  // Transparent ones are among them, whose colours a canvas would lose; decoders of JPEG and lossy WebP may round otherwise.
  const exact = ['rgb.png', 'rgba.png', 'grey.png', 'grey-and-opacity.png', 'palette.png', 'bits.png']
  const others = ['lossless.webp', 'palette.gif', 'moving.gif', 'rgb.bmp', 'palette.bmp', 'grey.bmp']
  const rounded = ['rgb.jpg', 'dense.jpeg', 'grey.jpg', 'turned.jpg', 'lossy.webp']

  test.each([
    ...[...exact, ...others].map((file) => [file, 0] as const),
    ...rounded.map((file) => [file, 3] as const),
  ])('%s is read as in Node, to %d', async (file, tolerance) => {
    for (const colorMode of ['rgb', 'rgba', 'grayscale'] satisfies ColorMode[])
      expect(await difference(bytesOf(file), { colorMode })).toBeLessThanOrEqual(tolerance)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %d of EXIF is heeded, or not', async (orientation) => {
    const marked = sharp(bytesOf('rgba.png')).withMetadata({ orientation })
    const files = await Promise.all([
      marked.clone().webp({ lossless: true }).toBuffer(),
      marked.clone().png().toBuffer(),
      marked.clone().jpeg({ quality: 95 }).toBuffer(),
    ])
    for (const bytes of files)
      for (const autoOrient of [true, false])
        expect(await difference(bytes, { autoOrient, colorMode: 'rgba' })).toBeLessThanOrEqual(3)
  })

  test.each(['rgb.jpg', 'rgb.png', 'lossless.webp', 'palette.gif', 'rgb.bmp'])(
    'a cut file by its name: %s',
    async (file) => {
      const bytes = bytesOf(file)
      for (const share of [0.9, 0.5, 0.1]) {
        const cut = base64(bytes.subarray(0, Math.floor(bytes.length * share)))
        const answer = await call<{ readonly error?: string }>('read', `cut-${file}`, cut, {})
        expect(answer.error).toMatch(
          /^cut-.*: expected a whole .* that this browser reads, received .*[^.]\.$/,
        )
      }
    },
  )

  test.each([
    ['a bomb', bomb(60_000, 60_000), /^x\.png: expected at most 89478485 pixels, received 60000 × 60000\./],
    [
      'a text',
      Buffer.from('hello, world'),
      /^x\.png: expected a picture: .*text that begins with "hello, world"/,
    ],
    ['nothing', new Uint8Array(), /^x\.png: .*received an empty file/],
    ['a TIFF', bytesOf('rgb.tiff'), /^x\.png: expected a whole TIFF that this browser reads/],
  ])('%s is refused', async (_, bytes, message) => {
    const answer = await call<{ readonly error?: string }>('read', 'x.png', base64(bytes), {})
    expect(answer.error).toMatch(message)
  })

  const named = (files: Readonly<Record<string, string>>): (readonly [string, string])[] =>
    Object.entries(files).map(([path, file]) => [path, base64(bytesOf(file))])

  test('a data set of Files is that of Node', async () => {
    const files = ['rgb.png', 'rgba.png', 'grey.png', 'lossless.webp', 'palette.gif']
    const options = { labels: [0, 1, 0, 1, 1], imageSize: [9, 7], batchSize: 2, seed: 3 }
    const found = await call<Batch[]>(
      'list',
      named(Object.fromEntries(files.map((file) => [file, file]))),
      options,
    )
    const paths = files.map((file) => new File([bytesOf(file)], file))
    const wanted: Batch[] = []
    for await (const [x, y] of await imageDataset({ paths, ...options, imageSize: [9, 7], workers: 0 }))
      wanted.push({
        shape: x.shape,
        values: Array.from((await x.data()) as Float32Array),
        labels: Array.from((await y.data()) as Int32Array),
      })
    expect(found).toEqual(wanted)
  })

  test('files of an input have their folders as classes, and damaged ones are told by their paths', async () => {
    const files = named({
      'stamps/cats/1.png': 'rgb.png',
      'stamps/cats/2.jpg': 'turned.jpg',
      'stamps/dogs/1.webp': 'lossless.webp',
    })
    const broken = [...files, ['stamps/dogs/2.png', base64(Buffer.from('not a picture'))] as const]
    const options = { imageSize: 4, shuffle: false, corrupt: 'skip' }
    const { classNames, skipped, batches } = await call<{
      classNames: string[]
      skipped: string[]
      batches: Batch[]
    }>('folder', broken, options)
    expect(classNames).toEqual(['cats', 'dogs'])
    expect(skipped).toEqual([expect.stringMatching(/dogs\/2\.png$/)])
    expect(batches.map(({ shape, labels }) => [shape, labels])).toEqual([
      [
        [3, 4, 4, 3],
        [0, 0, 1],
      ],
    ])
    await expect(call('folder', broken, { ...options, corrupt: 'refuse' })).rejects.toThrow(
      /dogs\/2\.png: expected a picture/,
    )
  })
})
