import { expect, test } from 'vitest'
import { sealed, unsealed } from './sealed-json.ts'

const config = { rate: 0.5, '1': 'one', list: [1, null, { a: -0 }] }
const text = JSON.stringify(sealed(config), null, 2)

test('what was sealed comes back, however it is spaced', () => {
  // The checksum of the text '{"1":"one","rate":0.5,"list":[1,null,{"a":0}]}', by zlib.
  expect(sealed(config).crc32).toBe('27ea1742')
  expect(unsealed(JSON.parse(text), 'a.json')).toEqual({ ...config, list: [1, null, { a: 0 }] })
  expect(unsealed({ rate: 0.5 }, 'a.json')).toEqual({ rate: 0.5 })
})

test('a single digit that is another is noticed', () => {
  expect(() => unsealed(JSON.parse(text.replace('0.5', '0.4')), 'a.json')).toThrow(
    /^a\.json: expected the checksum "27ea1742", as when it was saved, received "/,
  )
})
