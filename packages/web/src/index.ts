/**
 * `@typegrad/web`: ONNX Runtime as WebAssembly, for browsers and for Node where its own library cannot be loaded. It
 * knows `typegrad/engine` alone, and registers itself when it is imported.
 */
import { enginePriorities, registerEngine } from 'typegrad/engine'
import { createWebEngine } from './engine.ts'

registerEngine({
  name: 'web',
  devices: ['cpu'],
  priority: enginePriorities.web,
  create: createWebEngine,
})

export { createWebEngine } from './engine.ts'
