/** Both engines, for tests of folders that know nothing of engines. */

export { createWebEngine } from '../../../web/src/engine.ts'
export type { Engine } from '../engine/engine.ts'
