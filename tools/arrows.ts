/**
 * Who may know whom: checks every import against the design's one table (docs/architecture.md). Folders of the library
 * know those below them, packages and programs beside it know its doors alone, and no files import each other in a circle.
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
  'importing',
  'quantization',
  'drawing',
] as const
type KerasFolder = (typeof keras)[number]

type Folder =
  | 'base'
  | 'signals'
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
  'signals',
  'base',
] as const

const before = (folder: KerasFolder): Folder[] => [...keras.slice(0, keras.indexOf(folder)), ...belowKeras]

/** The folders that each folder's files may import, beside their own. */
export const allowed: Readonly<Record<Folder, readonly Folder[]>> = {
  base: [],
  signals: ['base'],
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
  formats: ['engine', 'tensor', 'base'],
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
  importing: [...before('importing'), 'formats'],
  quantization: before('quantization'),
  drawing: [...before('drawing'), 'formats'],
  search: [...keras, ...belowKeras, 'formats'],
  testing: [...keras, ...belowKeras, 'search', 'formats'],
}

/** Single files that may import less than their folder does. */
const allowedFile: Readonly<Record<string, readonly Folder[]>> = { 'formats/safetensors.ts': ['base'] }

const isTest = (file: string): boolean => /\.test(-d)?\.ts$/.test(file)
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')

/** Packages that exist only in Node. */
const nodeOnly = new Set([...builtinModules, 'koffi', 'onnxruntime-node'])
const isNodeOnly = (specifier: string): boolean =>
  specifier.startsWith('node:') || nodeOnly.has(specifier) || nodeOnly.has(packageOf(specifier))

const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

const mayUseNode = (file: string): boolean =>
  file === 'formats/atomic.ts' ||
  (file.startsWith('formats/') && file.endsWith('.node.ts')) ||
  file.startsWith('testing/') ||
  isTest(file)

/** What may name the packages of engines. */
const mayUseEngines = (file: string): boolean =>
  file === 'engine/bundled.ts' || file.startsWith('testing/') || isTest(file)

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
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined
}

/** The violations of one file, which is named relative to `src` with slashes. */
export function violations(file: string, source: string): string[] {
  const folder = folderOf(file)
  // Doors and the root lead out of every folder.
  if (folder === 'doors') return []
  if (folder !== '' && !(folder in allowed))
    return [`${file}: folder ${folder} is not in the table of tools/arrows.ts`]
  return importsOf(source).flatMap((specifier) => {
    if (isNodeOnly(specifier)) {
      return mayUseNode(file)
        ? []
        : [
            `${file}: may not import ${specifier} (allowed: what runs in a browser too; Node has packages/node/)`,
          ]
    }
    if (specifier.startsWith('@typegrad/')) {
      return mayUseEngines(file) ? [] : [complaint(file, specifier, ['engine/bundled.ts, which loads it'])]
    }
    const target = targetOf(file, specifier)
    if (target === undefined || folder === '') return []
    return violationOf(file, folder as Folder, target)
  })
}

/** Programs of the repository that tests of the core use. */
const toolsOfTests: readonly string[] = ['bundle-program', 'python-package', 'whole-tests'].map(
  (name) => `../../../tools/${name}.ts`,
)

function violationOf(file: string, folder: Folder, target: string): string[] {
  if (target.startsWith('../')) {
    const isForTests = target.startsWith('../golden/') || toolsOfTests.includes(target)
    return isForTests && isTest(file) ? [] : [complaint(file, target, ['src'])]
  }
  const ofTest = isTest(file) || folder === 'testing'
  const own = file in allowedFile ? [] : [folder]
  const folders: readonly string[] = [...own, ...(allowedFile[file] ?? allowed[folder])]
  if (folders.includes(folderOf(target))) return []
  const tests = isTest(file) ? ['testing', 'doors', 'index.ts'] : []
  if (ofTest && [target, folderOf(target)].some((name) => tests.includes(name) || name === 'index.ts'))
    return []
  return [complaint(file, target, [...folders.slice(own.length), ...tests])]
}

const complaint = (file: string, target: string, folders: readonly string[]): string =>
  `${file}: may not import ${target} (allowed: ${folders.join(', ') || 'nothing'})`

/** What packages of layers and models import. */
const wing = ['typegrad', 'typegrad/core', 'typegrad/layers', 'typegrad/formats']

const hub = ['@typegrad/hub', '@typegrad/hub/options']

/** The packages beside the core: the doors that each may use, and whether it runs in Node alone. */
const packages: Readonly<Record<string, { readonly doors: readonly string[]; readonly isNode: boolean }>> = {
  node: { doors: ['typegrad/engine'], isNode: true },
  web: { doors: ['typegrad/engine', '@typegrad/runtime-wasm'], isNode: false },
  'runtime-wasm': { doors: [], isNode: false },
  transformers: { doors: [...wing, 'typegrad/signals', 'typegrad/engine', ...hub], isNode: false },
  data: { doors: [...wing, 'typegrad/signals', ...hub], isNode: false },
  tabular: { doors: [...wing, 'typegrad/engine', '@typegrad/data'], isNode: false },
  hub: { doors: ['typegrad/core', 'typegrad/layers'], isNode: false },
  cli: { doors: [...wing, '@typegrad/data', '@typegrad/tabular', '@typegrad/transformers'], isNode: true },
  label: { doors: ['typegrad/core', 'typegrad/layers', 'typegrad/formats'], isNode: false },
}

