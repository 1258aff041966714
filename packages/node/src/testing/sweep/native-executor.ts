import { currentProcessor } from '../../kernels/kernels.ts'
import koffi from '../../ort/koffi.ts'
import type { Executor, Program, Region } from './executor.ts'

const pageBytes = 4096
/** Of each region: the largest operand of all cases fits in. */
const regionBytes = 1 << 24
const regionCount = 16
const codeBytes = 1 << 22
const protection = { none: 0, readWrite: 1 | 2, readExecute: 1 | 4 } as const
const privateAnonymous = 0x22

type NativeLoop = ReturnType<typeof koffi.decode> & {
  (pointers: bigint, task: number): void
  async(pointers: bigint, task: number, done: (error: Error | null) => void): void
}

/**
 * Runs code on this processor. Regions lie between pages without any access: whatever reads or writes beyond them ends
 * the process.
 */
export function nativeExecutor(): Executor {
  if (!currentProcessor().hasAvx2) throw new Error('sweep: this processor or system runs no kernels')
  const library = koffi.load('libc.so.6')
  const map = library.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t'])
  const protect = library.func('mprotect', 'int', ['void *', 'size_t', 'int'])
  const reserve = (bytes: number): bigint => map(0n, bytes, protection.readWrite, privateAnonymous, -1, 0)
  const setProtection = (address: bigint, bytes: number, how: number): void => {
    if (protect(address, bytes, how) !== 0) throw new Error('sweep: mprotect was refused')
  }

  const step = regionBytes + pageBytes
  const start = reserve(pageBytes + regionCount * step)
  const regions = Array.from({ length: regionCount }, (_, i): Region => {
    const address = start + BigInt(pageBytes + i * step)
    setProtection(address - BigInt(pageBytes), pageBytes, protection.none)
    return { address, bytes: new Uint8Array(koffi.view(address, regionBytes)) }
  })
  setProtection(start + BigInt(regionCount * step), pageBytes, protection.none)

  const codeAddress = reserve(codeBytes)
  const codeView = new Uint8Array(koffi.view(codeAddress, codeBytes))
  const prototype = koffi.proto('void loop(void *pointers, size_t task)')
  /** Functions by their place: each is made once. */
  const loops = new Map<number, NativeLoop>()
  let loop: NativeLoop | undefined
  const installed = (): NativeLoop => {
    if (loop === undefined) throw new Error('sweep: run before install')
    return loop
  }
  return {
    regions,
    install({ code, entry }: Program) {
      if (code.length > codeBytes) throw new Error(`sweep: code of ${code.length} bytes`)
      setProtection(codeAddress, codeBytes, protection.readWrite)
      codeView.set(code)
      setProtection(codeAddress, codeBytes, protection.readExecute)
      loop = loops.get(entry)
      if (loop !== undefined) return
      loop = koffi.decode(codeAddress + BigInt(entry), prototype) as NativeLoop
      loops.set(entry, loop)
    },
    run: (pointers, task) => installed()(pointers, task),
    runBeside: async (pointers, tasks) => {
      const fn = installed()
      await Promise.all(
        tasks.map(
          (task) =>
            new Promise<void>((resolve, reject) => {
              fn.async(pointers, task, (error: Error | null) => (error ? reject(error) : resolve()))
            }),
        ),
      )
    },
  }
}
