import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  currentFolder,
  removeFolderAtomically,
  replaceFolderAtomically,
  writeFileAtomically,
} from './atomic.ts'
import { isAbandoned, ownerMark } from './owner.node.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-atomic-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8')
/** A model folder whose one file says which version it is. */
function place(folder: string, version: string): void {
  mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, folder, 'config.json'), version)
}
const save = (version: string, folder = 'model') =>
  replaceFolderAtomically(join(root, folder), (temporary) =>
    writeFile(join(temporary, 'config.json'), version),
  )
const diskFull = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

describe('writeFileAtomically', () => {
  it('writes the chunks one after the other', async () => {
    await writeFileAtomically(join(root, 'a'), [bytes('one '), bytes(''), 'two'])
    expect(read('a')).toBe('one two')
    expect(readdirSync(root)).toEqual(['a'])
  })

  it('takes an asynchronous source and replaces what was there', async () => {
    writeFileSync(join(root, 'a'), 'a longer old text')
    await writeFileAtomically(
      join(root, 'a'),
      (async function* () {
        yield bytes('new')
      })(),
    )
    expect(read('a')).toBe('new')
  })

  it('keeps the old file and removes the temporary one when a chunk fails', async () => {
    writeFileSync(join(root, 'a'), 'old')
    const failing = (function* () {
      yield bytes('half of the n')
      throw diskFull()
    })()
    await expect(writeFileAtomically(join(root, 'a'), failing)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(read('a')).toBe('old')
    expect(readdirSync(root)).toEqual(['a'])
  })

  it('throws the system error where the folder does not exist', async () => {
    await expect(writeFileAtomically(join(root, 'no', 'a'), [])).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('replaceFolderAtomically', () => {
  it('makes a folder, parents included', async () => {
    await save('1', 'runs/today/model/')
    expect(read('runs/today/model/config.json')).toBe('1')
    expect(readdirSync(join(root, 'runs/today'))).toEqual(['model'])
  })

  it('replaces a folder whole', async () => {
    place('model', '1')
    writeFileSync(join(root, 'model', 'optimizer.safetensors'), 'of version 1')
    await save('2')
    expect(read('model/config.json')).toBe('2')
    expect(readdirSync(join(root, 'model'))).toEqual(['config.json'])
    expect(readdirSync(root)).toEqual(['model'])
  })

  it('keeps the old folder when writing fails', async () => {
    place('model', '1')
    const failing = replaceFolderAtomically(join(root, 'model'), async (temporary) => {
      await writeFile(join(temporary, 'config.json'), '2')
      throw diskFull()
    })
    await expect(failing).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(read('model/config.json')).toBe('1')
    expect(readdirSync(root)).toEqual(['model'])
  })

  it('lets two saves of one folder take turns', async () => {
    await Promise.all(['1', '2', '3', '4'].map((version) => save(version)))
    expect(read('model/config.json')).toBe('4')
    expect(readdirSync(root)).toEqual(['model'])
  })

  it('goes on after a save that failed', async () => {
    const failing = replaceFolderAtomically(join(root, 'model'), () => Promise.reject(diskFull()))
    await Promise.all([expect(failing).rejects.toThrow('ENOSPC'), save('2')])
    expect(read('model/config.json')).toBe('2')
  })

  it('does not replace a file', async () => {
    writeFileSync(join(root, 'model'), 'precious')
    await expect(save('1')).rejects.toThrow(/expected a folder, .* received the file .*model\. Save under/)
    expect(read('model')).toBe('precious')
  })
})

/** A mark of a process that is no more: this one's with a pid that has just ended, or another start. */
const [, machine, boot, , start] = /^(\w+)-(\w+)-(\d+)-(\d+)-/.exec(ownerMark()) ?? []
const markOf = ({ pid = process.pid, began = start, onBoot = boot, on = machine }): string =>
  `${on}-${onBoot}-${pid}-${began}-1`
const deadPid = () => spawnSync(process.execPath, ['--version']).pid

describe('what a crash leaves', () => {
  const old = () => `model.typegrad-old-${markOf({ pid: deadPid() })}`
  const temporary = () => `model.typegrad-tmp-${markOf({ pid: deadPid() })}`

  it.each<[string, (names: { old: string; temporary: string }) => string[], string]>([
    ['while the new version is written', ({ temporary }) => ['model', temporary], 'model'],
    ['once the old version is aside', ({ old, temporary }) => [old, temporary], 'old'],
    ['while the old version is removed', ({ old }) => ['model', old], 'model'],
  ])('%s is read as it is, and put right by the next save', async (_, present, survivor) => {
    const names = { old: old(), temporary: temporary() }
    for (const name of present(names)) place(name, name)
    const listed = readdirSync(root)
    const { path } = await currentFolder(join(root, 'model'))
    expect(basename(path as string)).toBe(survivor === 'old' ? names.old : survivor)
    expect(readdirSync(root)).toEqual(listed) // a reader changes nothing
    await save('2')
    expect(read('model/config.json')).toBe('2')
    expect(readdirSync(root)).toEqual(['model'])
  })

  it('is the newest of several old versions', async () => {
    const [older, newer] = [old(), old()]
    place(older, '1')
    utimesSync(join(root, older), 1000, 1000)
    place(newer, '2')
    expect((await currentFolder(join(root, 'model'))).path).toBe(join(root, newer))
  })

  it('stays if the next save fails', async () => {
    const only = old()
    place(only, '1')
    await expect(
      replaceFolderAtomically(join(root, 'model'), () => Promise.reject(diskFull())),
    ).rejects.toThrow('ENOSPC')
    expect((await currentFolder(join(root, 'model'))).path).toBe(join(root, only))
  })

  it('goes with a folder that is removed, lest it comes back', async () => {
    for (const name of ['model', old(), temporary()]) place(name, '1')
    await removeFolderAtomically(join(root, 'model'))
    expect(readdirSync(root)).toEqual([])
  })

  it('is told from what lives by process, start, boot and machine', async () => {
    place('model', '0')
    const dead = deadPid()
    const kept = [
      `model.typegrad-tmp-${markOf({ pid: process.ppid, began: startOf(process.ppid) })}`,
      `model.typegrad-tmp-${markOf({})}`, // this process: another thread's
      `model.typegrad-tmp-${markOf({ on: 'ffffffff', pid: dead })}`, // another machine's, of today
      `model.typegrad-old-${markOf({ on: 'ffffffff', pid: dead })}`,
      'model.typegrad-tmp-notes',
      `model2.typegrad-tmp-${markOf({ pid: dead })}`,
    ]
    const gone = [
      `model.typegrad-tmp-${markOf({ pid: dead })}`,
      `model.typegrad-tmp-${markOf({ onBoot: '00000000' })}`,
      // An id that another process has now: only where the system says when processes began.
      ...(start === '0' ? [] : [`model.typegrad-tmp-${markOf({ began: '1' })}`]),
    ]
    for (const name of [...kept, ...gone]) place(name, '1')
    await save('1')
    expect(readdirSync(root).sort()).toEqual(['model', ...kept].sort())
    expect(await isAbandoned(markOf({ on: 'eeeeeeee' }), Date.now() - 25 * 3600 * 1000)).toBe(true)
  })

  it('of single files goes with the next file of that name', async () => {
    writeFileSync(join(root, `a.typegrad-tmp-${markOf({ pid: deadPid() })}`), 'half')
    await writeFileAtomically(join(root, 'a'), ['whole'])
    expect(readdirSync(root)).toEqual(['a'])
  })
})

const startOf = (pid: number): string => {
  if (start === '0') return '0'
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] as string
}

describe('currentFolder', () => {
  it('finds nothing where nothing is', async () => {
    expect(await currentFolder(join(root, 'nowhere', 'model'))).toEqual({ path: undefined, state: 'missing' })
  })

  it('expects what is being written for the first time', async () => {
    await replaceFolderAtomically(join(root, 'model'), async (temporary) => {
      expect(await currentFolder(join(root, 'model'))).toEqual({ path: undefined, state: 'changing' })
      await writeFile(join(temporary, 'config.json'), '1')
    })
    expect(await currentFolder(join(root, 'model'))).toEqual({ path: join(root, 'model') })
  })
})

describe('on a disk that is really full', () => {
  let disk: string | undefined
  beforeEach(() => {
    const folder = join(root, 'disk')
    mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' })
      disk = folder
    } catch {
      disk = undefined // only root may mount
    }
  })
  afterEach(() => {
    if (disk !== undefined) execFileSync('umount', [disk])
  })

  it('keeps the older checkpoint whole', async ({ skip }) => {
    if (disk === undefined) return skip('a small file system needs root to be mounted')
    place('disk/model', '1')
    const model = join(disk, 'model')
    const large = new Uint8Array(400_000)
    const saving = replaceFolderAtomically(model, (temporary) =>
      writeFileAtomically(join(temporary, 'model.safetensors'), [large]),
    )
    await expect(saving).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(writeFileAtomically(join(model, 'config.json'), [large])).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    expect(read('disk/model/config.json')).toBe('1')
    expect(readdirSync(disk)).toEqual(['model'])
    expect(readdirSync(model)).toEqual(['config.json'])
  })
})
