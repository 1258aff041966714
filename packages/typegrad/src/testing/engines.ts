/** Both engines, for tests of folders that know nothing of engines. */
export type { Engine } from '../engine/engine.ts'
export { createWebEngine } from '../engine/web/engine.ts'
