/**
 * `@typegrad/node`: ONNX Runtime's own library, called through its C API (`ort/`), with fused work as machine code
 * (`assembler/`, `kernels/`). It knows `typegrad/engine` alone, and registers itself when it is imported.
 */
import { enginePriorities, registerEngine } from 'typegrad/engine'
import { createNodeEngine } from './engine.ts'

registerEngine({
  name: 'node',
  language: 'onnx',
  devices: ['cpu', 'webgpu'],
  priority: enginePriorities.node,
  create: createNodeEngine,
})

export { createNodeEngine } from './engine.ts'
export { kernelLimits } from './kernels/kernels.ts'
