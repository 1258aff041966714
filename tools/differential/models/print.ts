/** Models as Python and TypeScript programs. */
import { pythonValue, typescriptValue } from '../families/objects.ts'
import { isJsonList, isJsonObject, type Json } from '../json.ts'
import type { GraphSpec, LayerSpec, ModelSpec } from './spec.ts'

const reference = (value: Json, of: (value: Json) => string): string => {
  if (isJsonObject(value) && typeof value.ref === 'string') return value.ref
  return isJsonList(value) ? `[${value.map((item) => reference(item, of)).join(', ')}]` : of(value)
}

/** Modules by the key that an object stands under. */
const moduleOf = (key: string): string =>
  key.endsWith('initializer')
    ? 'keras.initializers'
    : key.endsWith('regularizer')
      ? 'keras.regularizers'
      : key.endsWith('constraint')
        ? 'keras.constraints'
        : 'keras.layers'

const pythonConfig = (layer: LayerSpec): string =>
  Object.entries(layer.config)
    .map(([key, value]) => `, ${key}=${pythonValue(value, moduleOf(key))}`)
    .join('')

function pythonGraph(graph: GraphSpec, model: string, batch: number | null = null): string[] {
  const lines = graph.inputs.map(
    ({ name, shape, dtype }) =>
      `${name} = keras.Input(batch_shape=${pythonValue([batch, ...shape])}, dtype='${dtype}', name='${name}')`,
  )
  for (const layer of graph.layers) {
    if (layer.graph === null)
      lines.push(
        `${layer.name} = keras.layers.${layer.class_name}(name='${layer.name}'${pythonConfig(layer)})`,
      )
    else lines.push(...pythonGraph(layer.graph, layer.name))
  }
  for (const { layer, inputs, listed, kwargs, makes } of graph.calls) {
    const named = Object.entries(kwargs).map(
      ([key, value]) => `${key}=${reference(value, (v) => pythonValue(v))}`,
    )
    const args = [listed ? `[${inputs.join(', ')}]` : inputs.join(', '), ...named].join(', ')
    lines.push(`${makes.join(', ')} = ${layer}(${args})`)
  }
  const one = (list: readonly string[]): string =>
    list.length === 1 ? (list[0] as string) : `[${list.join(', ')}]`
  lines.push(
    `${model} = keras.Model(${one(graph.inputs.map(({ name }) => name))}, ${one(graph.outputs)}, name='${model}')`,
  )
  return lines
}

export function pythonModel(spec: ModelSpec): string {
  const one = (values: readonly Json[]): string =>
    pythonValue(values.length === 1 ? (values[0] as Json) : values)
  const { training } = spec
  const lines = [
    "import keras, numpy as np, sys; sys.path.append('tools/differential/python'); from graphs import set_weights",
    ...(spec.sequential ? ['# The same layers in keras.Sequential'] : []),
    ...(spec.policy === null ? [] : [`keras.config.set_dtype_policy('${spec.policy}')`]),
    ...pythonGraph(spec.graph, 'model', spec.batch),
    `set_weights(model, ${spec.seed})`,
    `x = ${one(spec.data)}`,
  ]
  if (training !== null) {
    const classed = (module: string, list: readonly Json[]): string =>
      `[${list.map((item) => pythonValue(item, module)).join(', ')}]`
    lines.push(
      `model.compile(${pythonValue(training.optimizer, 'keras.optimizers')}, loss=${classed('keras.losses', training.losses)}, metrics=[${training.metrics.map((list) => classed('keras.metrics', list)).join(', ')}], weighted_metrics=[${training.weighted_metrics.map((list) => classed('keras.metrics', list)).join(', ')}], loss_weights=${pythonValue(training.loss_weights)})`,
    )
  }
  lines.push(
    `model.save('model.${spec.format}')`,
    `print(model.predict(x${spec.batch === null ? '' : `, batch_size=${spec.batch}`}))`,
  )
  if (training !== null)
    lines.push(
      `y = ${one(training.labels)}`,
      `print(model.fit(x, y, batch_size=${training.batch_size}, shuffle=False, sample_weight=${pythonValue(training.sample_weight)}, class_weight=${
        training.class_weight === null
          ? 'None'
          : `{${Object.entries(training.class_weight)
              .map(([k, v]) => `${k}: ${v}`)
              .join(', ')}}`
      }).history, model.get_weights())`,
    )
  return lines.join('\n')
}

function typescriptGraph(graph: GraphSpec, model: string, batch: number | null = null): string[] {
  const lines = graph.inputs.map(
    ({ name, shape, dtype }) =>
      `const ${name} = input({ batchShape: ${JSON.stringify([batch, ...shape])}, dtype: '${dtype}', name: '${name}' })`,
  )
  for (const layer of graph.layers) {
    if (layer.graph === null)
      lines.push(
        `const ${layer.name} = deserializeLayer(${typescriptValue({ class_name: layer.class_name, config: { name: layer.name, ...layer.config } })})`,
      )
    else lines.push(...typescriptGraph(layer.graph, layer.name))
  }
  for (const { layer, inputs, listed, kwargs, makes } of graph.calls) {
    const all = inputs.length > 1 || listed ? `[${inputs.join(', ')}]` : inputs[0]
    const more = Object.keys(kwargs).length === 0 ? '' : ` /* ${JSON.stringify(kwargs)} */`
    lines.push(
      `const ${makes.length === 1 ? makes[0] : `[${makes.join(', ')}]`} = ${layer}.apply(${all}${more})`,
    )
  }
  const one = (list: readonly string[]): string =>
    list.length === 1 ? (list[0] as string) : `[${list.join(', ')}]`
  lines.push(
    `const ${model} = model({ inputs: ${one(graph.inputs.map(({ name }) => name))}, outputs: ${one(graph.outputs)}, name: '${model}' })`,
  )
  return lines
}

export const typescriptModel = (spec: ModelSpec): string =>
  [
    "import { deserializeLayer, input, model, tensor } from 'typegrad'",
    ...typescriptGraph(spec.graph, 'made', spec.batch),
    `const x = ${typescriptValue(spec.data.length === 1 ? (spec.data[0] as Json) : spec.data)}`,
    `await made.save('model.${spec.format}') // weights by seed ${spec.seed}`,
    'console.log(await made.predict(x))',
  ].join('\n')
