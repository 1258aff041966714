import { expect, test } from 'vitest'
import { layerClasses } from './classes.ts'
import { Dense } from './core/dense.ts'
import * as layers from './index.ts'

test('every class that is a layer is there under its name, once', () => {
  expect(layerClasses.get('Dense')).toBe(Dense)
  const classes = [...layerClasses.values()]
  expect(new Set(classes).size).toBe(classes.length)
  for (const [name, Class] of layerClasses) expect(Class.name).toBe(name)
})

test('all classes of the namespace are there, but the bases and second names', () => {
  const others = Object.entries(layers).filter(([name]) => /^[A-Z]/.test(name) && !layerClasses.has(name))
  const known = new Set<unknown>(layerClasses.values())
  expect(others.flatMap(([name, Class]) => (known.has(Class) ? [] : [name])).sort()).toEqual([
    'Layer',
    'Wrapper',
  ])
})
