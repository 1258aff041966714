import { ArgumentError, EngineError } from '../base/errors.ts'
import { checkOptions } from '../base/options.ts'
import { type BundledEngine, bundledEngines } from './bundled.ts'
import { type Device, type Engine, type EngineOptions, engineChecks } from './engine.ts'
import { type EngineProvider, providersOf } from './registry.ts'

let current: Engine | undefined
let pending: Promise<Engine> | undefined
/** The choice of the innermost `withEngine` that is under way. */
let chosen: Engine | undefined

/** The default engine, on which runs what no other was chosen for. Starts the best one for this platform if none was set. */
export async function defaultEngine(): Promise<Engine> {
  if (current !== undefined) return current
  pending ??= createEngine()
  try {
    const created = await pending
    // A setEngine that was called in the meantime wins: it is more specific.
    current ??= created
    return current
  } finally {
    pending = undefined
  }
}

/**
 * Makes an engine the default one: all that follows runs on it, unless another is chosen by `withEngine`, by the `engine`
 * of `compile` or by `model.to`. What another engine has computed is copied where it is needed.
 */
export function setEngine(engine: Engine): void {
  current = engine
}

/** The engine that a call would run on here: that of `withEngine`, else the default one; undefined before there is one. */
export const getEngine = (): Engine | undefined => chosen ?? current

/** The engine that `withEngine` has chosen; undefined outside of it. */
export const chosenEngine = (): Engine | undefined => chosen

/**
 * Chooses an engine for what `body` starts: values that it asks for (`data()`, `item()`, `evaluate()`, …) and compiled
 * functions that it calls, unless they have an engine of their own. What is started in `body` stays on that engine to its
 * end; other code is not concerned. Models choose theirs with `model.to(engine)`.
 *
 * @param body a plain function. It may return a promise, but may not be an async function: what stands there behind an
 * `await` would run on another engine.
 * @returns what `body` returns.
 * @throws ArgumentError for an async function.
 * @example
 * const second = await createEngine()
 * const [a, b] = await Promise.all([x.matmul(x).data(), withEngine(second, () => y.matmul(y).data())])
 */
export function withEngine<T>(engine: Engine, body: () => T): T {
  // TypeScript's own output for old targets hides what was async: the check catches what is recognised.
  if (body.constructor.name === 'AsyncFunction') {
    throw new ArgumentError({
      where: 'withEngine',
      expected: 'a plain function, which may return a promise',
      received: 'an async function, which goes on after this choice has ended',
      fix: 'Choose for each call: await withEngine(engine, () => x.data()).',
    })
  }
  const outer = chosen
  chosen = engine
  try {
    return body()
  } finally {
    chosen = outer
  }
}

/**
 * Starts an engine: of those that packages have registered the best, else ONNX Runtime's own library in Node, and
 * WebAssembly elsewhere, and in Node where the library cannot be loaded, which is said once.
 *
 * @throws EngineError if none can be started, or not on the device that was asked for.
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkOptions('createEngine', options, engineChecks)
  checkDevice(options.device)
  const { checked = false, device = 'cpu' } = options
  if (!checked) return startEngine(options)
  if (device !== 'cpu') {
    throw new ArgumentError({
      where: 'createEngine: checked',
      expected: "the device 'cpu', whose memory can be looked at",
      received: `'${device}'`,
    })
  }
  const { checkedEngine } = await import('./checked.ts')
  return checkedEngine(await startEngine(options))
}

const said = new Set<string>()

/**
 * The best registered engine that has the device and starts. Packages of the library itself are imported one by one, as
 * far as they are needed; what was passed over, and why, is said once.
 */
async function startEngine(options: EngineOptions): Promise<Engine> {
  const { device = 'cpu' } = options
  const passedOver: { readonly name: string; readonly cause: unknown }[] = []
  const tried = new Set<string>()
  const toLoad = new Map(bundledEngines().map((bundled) => [bundled.name, bundled]))
  for (;;) {
    const candidates = [...providersOf(device), ...toLoad.values()].filter(({ name }) => !tried.has(name))
    const best = candidates.reduce<EngineProvider | BundledEngine | undefined>(
      (a, b) => (a === undefined || b.priority > a.priority ? b : a),
      undefined,
    )
    if (best === undefined) throw noEngine(device, passedOver)
    try {
      if ('load' in best) {
        toLoad.delete(best.name)
        await best.load()
        continue
      }
      tried.add(best.name)
      const engine = await best.create(options)
      for (const { name, cause } of passedOver) sayOnce(name, best.name, cause)
      return engine
    } catch (cause) {
      // Options that are wrong are wrong for every engine.
      if (cause instanceof ArgumentError) throw cause
      passedOver.push({ name: best.name, cause })
    }
  }
}

function sayOnce(passedOver: string, used: string, cause: unknown): void {
  if (said.has(passedOver)) return
  said.add(passedOver)
  const reason = cause instanceof Error ? cause.message : String(cause)
  console.warn(
    passedOver === 'node' && used === 'web'
      ? `typegrad: the native engine is not available, WebAssembly is used; it is slower. (${reason})`
      : `typegrad: the engine '${passedOver}' is not available, '${used}' is used. (${reason})`,
  )
}

/** The first reason is the one to know: the best engine's. */
function noEngine(device: Device, passedOver: readonly { readonly cause: unknown }[]): unknown {
  const [first] = passedOver
  if (first !== undefined) return first.cause
  return new EngineError({
    where: 'createEngine',
    expected: `an engine for the device '${device}'`,
    received: 'none that is registered here',
    fix: "Import a package that brings one, or leave the device out for 'cpu'.",
  })
}

/** @throws EngineError for a device that no engine has, saying what becomes of it. */
function checkDevice(device: string | undefined): void {
  if (device === undefined || device === 'cpu' || device === 'webgpu') return
  throw new EngineError({
    where: 'createEngine: device',
    expected: "'cpu' or 'webgpu'",
    received: `'${device}'`,
    fix: /cuda|gpu|nvidia|metal|mps|rocm/i.test(device)
      ? `${device} itself is not supported: 'webgpu' runs on the graphics card of any maker, where the runtime has it; 'cpu' runs everywhere.`
      : "Leave it out for 'cpu'.",
  })
}
