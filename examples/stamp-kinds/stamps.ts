// Drawings and photographs as numbers: their folders are their kinds.
import { imageDatasetFromDirectory } from '@typegrad/data'
import { debianPackage } from '../../tools/debian-package.ts'

/** Tux Paint's folders of things; its symbols, seasons and so on are left out. */
export const stampKinds = ['animals', 'food', 'household', 'plants', 'town', 'vehicles']

export interface Stamp {
  /** (side, side, 3), from 0 to 255, on white. */
  readonly pixels: Float32Array
  /** How much of each pixel is drawn, from 0 to 1. */
  readonly opacity: Float32Array
  readonly kind: number
}

/**
 * The folder of Tux Paint's stamps, 796 pictures of Debian's package `tuxpaint-stamps-default` (161 MB, GPL 2 or later, by many
 * authors), which stay outside the repository.
 *
 * @throws Error that says why they could not be fetched.
 */
export async function stampFolder(): Promise<string> {
  const fetched = await debianPackage('tuxpaint-stamps-default')
  if ('missing' in fetched) throw new Error(fetched.missing)
  return `${fetched.folder}/usr/share/tuxpaint/stamps`
}

/** Pictures of a folder at one size, on white, with their kinds; those that are another one, mirrored, are left out. */
export async function readStamps(
  folder: string,
  kinds: readonly string[],
  side: number,
): Promise<readonly Stamp[]> {
  const pictures = await imageDatasetFromDirectory(folder, {
    classNames: [...kinds],
    colorMode: 'rgba',
    imageSize: side,
    // Each pixel is the mean of all that it stands for, and what is added to make a square is transparent.
    interpolation: 'area',
    padToAspectRatio: true,
    batchSize: null,
    shuffle: false,
  })
  const stamps: Stamp[] = []
  let place = 0
  for await (const [picture, kind] of pictures) {
    // Tux Paint keeps some pictures twice; the second would stand on both sides of a split.
    if (pictures.filePaths[place++]?.endsWith('_mirror.png')) continue
    const values = (await picture.data()) as Float32Array
    const opacity = new Float32Array(side * side)
    const pixels = new Float32Array(side * side * 3)
    for (let i = 0; i < opacity.length; i++) {
      const share = (values[4 * i + 3] as number) / 255
      opacity[i] = share
      for (let c = 0; c < 3; c++)
        pixels[3 * i + c] = share * (values[4 * i + c] as number) + (1 - share) * 255
    }
    stamps.push({ pixels, opacity, kind: Number(await kind.item()) })
  }
  return stamps
}
