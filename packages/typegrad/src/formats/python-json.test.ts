import { expect, test } from 'vitest'
import { PythonFloat, pythonJson } from './python-json.ts'

test('floats keep their point, and what is no number in JSON has Python’s names', () => {
  const value = {
    momentum: new PythonFloat(0),
    rate: new PythonFloat(0.1),
    units: 3,
    list: [new PythonFloat(-1), null, undefined, true, 'a"b', Number.NaN, -Infinity],
    absent: undefined,
    large: new PythonFloat(1e21),
  }
  expect(pythonJson(value)).toBe(
    '{"momentum":0.0,"rate":0.1,"units":3,"list":[-1.0,null,null,true,"a\\"b",NaN,-Infinity],"large":1e+21}',
  )
})
