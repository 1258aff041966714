import type { Device, Engine, EngineOptions } from './engine.ts'

/** The priorities of the library's own engines. Those of other packages take their place before, between or behind them. */
export const enginePriorities = { node: 100, web: 10 } as const

/** What the package of an engine registers. */
export interface EngineProvider {
  /** What the engine calls itself. */
  readonly name: string
  readonly devices: readonly Device[]
  /** Of several that have the device, the highest is started; {@link enginePriorities} has those of the library's own. */
  readonly priority: number
  /** @throws EngineError if it cannot be started here. */
  create(options: EngineOptions): Promise<Engine>
}

const providers = new Map<string, EngineProvider>()

/**
 * Makes an engine known to `createEngine`. The package of an engine calls it when it is imported; a later one of the same
 * name takes the place of an earlier one.
 *
 * @example
 * registerEngine({ name: 'mine', devices: ['cpu'], priority: 200, create: createMyEngine })
 */
export function registerEngine(provider: EngineProvider): void {
  providers.set(provider.name, provider)
}

/** The engines that have a device, the best first. */
export const providersOf = (device: Device): readonly EngineProvider[] =>
  [...providers.values()]
    .filter(({ devices }) => devices.includes(device))
    .sort((a, b) => b.priority - a.priority)
