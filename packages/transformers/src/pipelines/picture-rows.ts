import type { Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { checkPicture, type Picture } from '../processors/picture.ts'
import { usualBatch } from './batched.ts'
import type { PictureParts } from './parts.ts'
import type { RunOptions } from './rows.ts'

/** What a model gives for one picture, by Hugging Face's names. */
export type PictureRow = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>

/** @throws ArgumentError for what is no picture, all at once and before anything runs. */
export function checkPictures(task: string, pictures: readonly Picture[]): void {
  for (const [i, picture] of pictures.entries()) {
    if (typeof picture === 'object' && picture !== null) checkPicture(`${task}: pictures[${i}]`, picture)
    else {
      throw new ArgumentError({
        where: `${task}: pictures[${i}]`,
        expected: '{ data, width, height, channels }',
        received: picture === null ? 'null' : typeof picture,
      })
    }
  }
}

/** Runs a model over pictures in batches. */
export async function predictPictures(
  task: string,
  { model, processor }: PictureParts,
  pictures: readonly Picture[],
  { batchSize = usualBatch, signal }: RunOptions,
): Promise<readonly PictureRow[]> {
  checkPictures(task, pictures)
  const rows: PictureRow[] = []
  for (let first = 0; first < pictures.length; first += batchSize) {
    signal?.throwIfAborted()
    const batch = pictures.slice(first, first + batchSize)
    const { pixel_values } = await processor.process(batch)
    const outputs = await model.predict(
      { pixel_values },
      { batchSize, ...(signal !== undefined && { signal }) },
    )
    const read: (readonly [string, Tensor, Float32Array])[] = []
    for (const [name, output] of Object.entries<Tensor>(outputs)) {
      read.push([name, output, (await output.data()) as Float32Array])
    }
    for (const i of batch.keys()) {
      const row = read.map(([name, { shape }, data]) => {
        const size = data.length / batch.length
        return [name, { shape: shape.slice(1), data: data.subarray(i * size, (i + 1) * size) }] as const
      })
      rows.push(Object.fromEntries(row))
    }
  }
  return rows
}
