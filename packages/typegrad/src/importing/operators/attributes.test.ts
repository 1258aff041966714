import { expect, test } from 'vitest'
import { readGolden } from '../../testing/golden.ts'
import { attributesOf } from './attributes.ts'
import { knownOperators } from './table.ts'

/** Those that would change what is computed, and are refused by not standing in the table. */
const refused: Readonly<Record<string, readonly string[]>> = {
  Constant: ['sparse_value', 'value_string', 'value_strings'],
  Scan: ['directions'],
  Upsample: ['height_scale', 'width_scale'],
}

test('the table has the attributes that the schemas of ONNX and ONNX Runtime have, and no others', () => {
  const schemas = readGolden<Record<string, Record<string, readonly string[]>>>('onnx-attributes.json')
  const operators = knownOperators()
  expect(operators.length).toBeGreaterThan(180)
  const known = Object.fromEntries(
    operators.map((operator) => [
      `${operator.domain} ${operator.op}`,
      Object.keys(attributesOf(operator)).sort(),
    ]),
  )
  const wanted = Object.fromEntries(
    operators.map(({ domain, op }) => [
      `${domain} ${op}`,
      // ONNX Runtime has it under ONNX's domain.
      (schemas[op === 'SimplifiedLayerNormalization' ? '' : domain]?.[op] ?? []).filter(
        (name) => !(refused[op] ?? []).includes(name),
      ),
    ]),
  )
  expect(known).toEqual(wanted)
})
