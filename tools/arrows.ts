/**
 * Who may know whom: checks every import of the library against the design's one table (docs/architecture.md).
 * Run by `npm run lint`; prints each violation and exits with 1 if there is one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a network is made of, each knowing those before it. */
const keras = [
  'activations',
  'initializers',
  'regularizers',
  'constraints',
  'losses',
  'metrics',
  'schedules',
  'optimizers',
  'layers',
  'callbacks',
  'models',
  'training',
  'saving',
  'drawing',
] as const
type KerasFolder = (typeof keras)[number]

type Folder =
  | 'base'
  | 'graph'
  | 'kernel'
  | 'tensor'
  | 'ops'
  | 'random'
  | 'passes'
  | 'lowering'
  | 'onnx'
  | 'engine'
  | 'transforms'
  | 'data'
  | KerasFolder
  | 'search'
  | 'formats'
  | 'testing'

const belowKeras = [
  'transforms',
  'lowering',
  'passes',
  'onnx',
  'engine',
  'random',
  'ops',
  'data',
  'tensor',
  'graph',
  'kernel',
  'base',
] as const

const before = (folder: KerasFolder): Folder[] => [...keras.slice(0, keras.indexOf(folder)), ...belowKeras]

/** The folders that each folder's files may import, beside their own. */
export const allowed: Readonly<Record<Folder, readonly Folder[]>> = {
  base: [],
  graph: ['base'],
  tensor: ['graph', 'base'],
  ops: ['tensor', 'graph', 'base'],
  random: ['ops', 'tensor', 'graph', 'base'],
  kernel: ['base'],
  passes: ['graph', 'kernel', 'base'],
  onnx: ['base'],
  lowering: ['passes', 'onnx', 'graph', 'kernel', 'base'],
  engine: ['onnx', 'kernel', 'base'],
  transforms: ['lowering', 'passes', 'onnx', 'engine', 'kernel', 'random', 'ops', 'tensor', 'graph', 'base'],
  data: ['transforms', 'random', 'tensor', 'graph', 'base'],
  formats: ['tensor', 'base'],
  activations: before('activations'),
  initializers: before('initializers'),
  regularizers: before('regularizers'),
  constraints: before('constraints'),
  losses: before('losses'),
  metrics: before('metrics'),
  schedules: before('schedules'),
  optimizers: before('optimizers'),
  layers: before('layers'),
  callbacks: [...before('callbacks'), 'formats'],
  models: before('models'),
  training: before('training'),
  saving: [...before('saving'), 'formats'],
  drawing: [...before('drawing'), 'formats'],
  search: [...keras, ...belowKeras, 'formats'],
  testing: [...keras, ...belowKeras, 'search', 'formats'],
}

/** Single files that may import less than their folder does. */
const allowedFile: Readonly<Record<string, readonly Folder[]>> = { 'formats/safetensors.ts': ['base'] }

/** Single files that a folder may import too: an engine knows what a model is as bytes, and nothing of the graph. */
const allowedFiles: Readonly<Partial<Record<Folder, readonly string[]>>> = {
  engine: ['onnx/model.ts', 'onnx/encode.ts', 'onnx/decode.ts', 'onnx/fields.ts'],
}

const isTest = (file: string): boolean => /\.test(-d)?\.ts$/.test(file)
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')

/** Packages that exist only in Node. */
const nodeOnly = new Set([...builtinModules, 'koffi', 'onnxruntime-node'])
const isNodeOnly = (specifier: string): boolean =>
  specifier.startsWith('node:') || nodeOnly.has(specifier) || nodeOnly.has(packageOf(specifier))

const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

const mayUseNode = (file: string): boolean =>
  file === 'node.ts' ||
  file === 'formats/atomic.ts' ||
  file.startsWith('engine/node/') ||
  (file.startsWith('formats/') && file.endsWith('.node.ts')) ||
  file.startsWith('testing/') ||
  isTest(file)

// Statements begin a line, as Biome formats them; lines of comments, with their examples, do not.
const statement = /^(?:import|export)\s+(?:[\w\s{},*]*?\sfrom\s+)?(['"])([^'"\n]+)\1/gm
const call = /\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*(['"])([^'"\n]+)\1/g
const commentLine = /^\s*(?:\/\/|\/?\*).*$/gm

/** What a source imports: by statement, by `import()`, as a type or as a value. */
export function importsOf(source: string): string[] {
  const code = source.replace(commentLine, '')
  return [statement, call].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[2] ?? ''))
}

/** The file of the library that a specifier means; undefined for other packages. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier === 'typegrad') return 'index.ts'
  if (specifier === 'typegrad/node') return 'node.ts'
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined
}

/** The violations of one file, which is named relative to `src` with slashes. */
export function violations(file: string, source: string): string[] {
  const folder = folderOf(file)
  if (folder !== '' && !(folder in allowed))
    return [`${file}: folder ${folder} is not in the table of tools/arrows.ts`]
  return importsOf(source).flatMap((specifier) => {
    if (isNodeOnly(specifier)) {
      return mayUseNode(file)
        ? []
        : [
            `${file}: may not import ${specifier} (allowed: what runs in a browser too; Node has engine/node/)`,
          ]
    }
    const target = targetOf(file, specifier)
    if (target === undefined || folder === '') return []
    return violationOf(file, folder as Folder, target)
  })
}

function violationOf(file: string, folder: Folder, target: string): string[] {
  if (target.startsWith('../')) {
    return target.startsWith('../golden/') && isTest(file) ? [] : [complaint(file, target, ['src'])]
  }
  const ofTest = isTest(file) || folder === 'testing'
  const own = file in allowedFile ? [] : [folder]
  const folders: readonly string[] = [...own, ...(allowedFile[file] ?? allowed[folder])]
  const files = allowedFiles[folder] ?? []
  if (folders.includes(folderOf(target)) || files.includes(target)) return []
  const tests = isTest(file) ? ['testing', 'index.ts'] : []
  if (ofTest && [target, folderOf(target)].some((name) => tests.includes(name) || name === 'index.ts'))
    return []
  return [complaint(file, target, [...folders.slice(own.length), ...files, ...tests])]
}

const complaint = (file: string, target: string, folders: readonly string[]): string =>
  `${file}: may not import ${target} (allowed: ${folders.join(', ') || 'nothing'})`

function main(): void {
  const root = fileURLToPath(new URL('../packages/typegrad/src/', import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.split(sep).join('/'))
    .sort()
  const found = files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')))
  for (const line of found) console.error(line)
  if (found.length === 0) console.log(`Arrows: ${files.length} files import only what the design allows.`)
  else process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
