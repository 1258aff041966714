/**
 * `@typegrad/web`: ONNX Runtime as WebAssembly, for browsers and for Node where its own library cannot be loaded. It
 * knows `typegrad/engine` alone, and registers itself when it is imported.
 */
import { registerEngine } from 'typegrad/engine'
import { createWebEngine } from './engine.ts'

registerEngine({
  name: 'web',
  devices: ['cpu'],
  priority: 10,
  create: createWebEngine,
})

export { createWebEngine } from './engine.ts'
