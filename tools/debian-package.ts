import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keptFolder } from './kept-folder.ts'

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
  try {
    const cache = join(tmpdir(), 'typegrad-debian-packages')
    const folder = await keptFolder(cache, name, async (making) => {
      await run('apt-get', ['download', '--quiet', name], { cwd: making, timeout: 120_000 })
      const file = (await readdir(making)).find((one) => one.endsWith('.deb')) as string
      await run('dpkg-deb', ['-x', join(making, file), join(making, 'unpacked')])
      return join(making, 'unpacked')
    })
    return { folder }
  } catch (cause) {
    const reason = (cause as Error).message.trim().split('\n').at(-1)
    return { missing: `The Debian package ${name} could not be fetched: ${reason}` }
  }
}
