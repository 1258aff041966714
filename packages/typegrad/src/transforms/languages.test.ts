import { expect, test } from 'vitest'
import { createEngine, tensor } from '../index.ts'
import { loadGraph } from './languages.ts'
import { leavesOf } from './program.ts'

const outputs = [tensor([1, 2, 3]).add(1).node]
const graph = { leaves: leavesOf(outputs), outputs }

test('an engine is given models of ONNX', async () => {
  const engine = await createEngine()
  const { executable, length } = await loadGraph(engine, graph)
  expect(executable.inputs.map(({ shape }) => shape)).toEqual(graph.leaves.map(({ shape }) => shape))
  expect(executable.outputs).toMatchObject([{ dtype: 'float32', shape: [3] }])
  expect(length).toBeGreaterThan(0)
})

test('an engine of a language that is not known here is refused by name', async () => {
  const engine = { ...(await createEngine()), name: 'mine', language: 'spirv' } as never
  expect(() => loadGraph(engine, graph)).toThrow(
    "the engine 'mine': language: expected 'onnx', received 'spirv'",
  )
})
