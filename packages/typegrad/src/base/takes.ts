import { ArgumentError } from './errors.ts'
import { checkOptions, type OptionChecks } from './options.ts'

/** A class whose constructor takes options first. */
type Class<T> = new (options: T, ...rest: never[]) => object

/**
 * A decorator for classes of the library that are made from options: refuses what the table refuses, before the
 * constructor sees it, and answers a call without `new` with a sentence.
 *
 * Classes that extend the decorated one have their own options, so nothing is checked for them; each class of the
 * library has a decorator of its own.
 *
 * @example
 * ⁠@takes(denseChecks)
 * export class Dense extends Layer { … }
 */
export const takes =
  <T>(checks: OptionChecks<T>) =>
  <C extends Class<T>>(original: C, _context: ClassDecoratorContext): C => {
    const { name } = original
    // A function and not a proxy: `instanceof`, which is asked a lot, stays as fast as with the class itself.
    function Checked(...args: unknown[]): object {
      if (new.target === undefined) {
        throw new ArgumentError({
          where: name,
          expected: 'the class to be used with new',
          received: 'a call without it',
          fix: `Write new ${name}(…), or call the function of that name which begins in lower case, as layers.dense(…) for layers.Dense.`,
        })
      }
      if (new.target === Checked) checkOptions(name, args[0], checks)
      return Reflect.construct(original, args, new.target)
    }
    Object.defineProperty(Checked, 'name', { value: name })
    Object.setPrototypeOf(Checked, original)
    Object.defineProperty(Checked, 'prototype', { value: original.prototype, writable: false })
    Object.defineProperty(original.prototype, 'constructor', {
      value: Checked,
      writable: true,
      configurable: true,
    })
    return Checked as unknown as C
  }
