// Installs what the differential tests compare with into a folder of its own, which is not part of the repository:
//
//   npm run differential:install                          everything
//   npm run differential:install -- --python python3.12   with this Python
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('.venv', import.meta.url))
/** The Python that runs the cases, once it is installed. */
export const installedPython =
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')

/** Exact versions, so that two runs compare with the same. TensorFlow may fail: it is one backend of three. */
const packages = {
  Keras: ['keras==3.15.1', 'numpy==2.4.6', 'h5py==3.16.0', 'scipy==1.17.1'],
  PyTorch: ['torch==2.15.0'],
  JAX: ['jax==0.10.2'],
  TensorFlow: ['tensorflow-cpu==2.21.0'],
}

async function install(python: string): Promise<void> {
  await run(python, ['-m', 'venv', folder])
  for (const [name, wanted] of Object.entries(packages)) {
    try {
      await run(installedPython, ['-m', 'pip', 'install', '--quiet', ...wanted], { maxBuffer: 2 ** 26 })
      console.log(`${name}: installed`)
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string }
      console.log(`${name}: absent, ${(stderr || message).trim().split('\n').at(-1)}`)
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } })
  await install(values.python)
}
