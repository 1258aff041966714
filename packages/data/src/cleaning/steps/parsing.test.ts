import { expect, test } from 'vitest'
import { cleaning } from '../cleaning.ts'
import { recipe } from '../recipe.ts'
import { dateReader } from './date-pattern.ts'
import { numberReader, type ParseNumbersOptions } from './parse-numbers.ts'

const nothing = undefined

test.each<[ParseNumbersOptions, Record<string, number | undefined>]>([
  [
    { format: 'en' },
    {
      '$1,234.50': 1234.5,
      '-$1,234': -1234,
      '$-7': -7,
      '−5': -5,
      ' 12 % ': 0.12,
      '12.5%': 0.125,
      '(300)': -300,
      '($1,000.25)': -1000.25,
      '1,000,000': 1e6,
      '1234567.8': 1234567.8,
      '.5': 0.5,
      '1e-3': 0.001,
      'USD 20': 20,
      '20 kr': 20,
      '+3': 3,
      // Groups that are none, of another way of writing, and what is no number.
      '1,23': nothing,
      '1234,567': nothing,
      '1.234,50': nothing,
      '1,234,56': nothing,
      '1.2.3': nothing,
      '': nothing,
      '%': nothing,
      $: nothing,
      '-': nothing,
      '()': nothing,
      '(-3)': nothing,
      '0x10': nothing,
      '12 %%': nothing,
      '12abc': nothing,
      Infinity: nothing,
      '1e999': nothing,
      '--3': nothing,
      '3-': nothing,
    },
  ],
  [
    { format: 'de' },
    {
      '1.234,50 €': 1234.5,
      '1.234': 1234,
      '12,5 %': 0.125,
      '1,234.50': nothing,
      '1.23': nothing,
      '-0,5': -0.5,
    },
  ],
  [
    { format: 'fr' },
    { '1 234,5': 1234.5, '1\u202f234\u202f567': 1234567, '1 234\u202f567': nothing, '1.5': nothing },
  ],
  [{ format: 'ch' }, { 'CHF 1’234.50': 1234.5, "1'234": 1234 }],
  [
    { format: 'plain', percent: 'number', accounting: false },
    { '12 %': 12, '(3)': nothing, '1,000': nothing, '1000': 1000 },
  ],
  [
    { format: { decimal: ',', groups: ['_'] }, units: ['kg'] },
    { '1_000,5 kg': 1000.5, $1: nothing },
  ],
])('%j', (options, cases) => {
  const read = numberReader(options)
  for (const [text, number] of Object.entries(cases)) expect(read(text), text).toBe(number)
})

test.each<[string, Record<string, string | undefined>]>([
  [
    'iso',
    {
      '2024-02-29': '2024-02-29T00:00:00.000Z',
      '2024-02-29T12:30': '2024-02-29T12:30:00.000Z',
      '2024-02-29 12:30:15.25+01:30': '2024-02-29T11:00:15.250Z',
      '2024-01-01T00:00:00-0500': '2024-01-01T05:00:00.000Z',
      '0099-03-01': '0099-03-01T00:00:00.000Z',
      '2023-02-29': nothing,
      '2023-13-01': nothing,
      '2023-00-01': nothing,
      '2023-04-31': nothing,
      '2023-01-01T24:00': nothing,
      '2023-01-01T10:60': nothing,
      '23-01-01': nothing,
      yesterday: nothing,
    },
  ],
  ['dd.MM.yyyy', { '29.11.2026': '2026-11-29T00:00:00.000Z', '1.2.2026': nothing, '2026-11-29': nothing }],
  [
    'M/d/yyyy h:mm a',
    {
      '2/1/2026 12:05 AM': '2026-02-01T00:05:00.000Z',
      '2/1/2026 1:05 pm': '2026-02-01T13:05:00.000Z',
      '2/1/2026 13:05 pm': nothing,
    },
  ],
  ['d MMM yyyy', { '5 Mar 2021': '2021-03-05T00:00:00.000Z', '5 Xyz 2021': nothing }],
])('dates as %s', (pattern, cases) => {
  const read = dateReader(pattern, 'test')
  for (const [text, date] of Object.entries(cases)) {
    const time = read(text)
    expect(time === undefined ? undefined : new Date(time).toISOString(), text).toBe(date)
  }
})

test('patterns that say too little, or twice', () => {
  for (const pattern of ['MM-dd', 'yyyy-MM-MM', 'yyyy h', 'yyyy HH:mm a', 'yyyy M MMM'])
    expect(() => cleaning.parseDates('at', { pattern }), pattern).toThrow(
      "expected 'iso', or a pattern with yyyy",
    )
})

test('cells become missing, alike, and of another type', async () => {
  const cells = recipe([
    cleaning.markMissing('age', { values: [-999], infinite: true }),
    cleaning.markMissing('city', { values: ['?'], blank: true }),
    cleaning.cleanText('city', { case: 'lower', replace: { nyc: 'new york' } }),
    cleaning.coerce('code', { to: 'text' }),
    cleaning.coerce('flag', { to: 'boolean', invalid: 'missing' }),
    cleaning.rename({ code: 'postcode' }),
    cleaning.dropConstant(),
    cleaning.dropSparse(undefined, { missing: 0.7 }),
    cleaning.groupRare('city', { minFrequency: 2 }),
    cleaning.textCounts('city', { counts: ['words', 'characters'] }),
  ])
  const { fitted, frame } = await cells.fitTransform([
    { age: -999, city: ' New  York ', code: 1, flag: 'Yes', same: 1, few: null },
    { age: 3, city: 'NYC', code: 2, flag: 'no', same: 1, few: null },
    { age: -Infinity, city: '?', code: 3, flag: 'maybe', same: 1, few: null },
    { age: 5, city: 'Ro\u0301me', code: 4, flag: true, same: 1, few: 'x' },
  ])
  expect(frame.toRows()).toEqual([
    { age: null, city: 'new york', postcode: '1', flag: true, city_words: 2, city_characters: 8 },
    { age: 3, city: 'new york', postcode: '2', flag: false, city_words: 2, city_characters: 8 },
    { age: null, city: null, postcode: '3', flag: null, city_words: null, city_characters: null },
    { age: 5, city: 'other', postcode: '4', flag: true, city_words: 1, city_characters: 5 },
  ])
  expect(fitted.learned[6]?.learned).toEqual(['same'])
  expect(fitted.learned[7]?.learned).toEqual(['few'])
})
