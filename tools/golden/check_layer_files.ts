/**
 * Loads what make_layer_files.py has saved and compares predictions; writes each model again, and one of the same options
 * that was made here, into FOLDER/ours for open_in_keras.py.
 * Usage: npx tsx tools/golden/check_layer_files.ts FOLDER [part of a file's name]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  input,
  type Layer,
  loadModel,
  type Model,
  model,
  type Prediction,
  type SymbolicTensor,
  type Tensor,
  tensor,
} from 'typegrad'
import { fromKerasKeys } from 'typegrad/formats'
import { deserializeLayer } from 'typegrad/layers'

interface Stored {
  readonly shape: number[]
  readonly dtype: 'float32' | 'float64' | 'float16' | 'int32' | 'int64' | 'bool'
  readonly b64: string
}
interface Case {
  readonly file: string
  readonly class: string
  readonly options: Record<string, unknown>
  readonly shapes: (number | number[])[]
  readonly inputs: Stored[]
  readonly outputs: Stored[]
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
  int64: BigInt64Array,
}

function stored({ shape, dtype, b64 }: Stored): Tensor {
  const { buffer } = new Uint8Array(Buffer.from(b64, 'base64'))
  const values =
    dtype === 'float16'
      ? Array.from(new Uint16Array(buffer), half)
      : Array.from(new arrays[dtype](buffer) as Iterable<number>, Number)
  const kept = dtype === 'int64' ? 'int32' : dtype === 'float16' ? 'float32' : dtype
  return tensor(values, { dtype: kept }).reshape(shape) as Tensor
}

function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 0) return sign * fraction * 2 ** -24
  return exponent === 31
    ? fraction
      ? Number.NaN
      : sign * Infinity
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const list = (value: Prediction): readonly Tensor[] => (Array.isArray(value) ? value : [value as Tensor])
const predicted = async (made: Model<Prediction>, inputs: readonly Tensor[]): Promise<readonly Tensor[]> =>
  list(await made.predict(inputs.length > 1 ? inputs : (inputs[0] as Tensor)))

async function difference(a: readonly Tensor[], b: readonly Tensor[]): Promise<number> {
  if (a.length !== b.length) throw new Error(`${b.length} outputs for ${a.length}`)
  let worst = 0
  for (const [i, one] of a.entries()) {
    const other = b[i] as Tensor
    if (String(one.shape) !== String(other.shape))
      throw new Error(`shape [${other.shape}] for [${one.shape}]`)
    const [x, y] = [await one.data(), await other.data()]
    for (let k = 0; k < x.length; k++) {
      const [p, q] = [Number(x[k]), Number(y[k])]
      if (!(Object.is(p, q) || Math.abs(p - q) <= worst)) worst = Math.abs(p - q)
    }
  }
  return worst
}

/** The layer of a case by its options, as a program of ours would make it. */
function made({ class: className, options, shapes }: Case): Model<Prediction> {
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read)
    if (typeof value !== 'object' || value === null) return value
    const { class: name, ...rest } = value as Record<string, unknown>
    return name === undefined ? value : { className: name, config: fromKerasKeys(readAll(rest)) }
  }
  const readAll = (given: object) =>
    Object.fromEntries(Object.entries(given).map(([key, value]) => [key, read(value)]))
  const layer: Layer = deserializeLayer({
    className,
    config: fromKerasKeys(readAll(options)) as Record<string, unknown>,
  })
  const inputs = shapes.map((shape) =>
    typeof shape === 'number' ? input({ shape: [5], dtype: 'int32' }) : input({ shape }),
  )
  const outputs = layer.apply(inputs.length > 1 ? inputs : (inputs[0] as SymbolicTensor)) as
    | SymbolicTensor
    | SymbolicTensor[]
  return model({ inputs: inputs.length > 1 ? inputs : (inputs[0] as SymbolicTensor), outputs })
}

const [folder = 'layer-files', part = ''] = process.argv.slice(2)
const ours = join(folder, 'ours')
mkdirSync(ours, { recursive: true })
const cases = (JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[]).filter(({ file }) =>
  file.includes(part),
)
const written: unknown[] = []
let failures = 0
const json = async (t: Tensor) => ({
  shape: t.shape,
  dtype: t.dtype,
  data: Array.from(await t.data(), Number),
})

for (const one of cases) {
  const inputs = one.inputs.map(stored)
  const outputs = one.outputs.map(stored)
  const fail = (what: string, error: unknown): void => {
    failures += 1
    console.log('FAIL', what, one.file, JSON.stringify(one.options), String(error).slice(0, 300))
  }
  const write = async (name: string, saved: Model<Prediction>, wanted: readonly Tensor[]) => {
    for (const ending of ['keras', 'h5']) {
      const file = `${name}.${ending}`
      await saved.save(join(ours, file))
      written.push({
        file,
        inputs: await Promise.all(inputs.map(json)),
        outputs: await Promise.all(wanted.map(json)),
        options: one.options,
      })
    }
  }
  const loose = /float16/.test(JSON.stringify(one.options)) ? 1e-2 : 2e-5
  for (const ending of ['keras', 'h5']) {
    try {
      const loaded = await loadModel<Prediction>(join(folder, `${one.file}.${ending}`))
      const error = await difference(outputs, await predicted(loaded, inputs))
      if (!(error < loose)) throw new Error(`predictions differ by ${error}`)
      if (ending === 'keras') await write(one.file, loaded, outputs)
    } catch (error) {
      fail(`load ${ending}`, error)
    }
  }
  try {
    const own = made(one)
    await write(`${one.file}-own`, own, await predicted(own, inputs))
  } catch (error) {
    fail('make', error)
  }
}
writeFileSync(join(ours, 'cases.json'), JSON.stringify(written))
console.log(`${cases.length} cases, ${failures} failures, ${written.length} files written`)
