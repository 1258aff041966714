import { ArgumentError } from 'typegrad/core'
import { ia3 } from '../adapters/ia3-config.ts'
import { lora } from '../adapters/lora-config.ts'
import { adapterMethod, type TuningConfig } from '../adapters/method.ts'
import { prefixTuning, promptTuning } from '../adapters/prompt-config.ts'
import { frozen, full, type Method, type MethodChoice, type MethodName } from './method.ts'
import { qlora } from './qlora.ts'

const named: Readonly<Record<MethodName, () => Method>> = {
  full: () => full,
  frozen: () => frozen,
  lora: () => adapterMethod(lora()),
  qlora: () => qlora(),
  ia3: () => adapterMethod(ia3()),
  promptTuning: () => adapterMethod(promptTuning()),
  prefixTuning: () => adapterMethod(prefixTuning()),
}

const kinds: readonly TuningConfig['kind'][] = ['lora', 'ia3', 'prompt', 'prefix']

/** @throws ArgumentError for what is no method. */
export function methodOf(method: MethodChoice): Method {
  if (typeof method === 'string' && Object.hasOwn(named, method)) return named[method]()
  if (typeof method === 'object' && method !== null) {
    if ('prepare' in method && typeof method.prepare === 'function') return method
    if ('kind' in method && kinds.includes(method.kind)) return adapterMethod(method)
  }
  const names = Object.keys(named).map((name) => `'${name}'`)
  throw new ArgumentError({
    where: 'finetune: method',
    expected: `${names.join(', ')}, what lora({ … }) and its like make, or a method such as adapted({ … })`,
    received: JSON.stringify(method) ?? String(method),
  })
}
