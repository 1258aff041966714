import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, test } from 'vitest'
import { letMemoryGo, type Mapping, mapFile } from './mapping.ts'

const root = mkdtempSync(join(tmpdir(), 'typegrad-mapping-'))
afterAll(() => rmSync(root, { recursive: true }))

/** A megabyte that counts. */
const content = Uint8Array.from({ length: 2 ** 20 }, (_, i) => i % 251)

async function mapped(name: string, isWhole = false): Promise<{ path: string; mapping: Mapping }> {
  const path = join(root, name)
  writeFileSync(path, content)
  const file = openSync(path, 'r')
  const mapping = mapFile(file, content.length, isWhole)
  closeSync(file)
  if (mapping === undefined) throw new Error('this platform does not map files')
  return { path, mapping }
}

const canMap = process.platform === 'linux' || process.platform === 'darwin'

describe.skipIf(!canMap)('a mapped file', () => {
  test.each([false, true])('is its bytes, at every place (in one ArrayBuffer: %s)', async (isWhole) => {
    const { mapping } = await mapped('bytes', isWhole)
    for (const [begin, end] of [
      [0, 1],
      [3, 11],
      [4095, 4099],
      [content.length - 5, content.length],
      [7, 7],
    ] as const)
      expect([...mapping.view(begin, end)]).toEqual([...content.subarray(begin, end)])
    expect(Buffer.compare(mapping.view(0, content.length), content)).toBe(0)
    expect(mapping.view(0, 9).buffer === mapping.view(1, 9).buffer).toBe(isWhole)
  })

  // What the system counts of a mapping is told by Linux alone.
  test.runIf(process.platform === 'linux').each([false, true])(
    'gives pages back that lie in a view, and reads them again (in one ArrayBuffer: %s)',
    async (isWhole) => {
      const { path, mapping } = await mapped(`given-back-${isWhole}`, isWhole)
      const kilobytes = (): number => {
        const of = readFileSync('/proc/self/smaps', 'utf8').split(path)[1] ?? ''
        return Number(/^Rss: +(\d+) kB/m.exec(of)?.[1])
      }
      const all = mapping.view(0, content.length)
      expect(Buffer.compare(all, content)).toBe(0)
      expect(kilobytes()).toBe(1024)
      // 16 KiB are the largest page of all platforms: those that the view only touches stay.
      letMemoryGo(mapping.view(2 ** 14 + 8, 2 ** 19))
      expect(kilobytes()).toBe(1024 - 512 + 32)
      expect(Buffer.compare(all, content)).toBe(0)
      letMemoryGo(new Float32Array(2 ** 14))
      letMemoryGo(mapping.view(5, 100))
      expect(kilobytes()).toBe(1024)
    },
  )

  test('is aligned in memory as its bytes are in the file', async () => {
    const { mapping } = await mapped('aligned')
    for (let begin = 0; begin < 17; begin++) expect(mapping.view(begin, 100).byteOffset).toBe(begin % 8)
    expect(new Float64Array(mapping.view(16, 32).buffer, 0, 2)).toEqual(
      new Float64Array(content.slice(16, 32).buffer),
    )
  })

  test.each([
    [-1, 5],
    [5, 2 ** 20 + 1],
    [9, 8],
  ])('has no bytes from %i to %i', async (begin, end) => {
    const { mapping } = await mapped('outside')
    expect(() => mapping.view(begin, end)).toThrow(RangeError)
  })

  test('can be written without changing the file, and keeps what was written', async () => {
    const { path, mapping } = await mapped('written')
    mapping.view(100, 200).fill(7)
    expect([...mapping.view(99, 102)]).toEqual([99, 7, 7])
    expect(Buffer.compare(readFileSync(path), content)).toBe(0)
    const { mapping: other } = await mapped('written')
    expect(other.view(100, 101)[0]).toBe(100)
  })

  test('stays as it is when another takes its name, and when it is removed', async () => {
    const { path, mapping } = await mapped('replaced')
    writeFileSync(`${path}.new`, 'short')
    renameSync(`${path}.new`, path)
    expect(mapping.view(2 ** 19, 2 ** 19 + 1)[0]).toBe(content[2 ** 19])
    rmSync(path)
    expect(Buffer.compare(mapping.view(0, content.length), content)).toBe(0)
  })

  test('cannot be transferred away from its memory', async () => {
    const { mapping } = await mapped('transferred')
    const { buffer } = mapping.view(0, 100) as { buffer: ArrayBuffer & { transfer?: () => ArrayBuffer } }
    expect(() => buffer.transfer?.()).toThrow(/cannot be transferred/)
    try {
      const copy = structuredClone(buffer, { transfer: [buffer] })
      expect(copy).not.toBe(buffer)
    } catch (error) {
      expect((error as Error).name).toBe('DataCloneError')
    }
    expect(buffer.byteLength).toBe(100)
  })
})

describe.skipIf(process.platform !== 'linux')('memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const isMapped = (path: string) => readFileSync('/proc/self/maps', 'utf8').includes(path)
  async function settled(condition: () => boolean, attempts = 50): Promise<boolean> {
    for (let i = 0; i < attempts; i++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 10))
      if (condition()) return true
    }
    return false
  }

  test.each([false, true])(
    'goes with the last array that is on it (in one ArrayBuffer: %s)',
    async (isWhole) => {
      let arrays: Float32Array[] = []
      const path = await (async () => {
        const { path, mapping } = await mapped(`collected-${isWhole}`, isWhole)
        arrays = [0, 8, 4096].map((at) => {
          const { buffer, byteOffset } = mapping.view(at, at + 64)
          return new Float32Array(buffer, byteOffset, 4)
        })
        return path
      })()
      expect(await settled(() => !isMapped(path), 5)).toBe(false)
      const sum = () => arrays.map((array) => array[0] as number)
      const expected = [0, 8, 4096].map((at) => new DataView(content.buffer).getFloat32(at, true))
      expect(sum()).toEqual(expected)
      arrays = arrays.slice(2)
      expect(await settled(() => !isMapped(path), 5)).toBe(false)
      expect(sum()).toEqual(expected.slice(2))
      arrays = []
      expect(await settled(() => !isMapped(path))).toBe(true)
    },
  )

  test('is not taken by pages that were never touched', { retry: 2 }, async () => {
    const path = join(root, 'large')
    const size = 2 ** 28
    const file = openSync(path, 'w+')
    ftruncateSync(file, size)
    const before = process.memoryUsage().rss
    const mapping = mapFile(file, size)
    closeSync(file)
    const view = mapping?.view(0, size) as Uint8Array
    expect(view[size - 1]).toBe(0)
    expect(process.memoryUsage().rss - before).toBeLessThan(size / 8)
  })
})
