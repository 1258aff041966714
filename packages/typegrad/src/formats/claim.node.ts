/** A folder in which one program works at a time. Node only. */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbandoned, ownerMark } from './owner.node.ts'

/** A claim that another program holds, by the file that stands for it. */
export interface HeldClaim {
  readonly heldBy: string
}

/** How often a program looks again that meets another which has come at the same moment. */
const attempts = 4

/**
 * Claims a folder, which is made if need be.
 *
 * Each program puts a file of its own there, `<name>.typegrad-claim-<owner>`, and then looks for those of others. Of two
 * that come at once both may see each other: both take their files back and try again after a while of random length, so
 * that one is alone with its file. What processes that are no more have left is removed.
 *
 * @returns what gives the folder back, or the claim of another program that lives.
 */
export async function claimFolder(
  folder: string,
  name: string,
): Promise<{ release(): Promise<void> } | HeldClaim> {
  await mkdir(folder, { recursive: true })
  const prefix = `${name}.typegrad-claim-`
  for (let attempt = 1; ; attempt++) {
    const file = prefix + ownerMark()
    const path = join(folder, file)
    const release = () => rm(path, { force: true })
    await writeFile(path, '', { flag: 'wx' })
    const other = await otherClaim(folder, prefix, file)
    if (other === undefined) return { release }
    await release()
    if (attempt === attempts) return { heldBy: other }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 50))
  }
}

async function otherClaim(folder: string, prefix: string, own: string): Promise<string | undefined> {
  for (const file of await readdir(folder)) {
    if (!file.startsWith(prefix) || file === own) continue
    const path = join(folder, file)
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    )
    // Given back since the folder was listed.
    if (changed === undefined) continue
    if (!(await isAbandoned(file.slice(prefix.length), changed))) return path
    await rm(path, { force: true })
  }
  return undefined
}
