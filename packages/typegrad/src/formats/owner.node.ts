/**
 * Names that say which process made a temporary file or folder, so that any other process can tell one that is being
 * written from one that a crash left behind.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** The maker of a name, as it stands in it: `<machine>-<boot>-<pid>-<start>`. */
const shape = /^([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-\d+$/

/** How long what an unknown machine or container has made counts as being written. */
const foreignPatience = 24 * 60 * 60 * 1000

const digest = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 8)

function orEmpty(read: () => string): string {
  try {
    return read().trim()
  } catch {
    return '' // not Linux, or /proc is out of reach
  }
}

/** Ids of processes count anew in each container: the namespace belongs to the machine's name. */
const machine = digest(`${hostname()} ${orEmpty(() => readlinkSync('/proc/self/ns/pid'))}`)
const boot = digest(orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')))

/** State and start, in ticks since the boot, of a line of /proc/<pid>/stat, whose second field may hold anything. */
function parseStat(line: string): { readonly isOver: boolean; readonly start: string } {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return { isOver: fields[0] === 'Z' || fields[0] === 'X', start: fields[19] ?? '0' }
}

/** 0 where the system does not say; then a process's id alone counts. */
const start = parseStat(orEmpty(() => readFileSync('/proc/self/stat', 'utf8'))).start

// Worker threads share the process but not this count: a random start keeps their names apart.
let count = Math.floor(Math.random() * 2 ** 32)

/** A mark that no other process, thread or call makes. */
export const ownerMark = (): string => `${machine}-${boot}-${process.pid}-${start}-${++count}`

/**
 * Whether the maker of what bears a mark is known to be no more.
 *
 * A process lives while its id is in use by one that began at the same tick of the same boot. Of another machine's
 * (or container's) on a shared disk that cannot be seen: what it made is abandoned after a day.
 *
 * @param changed when the file or folder was made or renamed, in milliseconds.
 * @returns false for what is no mark at all.
 */
export async function isAbandoned(mark: string, changed: number): Promise<boolean> {
  const [, markMachine, markBoot, pid, markStart] = shape.exec(mark) ?? []
  if (pid === undefined) return false
  if (markMachine !== machine) return Date.now() - changed > foreignPatience
  if (markBoot !== boot) return true
  if (!exists(Number(pid))) return true
  if (markStart === '0') return false
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return true
  const now = parseStat(stat)
  return now.isOver || now.start !== markStart
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0) // signal 0 only asks
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
