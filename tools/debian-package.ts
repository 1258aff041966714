import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The files of a package of Debian, which some recordings are published as: fetched once, unpacked in a folder of the system's
 * temporary ones (nothing is installed), and kept there.
 *
 * @returns the folder, or a sentence that says why there is none: no Debian, no archive, no package.
 */
export async function debianPackage(
  name: string,
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const cache = join(tmpdir(), 'typegrad-debian-packages')
  const folder = join(cache, name)
  if (await exists(folder)) return { folder }
  await mkdir(cache, { recursive: true })
  // What is unpacked appears under its name at once, and whole.
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    await run('apt-get', ['download', '--quiet', name], { cwd: making, timeout: 120_000 })
    const file = (await readdir(making)).find((one) => one.endsWith('.deb')) as string
    await run('dpkg-deb', ['-x', join(making, file), join(making, 'unpacked')])
    await rename(join(making, 'unpacked'), folder).catch(async (cause: unknown) => {
      // Another process may have been faster.
      if (!(await exists(folder))) throw cause
    })
    return { folder }
  } catch (cause) {
    const reason = (cause as Error).message.trim().split('\n').at(-1)
    return { missing: `The Debian package ${name} could not be fetched: ${reason}` }
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
