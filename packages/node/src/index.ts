/**
 * `@typegrad/node`: ONNX Runtime's own library, called through its C API (`ort/`), with fused work as machine code
 * (`assembler/`, `kernels/`), and files as memory (`mapping.ts`). It knows `typegrad/engine` alone, and registers itself
 * when it is imported.
 */
import { enginePriorities, registerEngine, registerFileMapper } from 'typegrad/engine'
import { createNodeEngine } from './engine.ts'
import { letMemoryGo, mapFile } from './mapping.ts'

registerEngine({
  name: 'node',
  devices: ['cpu', 'webgpu'],
  priority: enginePriorities.node,
  create: createNodeEngine,
})
registerFileMapper(mapFile, letMemoryGo)

export { createNodeEngine } from './engine.ts'
export { processorSupport } from './kernels/kernels.ts'
export type { Cores } from './kernels/supports/rule.ts'
export { supportOf } from './kernels/supports.ts'
