import type { Engine } from '../engine/engine.ts'
import type { Node } from '../graph/node.ts'
import { kernelDomain } from '../kernel/kernel.ts'
import type { KernelSupport } from '../kernel/support.ts'
import { lowerWithKernels } from '../lowering/lower.ts'
import { encodeModel } from '../onnx/encode.ts'
import { leavesOf } from '../transforms/program.ts'

/** Lowers a graph and runs it, without anything in between. */
export async function valuesOn(
  engine: Engine,
  outputs: readonly Node[],
  kernelSupport?: KernelSupport,
): Promise<Float32Array[]> {
  const leaves = leavesOf(outputs)
  const { model, kernels } = lowerWithKernels({ inputs: leaves, outputs, kernelSupport })
  const executable = await engine.load(encodeModel(model), { kernels })
  const storages = outputs.map(({ dtype, shape }) => engine.allocate(dtype, shape))
  await executable.run(
    leaves.map((leaf) => {
      if (leaf.kind !== 'data' || leaf.params.source.host === null)
        throw new Error('expected a leaf with elements')
      return engine.upload(leaf.params.source.host, leaf.dtype, leaf.shape)
    }),
    storages,
  )
  const values = await Promise.all(storages.map((storage) => engine.read(storage)))
  executable.dispose()
  return values as Float32Array[]
}

/** The operators that a graph becomes, each kernel being called one. */
export function operatorsOf(outputs: readonly Node[], kernelSupport?: KernelSupport): string[] {
  const { model } = lowerWithKernels({ inputs: leavesOf(outputs), outputs, kernelSupport })
  return model.graph.nodes.map(({ op, domain }) => (domain === kernelDomain ? 'kernel' : op))
}
