import koffi from './koffi.ts'

interface Trim {
  async(keptAtTop: number, callback: () => void): void
}

let trim: Trim | undefined | null = null

/**
 * Gives memory that was freed back to the system, beside the event loop: glibc keeps blocks below its threshold of up to
 * 32 MB when something behind them is in use. Other libraries for C have no such function, and give it back themselves.
 */
export function returnFreedMemory(): void {
  if (trim === null) {
    try {
      trim = koffi.load(null).func('malloc_trim', 'int', ['size_t']) as unknown as Trim
    } catch {
      trim = undefined
    }
  }
  trim?.async(0, () => {})
}
