import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tensor } from 'typegrad'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bomb } from '../testing/bomb.ts'
import { imageDataset } from './image-dataset.ts'
import { imageDatasetFromDirectory } from './image-dataset-from-directory.ts'
import { readImage } from './read-image.ts'
import { resizePicture } from './resize-picture.ts'

const golden = fileURLToPath(new URL('../../golden/pictures', import.meta.url))
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-pictures-'))
  for (const [to, from] of Object.entries({
    'a/1.png': 'rgb.png',
    'a/2.jpg': 'rgb.jpg',
    'a/3.webp': 'lossless.webp',
    'b/1.gif': 'palette.gif',
    'b/2.bmp': 'rgb.bmp',
    'b/3.tiff': 'rgb.tiff',
  })) {
    mkdirSync(join(folder, to, '..'), { recursive: true })
    copyFileSync(join(golden, from), join(folder, to))
  }
  writeFileSync(
    join(folder, 'augment.mjs'),
    `export default (picture, random) => {
      picture.data.fill(Math.floor(random() * 1e6))
      return picture
    }`,
  )
  writeFileSync(join(folder, 'nothing.mjs'), 'export const augment = 1')
  writeFileSync(join(folder, 'end.mjs'), 'export default () => process.exit(3)')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const values = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)

describe('pictures of a folder', () => {
  test('come in batches with their labels, in the sizes that were asked for', async () => {
    const set = await imageDatasetFromDirectory(folder, {
      imageSize: [12, 10],
      batchSize: 4,
      shuffle: false,
      labelMode: 'categorical',
      workers: 0,
    })
    expect(set.classNames).toEqual(['a', 'b'])
    expect(set.filePaths.map((path) => relative(folder, path))).toEqual([
      'a/1.png',
      'a/2.jpg',
      'a/3.webp',
      'b/1.gif',
      'b/2.bmp',
      'b/3.tiff',
    ])
    const [first, second] = await set.toArray()
    expect([first?.[0].shape, second?.[0].shape]).toEqual([
      [4, 12, 10, 3],
      [2, 12, 10, 3],
    ])
    expect(await first?.[1].toArray()).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [0, 1],
    ])
    const alone = resizePicture(await readImage(join(folder, 'a/1.png')), {
      height: 12,
      width: 10,
      interpolation: 'bilinear',
      fit: 'stretch',
    })
    expect((await values(first?.[0] as Tensor)).slice(0, 360)).toEqual(Array.from(alone.data))
  })

  test('are made on other threads as on this one, in the same order', async () => {
    const all = async (workers: number) => {
      const set = await imageDatasetFromDirectory(folder, { imageSize: 8, seed: 4, workers, batchSize: 6 })
      const [[x, y] = []] = await set.toArray()
      return [await values(x as Tensor), await y?.toArray()]
    }
    expect(await all(2)).toEqual(await all(0))
  })

  test('are changed by a module, as the seed and the place in the reading say, and not for validation', async () => {
    const options = {
      imageSize: 1,
      colorMode: 'grayscale',
      batchSize: null,
      augment: join(folder, 'augment.mjs'),
      seed: 3,
      workers: 0,
    } as const
    const read = async (set: AsyncIterable<[Tensor, Tensor]>): Promise<number[]> => {
      const found: number[] = []
      for await (const [x] of set) found.push((await values(x))[0] as number)
      return found
    }
    const set = await imageDatasetFromDirectory(folder, options)
    const [once, twice] = [await read(set), await read(set)]
    // Each reading has an order and changes of its own, and a new data set repeats them.
    expect(new Set([...once, ...twice]).size).toBe(12)
    expect(Math.min(...once)).toBeGreaterThan(255)
    expect(await read(await imageDatasetFromDirectory(folder, options))).toEqual(once)
    const begun = (await imageDatasetFromDirectory(folder, options)).iterate()
    for (let i = 0; i < 4; i++) await begun.next()
    const state = begun.getState()
    await begun.return()
    const rest = (await imageDatasetFromDirectory(folder, options)).iterate(state)
    const next = await rest.next()
    expect(next.done === true ? [] : await values(next.value[0])).toEqual([once[4]])
    await rest.return()
    const [, test] = await imageDatasetFromDirectory(folder, {
      ...options,
      validationSplit: 0.5,
      subset: 'both',
    })
    expect(Math.max(...(await read(test)))).toBeLessThan(256)
  })
})

test('pictures of a list, by names of classes and as Files', async () => {
  const bytes = readFileSync(join(folder, 'a/1.png'))
  const paths = [join(folder, 'b/1.gif'), new File([bytes], 'cat.png')]
  const options = { paths, imageSize: 4, shuffle: false, workers: 0 }
  const named = await imageDataset({ ...options, labels: ['dog', 'cat'], labelMode: 'binary' })
  expect([named.classNames, named.filePaths[1]]).toEqual([['cat', 'dog'], 'cat.png'])
  const [[, labels] = []] = await named.toArray()
  expect(await labels?.toArray()).toEqual([[1], [0]])
  const [pictures] = await (await imageDataset(options)).toArray()
  expect(pictures?.shape).toEqual([2, 4, 4, 3])
})

