import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError } from '../base/errors.ts'
import { parseIdx } from '../data/idx.ts'
import { decodeSafetensors } from '../formats/safetensors.ts'
import { readZip, writeZip } from '../formats/zip.ts'
import { layers, loadModel, readKeras, readKerasH5, readTfjs, sequential, TypegradError } from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import { decodeModel } from '../onnx/decode.ts'
import { type Draw, damagedBytes, damagedJson, drawing } from './mutations.ts'

/** A kind of file: makes a damaged one and reads it. */
export interface FuzzTarget {
  /** @returns what is to be equal to the same of the sound file, where checksums make that sure. */
  readonly read: (draw: Draw) => Promise<unknown>
  /** What `read` gives of the sound file; undefined where damages of numbers cannot be seen. */
  readonly sound?: unknown
}

const golden = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/${file}`, import.meta.url)))

async function weightsOf(model: AnyModel): Promise<string> {
  const values = await Promise.all(model.weights.map((weight) => weight.value.data()))
  return values
    .map((data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'))
    .join()
}

const parsed = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

/** A JSON file, damaged as text or as a value. */
const jsonOrBytes = (bytes: Uint8Array, draw: Draw): Uint8Array =>
  draw(4) === 0 ? damagedBytes(bytes, draw) : damagedJson(parsed(bytes), draw)

/** All kinds of files that are read. @param folder for those that are read from one. */
export async function fuzzTargets(folder: string): Promise<Readonly<Record<string, FuzzTarget>>> {
  const h5 = golden('saved/dense.h5')
  const keras = golden('saved/dense.keras')
  const archive = readZip(keras, 'dense.keras')
  const tfjs = golden('tfjs/dense/model.json')
  const shards = new Map(
    readdirSync(new URL('../../golden/tfjs/dense/', import.meta.url))
      .filter((file) => file !== 'model.json')
      .map((file) => [file, golden(`tfjs/dense/${file}`)]),
  )
  const shard = (path: string): Uint8Array => {
    const bytes = shards.get(path)
    if (bytes !== undefined) return bytes
    throw new FormatError({ where: path.slice(0, 100), expected: 'a file', received: 'nothing of that name' })
  }
  const model = sequential([
    layers.dense({ units: 3, inputShape: [4], activation: 'relu' }),
    layers.batchNormalization(),
    layers.dense({ units: 1 }),
  ])
  model.compile({ optimizer: 'adam', loss: 'mse' })
  const saved = join(folder, 'sound')
  await model.save(saved)
  const names = ['config.json', 'model.safetensors', 'optimizer.safetensors'] as const
  const files = names.map((name) => new Uint8Array(readFileSync(join(saved, name))))
  const weights = files[1] as Uint8Array
  const onnx = await model.toOnnx()
  const idx = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6)

  return {
    '.h5': { read: async (draw) => void (await readKerasH5(damagedBytes(h5, draw))) },
    '.keras': {
      read: async (draw) => weightsOf(await readKeras(damagedBytes(keras, draw))),
      sound: await weightsOf(await readKeras(keras)),
    },
    'the weights of a .keras file': {
      read: async (draw) => {
        const weights = damagedBytes(archive.get('model.weights.h5') as Uint8Array, draw)
        await readKeras(writeZip({ ...Object.fromEntries(archive), 'model.weights.h5': weights }))
      },
    },
    'the configuration of a .keras file': {
      read: async (draw) => {
        const config = jsonOrBytes(archive.get('config.json') as Uint8Array, draw)
        await readKeras(writeZip({ ...Object.fromEntries(archive), 'config.json': config }))
      },
    },
    'model.json': { read: async (draw) => void (await readTfjs(jsonOrBytes(tfjs, draw), shard)) },
    'shards of a model.json': {
      read: async (draw) => void (await readTfjs(tfjs, (path) => damagedBytes(shard(path), draw))),
    },
    'a saved folder': {
      read: async (draw) => {
        const damaged = draw(names.length)
        const path = join(folder, 'damaged')
        mkdirSync(path, { recursive: true })
        for (const [i, name] of names.entries()) {
          const bytes = files[i] as Uint8Array
          writeFileSync(join(path, name), i === damaged ? damagedBytes(bytes, draw) : bytes)
        }
        return weightsOf(await loadModel(path))
      },
      sound: await weightsOf(model),
    },
    'the configuration of a saved folder': {
      read: async (draw) => {
        const path = join(folder, 'edited')
        mkdirSync(path, { recursive: true })
        for (const [i, name] of names.entries()) writeFileSync(join(path, name), files[i] as Uint8Array)
        const { crc32: _, ...config } = parsed(files[0] as Uint8Array) as Record<string, unknown>
        writeFileSync(join(path, names[0]), damagedJson(config, draw))
        await loadModel(path)
      },
    },
    '.safetensors': { read: async (draw) => void decodeSafetensors(damagedBytes(weights, draw)) },
    'the header of .safetensors': {
      read: async (draw) => {
        const length = Number(new DataView(weights.buffer).getBigUint64(0, true))
        const header = damagedJson(parsed(weights.subarray(8, 8 + length)), draw)
        const bytes = new Uint8Array(8 + header.length + weights.length - 8 - length)
        new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
        bytes.set(header, 8)
        bytes.set(weights.subarray(8 + length), 8 + header.length)
        decodeSafetensors(bytes)
      },
    },
    '.onnx': { read: async (draw) => void decodeModel(damagedBytes(onnx, draw)) },
    idx: { read: async (draw) => void parseIdx(damagedBytes(idx, draw)) },
  }
}

/**
 * Reads damaged files of a kind: each is refused with an error of the library's, or read as the sound one.
 *
 * @param began told of each case before it is tried.
 * @returns how many were refused, and what went wrong otherwise, by seed.
 */
export async function fuzz(
  { read, sound }: FuzzTarget,
  seeds: Iterable<number>,
  began: (seed: number) => void = () => {},
): Promise<{ cases: number; refused: number; failures: string[] }> {
  let [cases, refused] = [0, 0]
  const failures: string[] = []
  for (const seed of seeds) {
    cases += 1
    began(seed)
    try {
      const result = await read(drawing(seed))
      if (sound !== undefined && result !== sound) failures.push(`seed ${seed}: other weights, and no error`)
    } catch (error) {
      if (error instanceof TypegradError && error.message.length < 20_000) refused += 1
      else
        failures.push(
          `seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 1000) : error}`,
        )
    }
  }
  return { cases, refused, failures }
}

/** A folder for the cases, and what removes it. */
export function fuzzFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-fuzz-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
