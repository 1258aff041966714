/** A file's bytes, part by part: in memory, mapped, or read when they are asked for. */
export interface ByteSource {
  /** What errors call it. */
  readonly name: string
  /** Bytes of the whole. */
  readonly size: number
  /** Those from `begin` to `end`; a view where there is memory already. */
  bytes(begin: number, end: number): Promise<Uint8Array>
  /**
   * A copy of them that leaves no trace in memory: of a mapped file, pages that are touched stay. Default `bytes`.
   *
   * @param into memory for the copy, whose beginning it becomes; its own where there is none.
   */
  read?(begin: number, end: number, into?: Uint8Array): Promise<Uint8Array>
}

/** Bytes that are in memory. */
export const memorySource = (bytes: Uint8Array, name: string): ByteSource => ({
  name,
  size: bytes.length,
  bytes: async (begin, end) => bytes.subarray(begin, end),
})
