import { availableParallelism } from 'node:os'
import {
  EngineError,
  type Kernel,
  type KernelSupport,
  kernelDomain,
  noKernels,
  type Work,
} from 'typegrad/engine'
import type { Pointer } from '../ort/library.ts'
import { check, cString, outPointer, type Runtime } from '../ort/runtime.ts'
import { checkKernel } from './bounds.ts'
import { installCode, reserveCode } from './code-memory.ts'
import { assembleCustomOp } from './custom-op.ts'
import { type Processor, readProcessor } from './processor.ts'
import { supportOf } from './supports.ts'

let known: Processor | undefined

/** What the processor can do on which this runs. */
export function currentProcessor(): Processor {
  known ??= readProcessor()
  return known
}

/**
 * The kernels of this processor; none where they cannot be machine code: they are on Linux, on x86-64 with AVX2.
 *
 * @param threads of the engine's pool, 0 for all cores. Default 0.
 */
export function processorSupport(threads = 0): KernelSupport {
  const { hasAvx2, hasAvx512 } = currentProcessor()
  if (!hasAvx2) return noKernels
  return supportOf({ threads: threads === 0 ? availableParallelism() : threads, hasAvx512 })
}

/** Structs of operators by what they do and are called: machine code is never freed, so none is made twice. */
const structs = new Map<string, Pointer>()

/**
 * Session options under which models find these kernels as operators, and what they hold on to.
 *
 * @param kernels by the name of their operator.
 */
export function* withKernels(
  { api }: Runtime,
  options: Pointer,
  kernels: ReadonlyMap<string, Kernel>,
): Work<{ readonly options: Pointer; readonly domain: Pointer }> {
  const keys: string[] = []
  const ops: { readonly key: string; readonly op: ReturnType<typeof assembleCustomOp> }[] = []
  for (const [name, kernel] of kernels) {
    const key = `${name} ${JSON.stringify(kernel)}`
    keys.push(key)
    if (structs.has(key)) continue
    checkKernel(name, kernel)
    if ('tile' in kernel && kernel.tile === 'wide' && !currentProcessor().hasAvx512)
      throw new EngineError({
        where: `load: kernel '${name}' (${kernel.kind})`,
        expected: 'tiles of AVX2, since this processor has no AVX-512',
        received: `tile: '${kernel.tile}'`,
      })
    ops.push({ key, op: assembleCustomOp(name, kernel, api.addresses) })
    yield
  }
  const aligned = (length: number) => Math.ceil(length / 64) * 64
  const bytes = ops.reduce((sum, { op }) => sum + aligned(op.code.length), 0)
  if (bytes > 0) {
    const address = reserveCode(bytes)
    if (address === null) throw new EngineError('kernels: the system gives no memory for code')
    const image = new Uint8Array(bytes)
    const made: [key: string, struct: Pointer][] = []
    let offset = 0
    for (const { key, op } of ops) {
      const { bytes: code, struct } = op.finish(address + BigInt(offset))
      image.set(code, offset)
      offset += aligned(code.length)
      made.push([key, struct])
      yield
    }
    if (!installCode(address, image))
      throw new EngineError('kernels: the system does not let memory become code')
    for (const [key, struct] of made) structs.set(key, struct)
  }
  const domain = outPointer((out) =>
    check(api, 'kernels', api.createCustomOpDomain(cString(kernelDomain), out)),
  )
  for (const key of keys) check(api, 'kernels', api.addCustomOp(domain, structs.get(key) as Pointer))
  const own = outPointer((out) => check(api, 'kernels', api.cloneSessionOptions(options, out)))
  check(api, 'kernels', api.addCustomOpDomain(own, domain))
  return { options: own, domain }
}
