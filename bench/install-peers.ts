// Installs what the bench compares with into bench/peers, which is not part of the repository:
//
//   npm run bench:peers                        everything
//   npm run bench:peers -- --python python3.12   with this Python
//
// Every peer may fail: it is reported here, and absent in the bench.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { peersFolder, pythonOf } from './driver/peers.ts'

const run = promisify(execFile)
const { values: options } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } })

/** Exact versions, so that two runs compare with the same. */
const python = {
  PyTorch: ['torch==2.15.0', 'torchvision==0.29.2', 'numpy==2.4.6'],
  'transformers and PEFT': ['transformers==5.24.0', 'peft==0.21.2', 'sentence-transformers==6.2.0'],
  'weights of 4 bits': ['bitsandbytes==0.50.2'],
  'TensorFlow and Keras': ['tensorflow-cpu==2.21.0', 'keras==3.15.1'],
}
const npm = {
  'TensorFlow.js': ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'],
  'jax-js': ['@jax-js/jax@0.1.25'],
  'transformers.js': ['@huggingface/transformers@4.3.1'],
}

async function attempt(name: string, work: () => Promise<unknown>): Promise<boolean> {
  const start = performance.now()
  try {
    await work()
    console.log(`${name}: installed in ${((performance.now() - start) / 1000).toFixed(0)} s`)
    return true
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    const reason = (stderr || message).trim().split('\n').at(-1)
    console.log(`${name}: absent, ${reason}`)
    return false
  }
}

await mkdir(peersFolder, { recursive: true })
const environment = join(peersFolder, 'python')
if (await attempt('Python environment', () => run(options.python, ['-m', 'venv', environment]))) {
  for (const [name, packages] of Object.entries(python))
    await attempt(name, () =>
      run(pythonOf(), ['-m', 'pip', 'install', '--quiet', ...packages], { maxBuffer: 2 ** 26 }),
    )
}

// Modules of their own, so that npm does not take this for a part of the workspace.
await writeFile(join(peersFolder, 'package.json'), '{ "name": "peers", "private": true, "type": "module" }\n')
const npmCommand = process.platform === 'win32' ? 'npm.cmd' : 'npm'
for (const [name, packages] of Object.entries(npm))
  await attempt(name, () =>
    run(npmCommand, ['install', '--no-audit', '--no-fund', '--save-exact', ...packages], {
      cwd: peersFolder,
      maxBuffer: 2 ** 26,
    }),
  )
