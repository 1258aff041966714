/**
 * `@typegrad/node`: ONNX Runtime's own library, called through its C API (`ort/`), with fused work as machine code
 * (`assembler/`, `kernels/`), and files as memory (`mapping.ts`). It knows `typegrad/engine` alone, and registers itself
 * when it is imported.
 */
import { registerEngine, registerFileMapper } from 'typegrad/engine'
import { createNodeEngine } from './engine.ts'
import { mapFile } from './mapping.ts'

registerEngine({
  name: 'node',
  language: 'onnx',
  devices: ['cpu', 'webgpu'],
  priority: 100,
  create: createNodeEngine,
})
registerFileMapper(mapFile)

export { createNodeEngine } from './engine.ts'
export { kernelLimits } from './kernels/kernels.ts'
