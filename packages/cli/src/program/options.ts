import { same, type Text } from '../language/text.ts'
import type { OptionDefinition } from './definition.ts'
import { UsageFailure } from './failure.ts'

interface Shape {
  readonly help: Text
  readonly short?: string
}

/** An option that nothing stands behind. */
export const flag = (shape: Shape): OptionDefinition<boolean> => shape

/** A text: a column, a path. */
export const text = (shown: string, shape: Shape): OptionDefinition<string> => ({
  ...shape,
  shown,
  parse: (given) => given,
})

/** Texts: given again and again, or with commas between them. */
export const list = (shown: string, shape: Shape): OptionDefinition<readonly string[]> => ({
  ...shape,
  shown,
  parse: (given, _, before = []) => [...before, ...given.split(',').filter((each) => each !== '')],
})

/** One of a few. */
export const oneOf = <const T extends string>(
  choices: readonly T[],
  shown: string,
  shape: Shape,
): OptionDefinition<T> => ({
  ...shape,
  shown,
  choices,
  parse: (given, flag) => {
    const found = choices.find((choice) => choice === given)
    if (found === undefined) throw notAmong(flag, choices, given)
    return found
  },
})

/** Some of a few. */
export const someOf = <const T extends string>(
  choices: readonly T[],
  shown: string,
  shape: Shape,
): OptionDefinition<readonly T[]> => ({
  ...shape,
  shown,
  choices,
  parse: (given, flag, before = []) => [
    ...before,
    ...given.split(',').map((each) => {
      const found = choices.find((choice) => choice === each.trim())
      if (found === undefined) throw notAmong(flag, choices, each)
      return found
    }),
  ],
})

export const notAmong = (where: string, choices: readonly string[], received: string): UsageFailure =>
  new UsageFailure({
    where,
    expected: { en: `one of ${choices.join(', ')}`, zh: `${choices.join('、')} 之一` },
    received: same(`'${received}'`),
  })

interface Range {
  readonly expected: Text
  readonly accepts: (value: number) => boolean
}

const positive: Range = {
  expected: { en: 'a number above 0', zh: '大于 0 的数' },
  accepts: (value) => value > 0,
}
const share: Range = {
  expected: { en: 'a share above 0 and below 1', zh: '大于 0 且小于 1 的比例' },
  accepts: (value) => value > 0 && value < 1,
}
const whole = (least: number): Range => ({
  expected: { en: `a whole number of at least ${least}`, zh: `不小于 ${least} 的整数` },
  accepts: (value) => Number.isSafeInteger(value) && value >= least,
})
export const ranges = { positive, share, whole } as const

const numberOf = (given: string, flag: string, { expected, accepts }: Range): number => {
  const value = given.trim() === '' ? Number.NaN : Number(given)
  if (Number.isFinite(value) && accepts(value)) return value
  throw new UsageFailure({ where: flag, expected, received: same(`'${given}'`) })
}

export const number = (shown: string, range: Range, shape: Shape): OptionDefinition<number> => ({
  ...shape,
  shown,
  parse: (given, flag) => numberOf(given, flag, range),
})

/** Numbers with commas between them. */
export const numbers = (shown: string, range: Range, shape: Shape): OptionDefinition<readonly number[]> => ({
  ...shape,
  shown,
  parse: (given, flag) => given.split(',').map((each) => numberOf(each, flag, range)),
})

/** Of commands that write a file. */
export const force = flag({
  short: 'f',
  help: { en: 'Replace an output that exists.', zh: '覆盖已存在的输出。' },
})

/** Of commands that train models. */
export const budget = number('SECONDS', ranges.positive, {
  short: 'b',
  help: {
    en: 'After these, no further model is begun. Default 60.',
    zh: '超过此秒数后不再开始新的模型。默认 60。',
  },
})

/** Of commands that train models. */
export const seed = number('NUMBER', ranges.whole(0), {
  help: { en: 'Of all that is by chance. Default 0.', zh: '随机种子。默认 0。' },
})
