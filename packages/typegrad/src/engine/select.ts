import { ArgumentError, EngineError } from '../base/errors.ts'
import { checkOptions } from '../base/options.ts'
import { type Engine, type EngineOptions, engineChecks } from './engine.ts'

let current: Engine | undefined
let pending: Promise<Engine> | undefined

/** The engine in use. Starts the best one for this platform if none was set. */
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

/** Makes all that follows run on this engine. Storages of another engine cannot be used with it. */
export function setEngine(engine: Engine): void {
  current = engine
}

/** The engine in use; undefined before the first one was started or set. */
export function getEngine(): Engine | undefined {
  return current
}

let warned = false

/**
 * Starts an engine: ONNX Runtime's own library in Node, WebAssembly elsewhere, and in Node where the
 * library cannot be loaded, which is said once.
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

async function startEngine(options: EngineOptions): Promise<Engine> {
  const createWebEngine = async () => (await import('../../../web/src/engine.ts')).createWebEngine(options)
  if (typeof globalThis.process?.versions?.node !== 'string') return createWebEngine()
  try {
    const { createNodeEngine } = await import('../../../node/src/engine.ts')
    return await createNodeEngine(options)
  } catch (cause) {
    // WebAssembly could not give another device either; the first reason is the one to know.
    if (cause instanceof ArgumentError || (options.device ?? 'cpu') !== 'cpu') throw cause
    const engine = await createWebEngine()
    if (!warned) {
      warned = true
      const reason = cause instanceof Error ? cause.message : String(cause)
      console.warn(
        `typegrad: the native engine is not available, WebAssembly is used; it is slower. (${reason})`,
      )
    }
    return engine
  }
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
