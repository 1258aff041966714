/** Every optimizer with all of its options: weights after each of some steps, and at the end, against Keras. */
import { compile, optimizers, type Tensor, Variable } from 'typegrad'
import { type ArrayJson, tensorJson, tensorOf } from '../arrays.ts'
import type { Family } from '../family.ts'
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { cropped } from '../shrink-arrays.ts'
import { arrayOf, here, type KerasObject, pythonValue, typescriptValue, withoutOptions } from './objects.ts'
import { optimizer } from './optimizer-table.ts'

interface OptimizerSpec extends JsonObject {
  readonly object: KerasObject
  readonly names: readonly string[]
  readonly weights: readonly ArrayJson[]
  /** Gradients by step, then by weight. */
  readonly steps: readonly (readonly ArrayJson[])[]
}

const names = ['kernel', 'bias', 'embeddings', 'gamma'] as const

function generate(random: Random): OptimizerSpec {
  const shapes = Array.from({ length: random.int(1, 3) }, () =>
    random.pick([[3], [2, 3], [4, 2], [2, 2, 3], [1], [3, 1]]),
  )
  const array = (shape: readonly number[], range: number): ArrayJson =>
    arrayOf(shape, 'float32', () => (random.chance(0.05) ? 0 : random.value(range)))
  return {
    object: optimizer(random),
    names: random.shuffled(names).slice(0, shapes.length),
    weights: shapes.map((shape) => array(shape, 2)),
    steps: Array.from({ length: random.int(1, 5) }, () => shapes.map((shape) => array(shape, 2))),
  }
}

async function answer({ object, names, weights, steps }: OptimizerSpec): Promise<JsonObject> {
  const made = optimizers.getOptimizer(here(object))
  const variables = weights.map((weight, i) => new Variable(tensorOf(weight), { name: names[i] as string }))
  const step = compile((grads: readonly Tensor[]) => {
    made.apply(grads, variables)
  })
  const values = (): Promise<ArrayJson[]> => Promise.all(variables.map(({ value }) => tensorJson(value)))
  const after: ArrayJson[][] = []
  for (const grads of steps) {
    await step(grads.map(tensorOf))
    after.push(await values())
  }
  made.finalizeVariableValues(variables)
  return { after, final: await values() }
}

function* shrinks(spec: OptimizerSpec): Iterable<OptimizerSpec> {
  const { weights, steps } = spec
  if (steps.length > 1) {
    yield { ...spec, steps: steps.slice(0, 1) }
    yield { ...spec, steps: steps.slice(0, -1) }
  }
  for (const object of withoutOptions(spec.object)) yield { ...spec, object }
  if (weights.length > 1)
    for (const [i] of weights.entries())
      yield {
        ...spec,
        names: spec.names.toSpliced(i, 1),
        weights: weights.toSpliced(i, 1),
        steps: steps.map((grads) => grads.toSpliced(i, 1)),
      }
  for (const [i, weight] of weights.entries())
    for (const [axis, d] of weight.shape.entries())
      if (d > 1) {
        const smaller = (list: readonly ArrayJson[]): ArrayJson[] =>
          list.map((array, j) => (i === j ? cropped(array, axis, 1) : array))
        yield { ...spec, weights: smaller(weights), steps: steps.map(smaller) }
      }
}

export const optimizersFamily: Family<OptimizerSpec> = {
  name: 'optimizers',
  first: 'python',
  backends: ['torch', 'jax'],
  generate,
  here: answer,
  tolerance: ({ object }) =>
    // Newton and Schulz's iteration multiplies rounding; everything else is a few operations a step.
    object.class_name === 'Muon' ? { relative: 2e-3, absolute: 1e-5 } : { relative: 5e-5, absolute: 2e-6 },
  shrinks,
  typescript: ({ object, names, weights, steps }) =>
    [
      "import { optimizers, tensor, Variable } from 'typegrad'",
      `const optimizer = optimizers.getOptimizer(${typescriptValue(object)})`,
      `const weights = [${weights.map((w, i) => `new Variable(${typescriptValue(w)}, { name: '${names[i]}' })`).join(', ')}]`,
      ...steps.map((grads) => `optimizer.apply(${typescriptValue(grads)}, weights)`),
      'console.log(await Promise.all(weights.map((w) => w.value.data())))',
    ].join('\n'),
  python: ({ object, names, weights, steps }) =>
    [
      'import keras, numpy as np',
      `optimizer = ${pythonValue(object, 'keras.optimizers').replaceAll(/keras\.optimizers\.(\w+(?:Decay|Restarts))\(/g, 'keras.optimizers.schedules.$1(')}`,
      `weights = [${weights.map((w, i) => `keras.Variable(${pythonValue(w)}, name='${names[i]}')`).join(', ')}]`,
      'optimizer.build(weights)',
      ...steps.map(
        (grads) => `optimizer.apply([keras.ops.convert_to_tensor(g) for g in ${pythonValue(grads)}])`,
      ),
      'print([np.asarray(w) for w in weights])',
    ].join('\n'),
}