/** Programs of this repository that test the machine code of a package from within. */
const insiders = ['tools/avx512/', 'tools/processors/']

/** The violations of a file outside of the core, which is named from the root of the repository. */
export function violationsOutside(file: string, source: string): string[] {
  const [top, name = ''] = file.split('/')
  const own = top === 'packages' ? packages[name] : undefined
  if (top === 'packages' && own === undefined)
    return [`${file}: package ${name} is not in the table of tools/arrows.ts`]
  const isFree = own === undefined || isTest(file) || file.includes('/testing/')
  return importsOf(source).flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(file), specifier)
      const isOwn =
        !target.startsWith('packages/') || (own !== undefined && target.startsWith(`packages/${name}/`))
      const isInside =
        insiders.some((folder) => file.startsWith(folder)) && target.startsWith('packages/node/src/')
      return isOwn || isInside || target.includes('/golden/')
        ? []
        : [complaint(file, target, ['doors: typegrad, typegrad/…'])]
    }
    if (isFree) return []
    if (/^@?typegrad(\/|$)/.test(specifier) && !own.doors.includes(specifier))
      return [complaint(file, specifier, own.doors)]
    return isNodeOnly(specifier) && !own.isNode && !file.endsWith('.node.ts')
      ? [complaint(file, specifier, ['what runs in a browser too'])]
      : []
  })
}

/** Groups of files each of which leads to every other of its group, by Tarjan's algorithm. */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string): number => {
    const place = order.size
    order.set(file, place)
    stack.push(file)
    let low = place
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue
      if (!order.has(target)) low = Math.min(low, visit(target))
      else if (stack.includes(target)) low = Math.min(low, order.get(target) as number)
    }
    if (low === place) {
      const circle = stack.splice(stack.indexOf(file))
      if (circle.length > 1) found.push(circle.sort())
    }
    return low
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file)
  return found
}

/**
 * Folders none of whose files opens with a comment that begins with the folder's name: what it is, and what it may know.
 * Doors tell of the whole library, and a test's helpers of the test.
 */
export function foldersWithoutOpening(sources: ReadonlyMap<string, string>): string[] {
  const opened = new Map<string, boolean>()
  for (const [file, source] of sources) {
    const folder = posix.dirname(file)
    if (folder === '.' || folder === 'doors' || folder.startsWith('testing') || isTest(file)) continue
    const opens = source.startsWith(`/** \`${folder}/\``) || source.startsWith(`/**\n * \`${folder}/\``)
    opened.set(folder, (opened.get(folder) ?? false) || opens)
  }
  return [...opened].filter(([, isOpened]) => !isOpened).map(([folder]) => folder)
}

/** Files below a folder, by their names from it, with slashes. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => /\.tsx?$/.test(file) && !file.includes('node_modules') && !/(^|[/\\])dist[/\\]/.test(file),
    )
    .map((file) => file.split(sep).join('/'))
    .sort()

function main(): void {
  const root = fileURLToPath(new URL('../', import.meta.url))
  const core = join(root, 'packages/typegrad/src/')
  const found: string[] = []
  let count = 0
  for (const file of filesOf(core)) found.push(...violations(file, readFileSync(join(core, file), 'utf8')))
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name, 'src')
    const sources = filesOf(folder)
    count += sources.length
    const imports = new Map<string, readonly string[]>()
    const read = new Map(sources.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
    for (const opening of foldersWithoutOpening(read))
      found.push(`${name}: no file of ${opening}/ opens with what the folder is and may know`)
    for (const [file, source] of read) {
      if (name !== 'typegrad') found.push(...violationsOutside(`packages/${name}/src/${file}`, source))
      if (isTest(file)) continue
      const relative = importsOf(source).filter((specifier) => specifier.startsWith('.'))
      imports.set(
        file,
        relative.map((specifier) => posix.join(posix.dirname(file), specifier)),
      )
    }
    for (const circle of circlesOf(imports))
      found.push(`${name}: these import each other in a circle: ${circle.join(', ')}`)
  }
  for (const top of ['bench', 'examples', 'tools']) {
    const sources = filesOf(join(root, top))
    count += sources.length
    for (const file of sources)
      found.push(...violationsOutside(`${top}/${file}`, readFileSync(join(root, top, file), 'utf8')))
  }
  for (const line of found) console.error(line)
  if (found.length === 0) console.log(`Arrows: ${count} files import only what the design allows.`)
  else process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
