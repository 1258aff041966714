/**
 * `npm run runtimes`: typegrad, as npm installs it, in each runtime that the README names. Their binaries come from the
 * npm registry, in packages without install scripts.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { environment, installInto, publish } from '../pack/project.ts'

const execute = promisify(execFile)

interface Platform {
  readonly node: string
  readonly bun: string
  readonly deno: string
}

const platforms: Readonly<Record<string, Platform>> = {
  'linux-x64': { node: 'linux-x64', bun: 'linux-x64', deno: 'linux-x64-glibc' },
  'linux-arm64': { node: 'linux-arm64', bun: 'linux-aarch64', deno: 'linux-arm64-glibc' },
  'darwin-arm64': { node: 'darwin-arm64', bun: 'darwin-aarch64', deno: 'darwin-arm64' },
}

/** The oldest version that is supported, those with long-term support, and the newest. */
const nodes = ['20.19.0', '22.23.5', '24.22.3', '26.12.1']
const bunVersion = '1.4.5'
const denoVersion = '2.9.6'

interface Runtime {
  readonly name: string
  /** Where its package is, by another name: of several versions each has its own. */
  readonly alias: string
  readonly specifier: string
  readonly binary: string
  readonly args: readonly string[]
}

function runtimesOf({ node, bun, deno }: Platform): Runtime[] {
  return [
    ...nodes.map((version) => ({
      name: `Node ${version}`,
      alias: `node-${version}`,
      specifier: `npm:node-${node}@${version}`,
      binary: 'bin/node',
      args: [],
    })),
    {
      name: `Bun ${bunVersion}`,
      alias: 'bun-binary',
      specifier: `npm:@oven/bun-${bun}@${bunVersion}`,
      binary: 'bin/bun',
      args: ['run'],
    },
    {
      name: `Deno ${denoVersion}`,
      alias: 'deno-binary',
      specifier: `npm:@deno/${deno}@${denoVersion}`,
      binary: 'deno',
      args: ['run', '--allow-all'],
    },
  ]
}

/** Trains by one step whose result is known (see tools/pack/install.test.ts), keeps the weights and reads them. */
const program = (imports: string, savedAs: string): string => `
${imports}
void (async () => {
  const model = sequential([
    layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros' }),
  ])
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
  const { history } = await model.fit([[1], [2]], [[2], [4]], { epochs: 1, verbose: 0 })
  const says = async (model) => (await (await model.predict([[3], [5]])).toArray()).join()
  await model.save('${savedAs}')
  console.log(history.loss[0], await says(model), await says(await loadModel('${savedAs}')), getEngine().name)
})()`

const names = '{ layers, loadModel, optimizers, sequential }'
const programs = {
  'import.mjs': program(
    `import ${names} from 'typegrad'\nimport { getEngine } from 'typegrad/engine'`,
    'saved-by-import',
  ),
  'require.cjs': program(
    `const ${names} = require('typegrad')\nconst { getEngine } = require('typegrad/engine')`,
    'saved-by-require',
  ),
}

const platform = platforms[`${process.platform}-${process.arch}`]
if (platform === undefined) throw new Error('runtimes: there is no table of packages for this platform')
const folder = mkdtempSync(join(tmpdir(), 'typegrad-runtimes-'))
try {
  const runtimes = runtimesOf(platform)
  const project = join(folder, 'project')
  await installInto(
    project,
    await publish(folder),
    runtimes.map(({ alias, specifier }) => `${alias}@${specifier}`),
  )
  for (const [file, source] of Object.entries(programs)) writeFileSync(join(project, file), source)
  for (const { name, alias, binary, args } of runtimes) {
    for (const file of Object.keys(programs)) {
      const command = join(project, 'node_modules', alias, binary)
      const { stdout, stderr } = await execute(command, [...args, file], {
        cwd: project,
        env: environment,
        timeout: 300_000,
      }).catch((error: { stdout: string; stderr: string }) => error)
      const isRight = stdout.trim() === '10 3,5 3,5 node'
      console.log(`${isRight ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${file}`)
      if (!isRight) console.log(stdout)
      if (stderr !== '') console.log(stderr.replace(/^/gm, '         '))
      if (!isRight) process.exitCode = 1
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
