import { enginePriorities } from './registry.ts'

/** The engines that are installed with the library, loaded when the first engine is started. */
export interface BundledEngine {
  readonly name: string
  readonly priority: number
  /** Imports the package, which registers its engine. */
  load(): Promise<unknown>
}

const web: BundledEngine = {
  name: 'web',
  priority: enginePriorities.web,
  load: () => import('@typegrad/web'),
}
const node: BundledEngine = {
  name: 'node',
  priority: enginePriorities.node,
  load: () => import('@typegrad/node'),
}

const isNode = (): boolean => typeof globalThis.process?.versions?.node === 'string'

/** Those for this platform. */
export const bundledEngines = (): readonly BundledEngine[] => (isNode() ? [node, web] : [web])
