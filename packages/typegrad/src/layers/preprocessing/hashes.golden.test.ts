import { expect, test } from 'vitest'
import { tensor } from '../../index.ts'
import { readGolden } from '../../testing/golden.ts'
import { farmFingerprint } from './farm-hash.ts'
import { hashBucket } from './hash-options.ts'
import { utf8 } from './host-values.ts'
import { IndexRows } from './index-list.ts'
import { add, bigintOf, multiply, registers, remainder, rotate, setBigint } from './words64.ts'

interface Buckets {
  readonly buckets: number
  readonly key?: readonly [number, number]
  readonly found: readonly number[]
}
const golden = readGolden<{
  readonly others: readonly string[]
  readonly fingerprints: readonly string[]
  readonly fast: readonly Buckets[]
  readonly strong: readonly Buckets[]
}>('hashes.json')

const texts = [
  ...Array.from({ length: 201 }, (_, n) =>
    String.fromCharCode(...Array.from({ length: n }, (_, i) => 33 + ((7 * i + n * n) % 90))),
  ),
  ...golden.others,
]
const { hash, x, y } = registers('hash', 'x', 'y')

test('fingerprints are those of TensorFlow, at every length', () => {
  const found = texts.map((text) => {
    const bytes = utf8(text)
    farmFingerprint(hash, bytes, bytes.length)
    return bigintOf(hash).toString(16).padStart(16, '0')
  })
  expect(found).toEqual(golden.fingerprints)
})

test.each([...golden.fast, ...golden.strong])(
  'buckets are those of TensorFlow: $buckets by $key',
  ({ buckets, key, found }) => {
    expect(texts.map((text) => hashBucket(text, buckets, key))).toEqual(found)
  },
)

test('words of 64 bits calculate as BigInts do', () => {
  const wrap = (value: bigint): bigint => BigInt.asUintN(64, value)
  const words = [0n, 1n, 0xffffn, 0x1_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x8000_0000_8000_0000n, wrap(-1n)]
  for (let i = 0; i < 40; i++)
    words.push(wrap((words.at(-1) as bigint) * 6364136223846793005n + 1442695040888963407n))
  for (const [i, a] of words.entries()) {
    for (const b of words) {
      setBigint(x, a)
      setBigint(y, b)
      multiply(hash, x, y)
      expect(bigintOf(hash)).toBe(wrap(a * b))
      add(hash, x, y)
      expect(bigintOf(hash)).toBe(wrap(a + b))
    }
    const by = 1 + (i % 31) + (i % 2) * 32
    setBigint(x, a)
    rotate(y, x, by)
    expect(bigintOf(y)).toBe(wrap((a >> BigInt(by)) | (a << BigInt(64 - by))))
    for (const divisor of [1, 3, 2 ** 31 - 1, 2 ** 37, 2 ** 37 + 1, 2 ** 53 - 1])
      expect(remainder(x, divisor)).toBe(Number(a % BigInt(divisor)))
  }
})

test('rows of indices hold whole numbers of 53 bits', async () => {
  const numbers = [0, -1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 31) - 1]
  const rows = new IndexRows(numbers.length)
  rows.set(numbers, 0)
  expect(await rows.tensor([numbers.length]).toArray()).toEqual(await tensor(numbers.map(BigInt)).toArray())
})
