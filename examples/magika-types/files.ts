// Files to learn from and to be judged by: three types that Magika does not know, and some of those that it does.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { encodeSafetensors } from 'typegrad/formats'
import { featuresOf, looked } from './magika.ts'

export interface Sample {
  readonly type: string
  readonly features: Int32Array
  /** Of the features: another one for every file. */
  readonly hash: string
}

/** Those that Magika does not know. */
export const newTypes = ['tzif', 'sourcemap', 'safetensors'] as const

/** Extensions of files of npm packages, and what they are; all but source maps Magika knows. */
const extensions: Readonly<Record<string, string>> = {
  '.d.ts': 'typescript',
  '.js': 'javascript',
  '.json': 'json',
  '.md': 'markdown',
  '.map': 'sourcemap',
}

/** Files of one type that a package gives at most, so that no large one is most of what is learnt. */
const perPackage = 4
/** Names that are looked at in a package. */
const perWalk = 1500

export interface Split {
  readonly train: readonly Sample[]
  readonly test: readonly Sample[]
}

/**
 * Files of every type, up to `perType` to learn from and as many to be judged by; none is twice, and no npm package or region of
 * time zones has files in both.
 *
 * @param from.packages a folder of npm packages.
 * @param from.zones a folder of compiled time zones.
 * @param seed which packages and regions learn and which judge follows from it, and the order of packages, of which the first have
 * files enough.
 */
export function splitFiles(
  { packages, zones }: { readonly packages: string; readonly zones: string },
  perType: number,
  seed: number,
): Split {
  const [train, test]: [Sample[], Sample[]] = [[], []]
  const known = new Set<string>()
  const counts = new Map<string, number>()
  for (const files of [npmFiles(packages, seed), zoneFiles(zones, seed), tensorFiles(8 * perType)])
    for (const { type, group, bytes } of files) {
      const isTrain = Number.parseInt(hashOf(`${seed} ${group}`).slice(0, 2), 16) % 2 === 0
      const count = counts.get(`${isTrain} ${type}`) ?? 0
      if (count >= perType) continue
      const content = bytes()
      if (content.length < 64) continue
      const features = featuresOf(content)
      const hash = hashOf(features)
      if (known.has(hash)) continue
      known.add(hash)
      counts.set(`${isTrain} ${type}`, count + 1)
      const part = isTrain ? train : test
      part.push({ type, features, hash })
    }
  return { train, test }
}

/** A file that may be taken. */
interface Found {
  readonly type: string
  /** What belongs together: all of it learns or judges. */
  readonly group: string
  readonly bytes: () => Uint8Array
}

const hashOf = (content: string | Int32Array): string => createHash('sha256').update(content).digest('hex')

/** In an order that has nothing to do with names. */
const shuffled = (names: readonly string[], seed: number): readonly string[] =>
  names
    .map((name) => [hashOf(`order ${seed} ${name}`), name] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, name]) => name)

/** A few files of each package. */
function* npmFiles(folder: string, seed: number): Generator<Found> {
  const names = foldersIn(folder).flatMap((name) =>
    name.startsWith('@') ? foldersIn(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
  )
  for (const group of shuffled(names, seed)) {
    const counts = new Map<string, number>()
    let walked = 0
    for (const path of filesBelow(join(folder, group))) {
      if (++walked > perWalk) break
      const extension = Object.keys(extensions).find((end) => path.endsWith(end))
      if (extension === undefined) continue
      const type = extensions[extension] as string
      const count = counts.get(type) ?? 0
      if (count === perPackage) continue
      counts.set(type, count + 1)
      yield { type, group, bytes: () => endsOf(path) }
    }
  }
}

/** Compiled time zones (RFC 9636) by their regions. */
function* zoneFiles(folder: string, seed: number): Generator<Found> {
  const files = foldersIn(folder).flatMap((group) =>
    [...filesBelow(join(folder, group))].map((path) => [path, group] as const),
  )
  const regions = new Map(files)
  for (const path of shuffled([...regions.keys()], seed)) {
    const bytes = endsOf(path)
    if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'TZif') continue
    yield { type: 'tzif', group: regions.get(path) as string, bytes: () => bytes }
  }
}

/** Folders that are none of a tool's, in the order of their names; links are not followed. */
const foldersIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((one) => one.isDirectory() && !/^[._]/.test(one.name))
    .map(({ name }) => name)
    .sort()

/** Paths of files in a folder, then of those in its folders; packages within packages are left out. */
function* filesBelow(folder: string): Generator<string> {
  for (const one of readdirSync(folder, { withFileTypes: true }))
    if (one.isFile()) yield join(folder, one.name)
  for (const inner of foldersIn(folder)) if (inner !== 'node_modules') yield* filesBelow(join(folder, inner))
}

/** A file, or its first and last bytes if it is long: Magika looks at no others. */
function endsOf(path: string): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const bytes = new Uint8Array(Math.min(size, 2 * looked))
    const half = Math.min(size, looked)
    readSync(file, bytes, 0, half, 0)
    readSync(file, bytes, half, bytes.length - half, size - (bytes.length - half))
    return bytes
  } finally {
    closeSync(file)
  }
}

const parts = [
  ['encoder', 'decoder', 'model', 'backbone', 'head'],
  ['attention', 'mlp', 'conv', 'norm', 'blocks'],
] as const

/** Networks of random sizes, names and weights as files of safetensors. */
function* tensorFiles(count: number): Generator<Found> {
  for (let i = 0; i < count; i++) {
    const draw = drawing(i)
    const pick = (names: readonly string[]): string => names[draw(names.length)] as string
    const tensors = () =>
      Array.from({ length: 1 + draw(12) }, (_, layer) => {
        const name = `${pick(parts[0])}.${layer}.${pick(parts[1])}.weight`
        const shape = [4 << draw(4), 4 << draw(4)] as const
        const data = Float32Array.from({ length: shape[0] * shape[1] }, () => draw(2e6) / 1e6 - 1)
        return { name, dtype: 'float32' as const, shape, data }
      })
    const bytes = (): Uint8Array => new Uint8Array(Buffer.concat(encodeSafetensors(tensors())))
    yield { type: 'safetensors', group: `tensors ${i}`, bytes }
  }
}

/** Whole numbers below a bound, by the congruential generator of Numerical Recipes. */
function drawing(seed: number): (below: number) => number {
  let state = Number.parseInt(hashOf(`seed ${seed}`).slice(0, 8), 16)
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
