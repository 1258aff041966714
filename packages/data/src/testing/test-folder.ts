import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** A folder that is there while a file's tests run. */
export interface TestFolder {
  readonly path: string
  /** Writes a file into it. @returns its path. */
  file(name: string, content: string | Uint8Array): Promise<string>
}

export function testFolder(name: string): TestFolder {
  let path = ''
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), `typegrad-${name}-`))
  })
  afterAll(async () => {
    await rm(path, { recursive: true, force: true })
  })
  return {
    get path() {
      return path
    },
    async file(own, content) {
      const whole = join(path, own)
      await writeFile(whole, content)
      return whole
    },
  }
}
