import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recoverFolder, replaceFolderAtomically, writeFileAtomically } from './atomic.ts'

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

describe('recoverFolder', () => {
  it.each<[string, string[], 'finished' | 'rolled back' | 'nothing', string]>([
    ['before the first rename', ['model'], 'nothing', 'model'],
    ['once the new folder is whole', ['model', 'model.typegrad-new'], 'finished', 'model.typegrad-new'],
    [
      'once the old folder is aside',
      ['model.typegrad-old', 'model.typegrad-new'],
      'finished',
      'model.typegrad-new',
    ],
    ['while the old folder is removed', ['model', 'model.typegrad-old'], 'nothing', 'model'],
    [
      'while the next save follows at once',
      ['model', 'model.typegrad-old', 'model.typegrad-new'],
      'finished',
      'model.typegrad-new',
    ],
    ['at the first save of all', ['model.typegrad-new'], 'finished', 'model.typegrad-new'],
    ['where only the old folder is left', ['model.typegrad-old'], 'rolled back', 'model.typegrad-old'],
  ])('after a crash %s', async (_, present, outcome, survivor) => {
    for (const name of present) place(name, name)
    expect(await recoverFolder(join(root, 'model'))).toBe(outcome)
    expect(read('model/config.json')).toBe(survivor)
    expect(readdirSync(root)).toEqual(['model'])
    expect(await recoverFolder(join(root, 'model'))).toBe('nothing')
  })

  it('leaves alone what this process is writing', async () => {
    const writing = replaceFolderAtomically(join(root, 'model'), async (temporary) => {
      await recoverFolder(join(root, 'other'))
      expect(readdirSync(root)).toEqual([basename(temporary)])
      await writeFile(join(temporary, 'config.json'), '1')
    })
    await writing
    expect(read('model/config.json')).toBe('1')
  })

  it('removes what dead processes were writing, and nothing else', async () => {
    const dead = spawnSync(process.execPath, ['--version']).pid
    const kept = ['model', `model.tmp-${process.ppid}-1`, 'model.tmp-notes', `model2.tmp-${dead}-1`]
    const ofAnEarlierStart = `model.tmp-${process.pid}-1`
    for (const name of [...kept, `model.tmp-${dead}-1`, ofAnEarlierStart]) place(name, '1')
    await recoverFolder(join(root, 'model'))
    expect(readdirSync(root).sort()).toEqual(kept.sort())
  })

  it('does nothing where nothing is', async () => {
    expect(await recoverFolder(join(root, 'nowhere', 'model'))).toBe('nothing')
  })
})

it('survives being killed at any moment', async () => {
  const module = fileURLToPath(new URL('./atomic.ts', import.meta.url))
  const program = join(root, 'save.mts')
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs'
    import { replaceFolderAtomically } from ${JSON.stringify(module)}
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(process.argv[2]))
    for (let i = 1; ; i++) {
      await replaceFolderAtomically(${JSON.stringify(join(root, 'model'))}, async (folder) => {
        for (const name of ['a', 'b', 'c']) writeFileSync(folder + '/' + name, String(i))
      })
    }`,
  )
  place('model', '0')
  for (const name of ['a', 'b', 'c']) writeFileSync(join(root, 'model', name), '0')
  const tsx = fileURLToPath(new URL('../../../../node_modules/tsx/dist/cli.mjs', import.meta.url))
  const versions = new Set<string>()
  for (const delay of [5, 30, 90, 250]) {
    spawnSync(process.execPath, [tsx, program, String(delay)])
    await recoverFolder(join(root, 'model'))
    expect(read('model/b')).toBe(read('model/a'))
    expect(read('model/c')).toBe(read('model/a'))
    versions.add(read('model/a'))
    expect(readdirSync(root).sort()).toEqual(['model', 'save.mts'])
  }
  expect(versions.size).toBeGreaterThan(1) // it did save before it was killed
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
