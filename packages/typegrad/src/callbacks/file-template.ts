import { canonicalName } from '../base/registry.ts'
import type { Logs } from './callback.ts'

const field = /\{([A-Za-z_][\w-]*)(?::(0?)(\d*)(?:\.(\d+))?([dfeg]?))?\}/g

/** The names in a template, `['epoch', 'val_loss']` for `'{epoch:02d}-{val_loss:.2f}'`. */
export const templateNames = (template: string): string[] =>
  [...template.matchAll(field)].map((match) => match[1] as string)

/**
 * A file's name from a template as Python's `str.format` has it, as far as Keras's checkpoints use it: a name,
 * and perhaps a width (filled with zeros), digits after the point, and `d`, `f`, `e` or `g`.
 *
 * @throws UnknownNameError for a name that has no value.
 * @example
 * fillTemplate('weights.{epoch:02d}-{val_loss:.2f}', { epoch: 3, val_loss: 0.256 }) // 'weights.03-0.26'
 */
export function fillTemplate(template: string, values: Logs): string {
  return template.replace(field, (_, name: string, zero = '', width = '', digits?: string, type = '') => {
    const value = values[canonicalName('modelCheckpoint: filepath', name, values)] as number
    return formatted(value, digits === undefined ? undefined : Number(digits), type).padStart(
      Number(width),
      zero === '' ? ' ' : '0',
    )
  })
}

function formatted(value: number, digits: number | undefined, type: string): string {
  if (type === 'f') return value.toFixed(digits ?? 6)
  if (type === 'e') return value.toExponential(digits ?? 6)
  if (type === 'd') return String(Math.trunc(value))
  return digits === undefined ? String(value) : String(Number(value.toPrecision(Math.max(1, digits))))
}
