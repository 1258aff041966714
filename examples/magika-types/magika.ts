// Magika (Fratantonio et al. 2025, https://arxiv.org/abs/2409.13768), Google's network that tells a file's type by its bytes: what it
// reads of a file, and where its file of ONNX is.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PythonPackage, packageFolder, wheels } from '../../tools/python-package.ts'

/** Compiled time zones: not every machine has any. */
const timeZones: PythonPackage = {
  what: 'The time zones',
  size: '350 kB',
  name: 'tzdata',
  version: '2025.2',
  hash: '1a403fada01ff9221ca8044d701868fa132215d84beb92242d9acd2147f667a8',
}

export interface MagikaFiles {
  /** The network: bytes (batch, 2048) to the probabilities of 214 types. */
  readonly onnx: string
  /** The types, in the order of the outputs. */
  readonly types: readonly string[]
  /** A folder of compiled time zones, from another package. */
  readonly zones: string
}

/** @throws Error with a sentence where a package cannot be fetched. */
export async function magikaFiles(): Promise<MagikaFiles> {
  const folder = join(await packageFolder(wheels.magika, 'runs/models'), 'magika/models/standard_v3_3')
  const config = JSON.parse(await readFile(join(folder, 'config.min.json'), 'utf8')) as {
    readonly target_labels_space: readonly string[]
  }
  const zones = join(await packageFolder(timeZones, 'runs/data'), 'tzdata/zoneinfo')
  return { onnx: join(folder, 'model.onnx'), types: config.target_labels_space, zones }
}

/** Bytes that the network sees at a file's beginning, and as many at its end. */
const seen = 1024
/** Bytes that are looked at for that, whitespace around them aside. */
export const looked = 4096
/** Where a file has fewer. */
const padding = 256

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13)

/** What the network reads of a file: the first and the last bytes without whitespace around, int32 [2048]. */
export function featuresOf(file: Uint8Array): Int32Array {
  const features = new Int32Array(2 * seen).fill(padding)
  const first = file.subarray(0, looked)
  let start = 0
  while (isSpace(first[start])) start++
  features.set(first.subarray(start, start + seen))
  const last = file.subarray(Math.max(0, file.length - looked))
  let end = last.length
  while (isSpace(last[end - 1])) end--
  const tail = last.subarray(Math.max(0, end - seen), end)
  features.set(tail, 2 * seen - tail.length)
  return features
}
