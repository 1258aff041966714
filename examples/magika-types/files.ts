// Files to learn from and to be judged by: three types that Magika does not know, and some of those that it does.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { encodeSafetensors } from 'typegrad/formats'
import { featuresOf } from './magika.ts'

export interface Sample {
  readonly type: string
  readonly features: Int32Array
}

/** Those that Magika does not know. */
export const newTypes = ['tzif', 'sourcemap', 'safetensors'] as const

/** Extensions of files of npm packages, and what they are; all but source maps Magika knows. */
const extensions: Readonly<Record<string, string>> = {
  '.d.ts': 'typescript',
  '.js': 'javascript',
  '.json': 'json',
  '.md': 'markdown',
  '.css': 'css',
  '.map': 'sourcemap',
}

export interface Split {
  readonly train: readonly Sample[]
  readonly test: readonly Sample[]
}

/**
 * Files of every type, `perType` to learn from and as many to be judged by; none is twice, and no npm package or time zone's region
 * has files in both. Where a machine has no time zones, that type is left out.
 *
 * @param packages a folder of npm packages.
 */
export function splitFiles(packages: string, perType: number): Split {
  const found = [...npmFiles(packages), ...zoneFiles('/usr/share/zoneinfo'), ...tensorFiles(2 * perType)]
  const [train, test]: [Sample[], Sample[]] = [[], []]
  const known = new Set<string>()
  // In an order that has nothing to do with names.
  const ordered = found
    .map((file) => ({ ...file, order: hashOf(file.name) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
  for (const { type, group, bytes } of ordered) {
    const part = Number.parseInt(hashOf(group).slice(0, 2), 16) % 2 === 0 ? train : test
    if (part.filter((sample) => sample.type === type).length >= perType) continue
    const content = bytes()
    const hash = createHash('sha256').update(content).digest('hex')
    if (content.length < 64 || known.has(hash)) continue
    known.add(hash)
    part.push({ type, features: featuresOf(content) })
  }
  return { train, test }
}

/** A file that may be taken. */
interface Found {
  readonly name: string
  readonly type: string
  /** What belongs together: all of it learns or judges. */
  readonly group: string
  readonly bytes: () => Uint8Array
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

function npmFiles(folder: string): Found[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.flatMap((name) => {
    const extension = Object.keys(extensions).find((end) => name.endsWith(end))
    const path = join(folder, name)
    if (extension === undefined || !statSync(path).isFile()) return []
    const [scope, inner] = name.split('/')
    const group = scope?.startsWith('@') === true ? `${scope}/${inner}` : (scope ?? '')
    return [
      { name, type: extensions[extension] as string, group, bytes: () => new Uint8Array(readFileSync(path)) },
    ]
  })
}

/** Compiled time zones (RFC 9636), which Unix has. */
function zoneFiles(folder: string): Found[] {
  const names = (() => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    } catch {
      return []
    }
  })()
  return names.flatMap((name) => {
    const path = join(folder, name)
    if (!statSync(path).isFile() || readFileSync(path).subarray(0, 4).toString('latin1') !== 'TZif') return []
    return [{ name, type: 'tzif', group: name, bytes: () => new Uint8Array(readFileSync(path)) }]
  })
}

/** Networks of random sizes and names as files of safetensors. */
function tensorFiles(count: number): Found[] {
  const parts = [
    'encoder',
    'decoder',
    'model',
    'backbone',
    'head',
    'blocks',
    'attention',
    'mlp',
    'conv',
    'norm',
  ]
  return Array.from({ length: 2 * count }, (_, i): Found => {
    const draw = (below: number, salt: string): number =>
      Number.parseInt(hashOf(`${i} ${salt}`).slice(0, 6), 16) % below
    const tensors = Array.from({ length: 1 + draw(12, 'layers') }, (_, layer) => {
      const name = `${parts[draw(10, `first ${layer}`)]}.${layer}.${parts[draw(10, `second ${layer}`)]}.weight`
      const shape = [4 << draw(4, `rows ${layer}`), 4 << draw(4, `columns ${layer}`)] as const
      const data = Float32Array.from(
        { length: shape[0] * shape[1] },
        (_, j) => draw(2e6, `${layer} ${j}`) / 1e6 - 1,
      )
      return { name, dtype: 'float32' as const, shape, data }
    })
    const name = `tensors ${i}`
    return {
      name,
      type: 'safetensors',
      group: name,
      bytes: () => new Uint8Array(Buffer.concat(encodeSafetensors(tensors))),
    }
  })
}
