import { describe, expect, test } from 'vitest'
import { readGolden } from '../testing/golden.ts'
import { graphEvent, histogramEvent, imageEvent, scalarEvent, versionEvent } from './tensorboard-events.ts'
import { crc32c, tfRecord } from './tfrecord.ts'

type Case = { readonly record: string } & (
  | { readonly kind: 'version' | 'graph' }
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: number; readonly step: number }
  | {
      readonly kind: 'histogram'
      readonly tag: string
      readonly values: readonly number[]
      readonly step: number
    }
  | {
      readonly kind: 'image'
      readonly tag: string
      readonly width: number
      readonly height: number
      readonly files: readonly string[]
      readonly step: number
    }
)

const wallTime = 1700000000.5
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

function made(golden: Case): Uint8Array {
  switch (golden.kind) {
    case 'version':
      return versionEvent({ wallTime })
    case 'scalar':
      return scalarEvent({ wallTime, step: golden.step }, golden.tag, golden.value)
    case 'histogram':
      return histogramEvent({ wallTime, step: golden.step }, golden.tag, golden.values)
    case 'image':
      return imageEvent({ wallTime, step: golden.step }, golden.tag, golden, golden.files.map(bytes))
    case 'graph':
      return graphEvent({ wallTime }, [
        { name: 'x', op: 'InputLayer', inputs: [], shape: [-1, 4] },
        { name: 'inner/dense', op: 'Dense', inputs: ['x'], shape: [-1, 300] },
      ])
  }
}

describe("records are TensorBoard's own, to the byte", () => {
  const { cases } = readGolden<{ readonly cases: readonly Case[] }>('tensorboard.json')
  test.each(cases.map((golden, i) => [`${golden.kind} ${i}`, golden] as const))('%s', (_, golden) => {
    expect(Buffer.from(tfRecord(made(golden))).toString('base64')).toBe(golden.record)
  })
})

test('values that are no numbers are left out of a histogram', () => {
  const time = { wallTime, step: 1 }
  expect(histogramEvent(time, 'w', [1, Number.NaN, 2, Number.POSITIVE_INFINITY])).toEqual(
    histogramEvent(time, 'w', [1, 2]),
  )
})

test('CRC-32C of the standard', () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRCs.
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
})
