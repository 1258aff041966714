import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBytes } from './files.node.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('readBytes', () => {
  // None, less than a portion, three portions and what is left of a fourth.
  it.each([0, 1000, (3 << 24) + 12_345])('reads all of %i bytes', async (size) => {
    const bytes = new Uint8Array(size)
    for (let i = 0; i < size; i += 997) bytes[i] = i % 251
    const path = join(folder, `${size}.bin`)
    await writeFile(path, bytes)
    expect(Buffer.compare(await readBytes(path), bytes)).toBe(0)
  })

  it.runIf(process.platform === 'linux')('reads what does not say how long it is', async () => {
    expect(new TextDecoder().decode(await readBytes('/proc/self/status'))).toMatch(/^Name:/)
  })

  it('names a file that is missing', async () => {
    const path = join(folder, 'missing')
    await expect(readBytes(path)).rejects.toMatchObject({
      code: 'format',
      message: `${path}: expected a file, received nothing of that name. Check the path, or save the model again.`,
    })
  })

  it('leaves a folder to the system to refuse', async () => {
    await expect(readBytes(folder)).rejects.toMatchObject({ code: 'EISDIR' })
  })
})
