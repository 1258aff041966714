import { open, readFile, rm } from 'node:fs/promises'
import { StateError } from 'typegrad/core'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0) // signal 0 only asks
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The locks of this process: another session of the same process must not take one for a dead process's. */
const own = new Set<string>()

/**
 * Makes a file that says which process writes to a folder. One that a killed process has left is taken over.
 *
 * @returns what gives it back.
 * @throws StateError while another session, of this process or another, has it.
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(`${process.pid}\n`).finally(() => file.close())
      own.add(path)
      return async () => {
        own.delete(path)
        await rm(path, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
    const isHeld = holder === process.pid ? own.has(path) : Number.isInteger(holder) && isAlive(holder)
    if (isHeld) {
      throw new StateError({
        where: `label: ${path}`,
        expected: 'a folder that no other session writes to',
        received: `one that process ${holder} has opened`,
        fix: `Close that session first. If process ${holder} is another program, remove the file.`,
      })
    }
    await rm(path, { force: true })
  }
  throw new StateError({
    where: `label: ${path}`,
    expected: 'a folder that no other session writes to',
    received: 'one that others open at this moment',
    fix: 'Try again.',
  })
}
