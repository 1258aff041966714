// The package as it is published: one file of JavaScript (and what is loaded when needed) that plain Node runs.
import { execFileSync, execSync, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = fileURLToPath(new URL('../examples', import.meta.url))

/** What a program prints that imports the built package by its name. */
const node = (program: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: examples,
    encoding: 'utf8',
  })

beforeAll(() => {
  execSync('npm run --silent bundle', { cwd: root })
}, 120_000)

test('trains a model in plain Node', () => {
  const output = node(`
    import { layers, sequential } from 'typegrad'
    const model = sequential([layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })])
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const { history } = await model.fit([[1], [2]], [[2], [4]], { epochs: 1, verbose: 0 })
    console.log(history.loss)`)
  // ½ (2² + 4²): the loss of a model that says 0.
  expect(output.trim()).toBe('[ 10 ]')
})

test('classes keep their names', () => {
  const output = node(`
    import * as typegrad from 'typegrad'
    const renamed = Object.entries(typegrad).filter(([name, value]) => /^[A-Z]/.test(name) && value.name !== name)
    console.log(renamed.map(([name, value]) => name + ' is called ' + value.name).join() || 'all')`)
  expect(output.trim()).toBe('all')
})

test.each([
  ['core', 'await door.tensor([1, 2]).add(1).toArray()', '[ 2, 3 ]'],
  [
    'formats',
    "door.decodeSafetensors(new Uint8Array(await new Blob(door.encodeSafetensors([{ name: 'w', dtype: 'float32', shape: [1], data: Float32Array.of(3) }])).arrayBuffer())).tensors.get('w').data[0]",
    '3',
  ],
  ['engine', '(await door.createEngine()).name', 'node'],
  ['signals', 'new door.RealFourierTransform(400).bins', '201'],
])('typegrad/%s works by itself', (name, value, printed) => {
  const output = node(`const door = await import('typegrad/${name}'); console.log(${value})`)
  expect(output.trim()).toBe(printed)
})

test('a package of layers needs no other door', () => {
  const output = node(`
    import { Layer } from 'typegrad/layers'
    class Twice extends Layer { className = 'Twice'; call(x) { return x.mul(2) } }
    const { tensor } = await import('typegrad/core')
    console.log(await new Twice().apply(tensor([1, 2])).toArray())`)
  expect(output.trim()).toBe('[ 2, 4 ]')
})

/** What `import 'typegrad'` loads at once, or the entry of another package: the entry, and the chunks that it imports by a statement. */
function loadedAtOnce(
  name = 'typegrad',
  entry = 'index.js',
): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = [entry]
  const packages = new Set<string>()
  for (const file of files) {
    const source = readFileSync(`${root}/packages/${name}/dist/${file}`, 'utf8')
    for (const [, imported] of source.matchAll(/^(?:import|export)\b(?:[^"';]*?\bfrom)?\s*"([^"]+)"/gm)) {
      if (!imported?.startsWith('./')) packages.add(imported as string)
      else if (!files.includes(imported.slice(2))) files.push(imported.slice(2))
    }
  }
  return { files, packages: [...packages] }
}

test('nothing of Node is loaded before it is needed', () => {
  const { files, packages } = loadedAtOnce()
  // Code that several parts share stands in chunks: if none is found, this looks at the wrong thing.
  expect(files.length).toBeGreaterThan(1)
  expect(packages.length).toBeGreaterThan(0)
  expect(packages.filter((name) => name.startsWith('node:') || /koffi/.test(name))).toEqual([])
})

test('what reads and writes formats of others is loaded when such a file is', () => {
  const { files, packages } = loadedAtOnce()
  expect(packages.filter((name) => /fflate|h5wasm/.test(name))).toEqual([])
  const sources = files.map((file) => readFileSync(`${root}/packages/typegrad/dist/${file}`, 'utf8'))
  // Where esbuild writes which file a part of a chunk is of.
  const parts = sources.flatMap((source) =>
    [...source.matchAll(/^\/\/ packages\/typegrad\/src\/(.+)$/gm)].map(([, part]) => part),
  )
  expect(parts).toContain('saving/load.ts')
  expect(
    parts.filter((part) =>
      /(zip|hdf5|tfjs-\w+|keras-(file|h5|2|reading|writing|variables)\w*)\.ts$/.test(part ?? ''),
    ),
  ).toEqual([])
})

describe('the command', () => {
  const bin = `${root}/packages/cli/dist/bin.js`
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-command-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('loads nothing of the library before it is needed', () => {
    const { packages } = loadedAtOnce('cli', 'bin.js')
    expect(packages.filter((name) => !name.startsWith('node:'))).toEqual(['commander'])
  })

  test('prints its help in 150 ms of CPU time, of which Node itself takes 45', () => {
    /** Milliseconds of a process that runs a program; what it prints is looked at elsewhere. */
    const milliseconds = (program: string): number => {
      const told = `process.on('exit', () => {
        const { user, system } = process.cpuUsage()
        process.stderr.write(String((user + system) / 1000))
      })\n`
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '--eval', told + program, '--', '--help'],
        { encoding: 'utf8' },
      )
      expect(status).toBe(0)
      return Number(stderr)
    }
    // A busy machine makes both slower: what is bounded is what comes beside Node's own.
    const own = [1, 2, 3].map(() => {
      const command = milliseconds(
        `process.argv.splice(1, 0, 'typegrad')\nawait import(${JSON.stringify(bin)})`,
      )
      return command - milliseconds('')
    })
    expect(Math.min(...own)).toBeGreaterThan(0)
    expect(Math.min(...own)).toBeLessThan(105)
  })

  test('ends with the exit code, and with an error of one sentence', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'train', 'x.csv', '--taget', 'y'], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'zh_CN.UTF-8' },
    })
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: 'typegrad：--taget：应为此命令的选项，实际是它没有的选项。您是不是想用 --target？\n',
    })
  })

  test.runIf(existsSync('/dev/full'))('tells that its output has no room', () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [bin, '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('ENOSPC') })
  })

  test('keeps the best so far after Ctrl-C', { timeout: 240_000 }, async () => {
    const [table, model] = [join(folder, 'table.csv'), join(folder, 'y.model')]
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `${(i * 37) % 101},${(i * 17) % 13},${(i * i * 7) % 29}`,
    )
    writeFileSync(table, `a,b,y\n${lines.join('\n')}\n`)
    const child = spawn(
      process.execPath,
      [bin, 'train', table, '-t', 'y', '--task', 'regression', '-b', '600', '-o', model],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += String(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (String(chunk).startsWith('Training;')) child.kill('SIGINT')
      said += String(chunk)
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, exists: existsSync(model) }).toEqual({ code: 130, exists: true })
    expect(said).toMatch(/Stopping: the best so far is kept\.[\s\S]*The model is in .*typegrad: Stopped\./s)
  })
})
