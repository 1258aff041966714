import { toNumbers } from '../base/conversions.ts'
import { type TypedArray, typedArray } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import { checkDepth } from '../base/json.ts'
import { parseConfig } from './keras-config.ts'
import { type TfjsGroup, type TfjsSpec, tfjsManifest } from './tfjs-manifest.ts'

/** A `model.json`: its bytes, its text, or what `response.json()` has made of it. */
export type TfjsModelJson = Uint8Array | string | Readonly<Record<string, unknown>>

/** Gives the bytes of one of the files that a `model.json` names; the path is relative to its folder. */
export type ReadShard = (path: string) => Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>

/** A tensor with its values. */
export interface TfjsWeight extends TfjsSpec {
  readonly data: TypedArray
}

/** @throws FormatError for what is no JSON object. */
export function parseModelJson(json: TfjsModelJson, file: string): Record<string, unknown> {
  if (json instanceof Uint8Array) return parseConfig(new TextDecoder().decode(json), file)
  if (typeof json === 'string') return parseConfig(json, file)
  try {
    checkDepth(json)
  } catch (cause) {
    throw new FormatError(
      { where: file, expected: 'the content of a model.json', received: (cause as Error).message },
      { cause },
    )
  }
  return { ...json }
}

/**
 * All tensors of a model that TensorFlow.js has saved, by name, as they were before they were packed.
 *
 * @throws FormatError for a manifest that is none, and for files that are longer or shorter than it says; what
 * `readShard` throws.
 */
export async function tfjsWeights(
  json: Record<string, unknown>,
  readShard: ReadShard,
  file: string,
): Promise<ReadonlyMap<string, TfjsWeight>> {
  const found = new Map<string, TfjsWeight>()
  // Nothing is read before all of the manifest has been checked.
  for (const group of tfjsManifest(json, file)) {
    const bytes = await groupBytes(group, readShard, file)
    let at = 0
    for (const spec of group.weights) {
      // A copy: the place may be one where numbers of this width cannot begin.
      const packed = bytes.slice(at, at + spec.bytes)
      found.set(spec.name, { ...spec, data: unpacked(packed.buffer, spec) })
      at += spec.bytes
    }
  }
  return found
}

async function groupBytes(group: TfjsGroup, readShard: ReadShard, file: string): Promise<Uint8Array> {
  const shards: Uint8Array[] = []
  let length = 0
  for (const path of group.paths) {
    const shard = await readShard(path)
    const bytes = shard instanceof ArrayBuffer ? new Uint8Array(shard) : shard
    shards.push(bytes)
    length += bytes.length
  }
  if (length !== group.bytes)
    throw new FormatError({
      where: `${file}: ${group.paths.map((path) => `'${path}'`).join(', ')}`,
      expected: `${group.bytes} bytes for ${group.weights.length} weights`,
      received: String(length),
      fix: 'A file is cut off, or belongs to another model.',
    })
  const whole = new Uint8Array(length)
  let at = 0
  for (const bytes of shards) {
    whole.set(bytes, at)
    at += bytes.length
  }
  return whole
}

function unpacked(buffer: ArrayBuffer, { dtype, size, quantization }: TfjsSpec): TypedArray {
  if (quantization === undefined) return typedArray(dtype, size, buffer)
  if (quantization.dtype === 'float16')
    return Float32Array.from(toNumbers(new Uint16Array(buffer), 'float16') as ArrayLike<number>)
  const { scale, min } = quantization
  const packed = quantization.dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer)
  return dtype === 'int32'
    ? Int32Array.from(packed, (q) => Math.round(q * scale + min))
    : Float32Array.from(packed, (q) => q * scale + min)
}