describe('what cannot be is refused', () => {
  test.each([
    [
      'a bomb',
      bomb(60_000, 60_000),
      /x\.png: expected at most 89478485 pixels, received 60000 × 60000\. .*maxPixels/,
    ],
    [
      'a text',
      'hello, world',
      /x\.png: expected a picture: JPEG, .*, received text that begins with "hello, world"/,
    ],
    ['nothing', '', /received an empty file/],
    ['other bytes', new Uint8Array([0, 1, 2, 0xff]), /received other bytes, the first 00 01 02 ff/],
    ['a cut bitmap', 'BM', /expected a whole BMP, received its first 2 bytes/],
  ])('%s', async (_, content, message) => {
    writeFileSync(join(folder, 'x.png'), content)
    await expect(readImage(join(folder, 'x.png'))).rejects.toThrow(message)
  })

  test.each(['rgb.jpg', 'rgb.png', 'lossless.webp', 'palette.gif', 'packed.tif', 'rgb.bmp', 'grey.bmp'])(
    'a cut file: %s',
    async (file) => {
      const cut = join(folder, `cut-${file}`)
      const size = readFileSync(join(golden, file)).length
      for (const share of [0.9, 0.5, 0.1]) {
        copyFileSync(join(golden, file), cut)
        truncateSync(cut, Math.floor(size * share))
        await expect(readImage(cut)).rejects.toThrow(/cut-.*: expected a/)
      }
    },
  )

  test('a damaged file by its name, from other threads too; or it is left out, and told', async () => {
    const damaged = join(folder, 'damaged')
    mkdirSync(join(damaged, 'a'), { recursive: true })
    copyFileSync(join(golden, 'rgb.png'), join(damaged, 'a/1.png'))
    copyFileSync(join(golden, 'rgb.jpg'), join(damaged, 'a/2.jpg'))
    truncateSync(join(damaged, 'a/2.jpg'), 500)
    writeFileSync(join(damaged, 'a/3.png'), 'not a picture')
    for (const workers of [0, 2]) {
      const options = { labels: null, shuffle: false, imageSize: 4, workers } as const
      const refusing = await imageDatasetFromDirectory(damaged, options)
      await expect(refusing.toArray()).rejects.toThrow(
        /a\/2\.jpg: expected a whole JPEG, received a damaged one \(.*premature end/,
      )
      const told: string[] = []
      const skipping = await imageDatasetFromDirectory(damaged, {
        ...options,
        corrupt: 'skip',
        onSkip: ({ path }) => told.push(relative(damaged, path)),
      })
      const [only] = await skipping.toArray()
      expect(only?.shape).toEqual([1, 4, 4, 3])
      expect(told.sort()).toEqual(['a/2.jpg', 'a/3.png'])
    }
  })

  test.each([
    [
      { imageSize: [0, 3] },
      'imageSize: expected a positive whole number, or two of them: [height, width], received [0,3]',
    ],
    [
      { cropToAspectRatio: true, padToAspectRatio: true },
      'expected one of cropToAspectRatio and padToAspectRatio',
    ],
    [{ augment: () => {} }, 'augment: expected the path or URL of a module'],
    [{ interpolation: 'cubic' }, "interpolation: expected 'bilinear' or"],
    [{ colormode: 'rgb' }, 'Did you mean colorMode?'],
  ])('%j', async (options, message) => {
    await expect(imageDatasetFromDirectory(folder, options as object)).rejects.toThrow(message)
    const { augment, ...others } = options as { augment?: unknown }
    const paths = ['x.png']
    await expect(
      imageDataset({ paths, ...others, ...(augment !== undefined && { augment }) } as never),
    ).rejects.toThrow(message)
  })

  test('lists and modules', async () => {
    await expect(imageDataset({ paths: [] })).rejects.toThrow(
      'paths: expected files of pictures, received none',
    )
    await expect(imageDataset({ paths: ['x'], labels: [1, 2] })).rejects.toThrow(
      'one for each of 1 files, received 2',
    )
    await expect(imageDataset({ paths: ['x'], labels: [-1] })).rejects.toThrow('labels[0]: expected a class')
    await expect(imageDataset({ paths: ['x'], labels: ['c'], classNames: ['a'] })).rejects.toThrow(
      'labels[0]: expected one of a, received "c"',
    )
    const augment = join(folder, 'nothing.mjs')
    for (const workers of [0, 1]) {
      const set = await imageDatasetFromDirectory(folder, { augment, workers, corrupt: 'skip' })
      await expect(set.toArray()).rejects.toThrow('nothing.mjs has no function as its default export')
    }
    // A thread that ends while it has a picture to make ends the reading, which would wait for it for ever; the next has a new one.
    const paths = [join(folder, 'a/1.png')]
    const set = await imageDataset({ paths, augment: join(folder, 'end.mjs'), workers: 1 })
    for (const _ of [1, 2])
      await expect(set.toArray()).rejects.toThrow(
        'a thread that makes pictures: expected it to run until it is no longer needed, received its end with exit code 3',
      )
    await expect(readImage('nowhere.png')).rejects.toThrow('nowhere.png: expected a file that can be read')
    await expect(readImage('x.png', { maxpixels: 1 } as object)).rejects.toThrow('maxPixels')
  })
})
