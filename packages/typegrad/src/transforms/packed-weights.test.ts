import { expect, test } from 'vitest'
import { createEngine } from '../index.ts'
import { bytesOfPieces, type PackedForm, type PackedPiece, PackedWeights } from './packed-weights.ts'

/** A form that notes that it was let go, as a real one does. */
function form(weights: PackedWeights, ...pieces: PackedPiece[]) {
  const made = {
    pieces,
    isGone: false,
    letGo: () => {
      made.isGone = true
      weights.remove(made)
    },
  }
  return made satisfies PackedForm
}
const piece = (key: string | object, bytes: number): PackedPiece => ({ key, bytes })

test('what forms share counts once, and goes with the last of them', () => {
  const weights = new PackedWeights(100)
  const [a, b] = [form(weights, piece('w', 40), piece({}, 5)), form(weights, piece('w', 40), piece({}, 5))]
  weights.use(a)
  expect(weights.bytes).toBe(45)
  weights.use(b)
  weights.use(a)
  expect(weights.bytes).toBe(50)
  weights.remove(a)
  weights.remove(a)
  expect(weights.bytes).toBe(45)
  weights.remove(b)
  expect(weights.bytes).toBe(0)
  expect(bytesOfPieces([piece('w', 40), piece('w', 40), piece('v', 2)])).toBe(42)
})

test('those go that were used longest ago, as many as need be, never the one that serves', () => {
  const weights = new PackedWeights(100)
  const forms = [30, 30, 30].map((bytes) => form(weights, piece({}, bytes)))
  for (const one of forms) weights.use(one)
  weights.use(forms[0] as PackedForm)
  weights.use(form(weights, piece({}, 60)))
  expect(forms.map(({ isGone }) => isGone)).toEqual([false, true, true])
  expect(weights.bytes).toBe(90)
  const last = form(weights, piece({}, 200))
  weights.use(last)
  expect(last.isGone).toBe(false)
  expect(weights.bytes).toBe(200)
})

test('a value is made once, and kept until all who asked for it are gone', async () => {
  const engine = await createEngine()
  const weights = new PackedWeights()
  const [a, b] = [form(weights), form(weights)]
  let count = 0
  const make = async () => {
    count++
    return engine.allocate('float32', [count])
  }
  const first = await weights.value('w', a, make)
  expect(await weights.value('w', b, make)).toBe(first)
  weights.remove(a)
  expect(weights.hasValue('w')).toBe(true)
  weights.remove(b)
  expect(weights.hasValue('w')).toBe(false)
  expect(await weights.value('w', a, make)).not.toBe(first)
  expect(count).toBe(2)
})
