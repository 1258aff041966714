/** Both engines, for tests of folders that know nothing of engines. */

export { createWebEngine } from '@typegrad/web'
export type { Engine } from '../engine/engine.ts'
