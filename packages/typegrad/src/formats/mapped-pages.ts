import { letMemoryGo } from '../engine/file-mapping.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Gives the memory of a tensor whose elements are a mapped file's back to the system: it is read from the file again when
 * somebody looks. For weights that have been put into another form, which otherwise stay in memory for as long as anything of
 * their file is used. Nothing happens to other tensors.
 *
 * @example
 * const exact = weight.value
 * weight.assign(exact.mul(2))
 * await weight.value.evaluate()
 * letPagesGo(exact)
 */
export function letPagesGo({ node }: Tensor): void {
  if (node.kind !== 'data') return
  const { host } = node.params.source
  if (host !== null) letMemoryGo(host)
}
