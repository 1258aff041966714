/** The steps by which a random graph grows: layers, merges, attention, shared layers, models within. */
import { chosen, oneOf } from '../families/objects.ts'
import type { Random } from '../random.ts'
import { attentionCall } from './attention.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import type { SampleShape } from './maker.ts'

const starts = [
  'vector',
  'vector',
  'sequence',
  'sequence',
  'sequence',
  'image',
  'image',
  'image',
  'ids',
  'ids',
  'volume',
  'video',
] as const

export function start(random: Random, graph: GraphBuilder): Value {
  const [channels, length] = [random.int(1, 4), random.int(3, 6)]
  switch (random.pick(starts)) {
    case 'vector':
      return graph.input([random.int(1, 5)], 'float32')
    case 'sequence': {
      const x = graph.input([length, channels], 'float32')
      return random.chance(0.35)
        ? (graph.call(
            graph.layer('Masking', chosen(random, { mask_value: oneOf(0) }, 0.5)),
            [x],
            [x.shape],
          )[0] as Value)
        : x
    }
    case 'image':
      return graph.input([random.int(4, 7), random.int(4, 7), channels], 'float32')
    case 'volume':
      return graph.input([random.int(3, 4), random.int(3, 4), random.int(3, 4), random.int(1, 2)], 'float32')
    case 'video':
      return graph.input([random.int(2, 3), random.int(3, 4), random.int(3, 4), random.int(1, 2)], 'float32')
    case 'ids': {
      const ids = graph.input([length], 'int32')
      const width = random.int(2, 4)
      const config = {
        input_dim: vocabulary,
        output_dim: width,
        ...(random.chance(0.5) ? { mask_zero: true } : {}),
      }
      return graph.call(graph.layer('Embedding', config), [ids], [[length, width]])[0] as Value
    }
  }
}

export const vocabulary = 6
const merges = ['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate', 'Dot'] as const

/** Merges a value with another of its shape. */
export function merge(random: Random, graph: GraphBuilder, a: Value, b: Value): Value {
  const drawn = random.pick(merges)
  // Of more than two axes Dot's result has too many.
  const kind = drawn === 'Dot' && a.shape.length > 2 ? 'Multiply' : drawn
  if (kind === 'Concatenate') {
    const axis = random.chance(0.5) ? -1 : random.int(1, a.shape.length)
    const at = axis === -1 ? a.shape.length - 1 : axis - 1
    const shape = a.shape.with(at, (a.shape[at] as number) * 2)
    return graph.call(graph.layer(kind, { axis }), [a, b], [shape], { listed: true })[0] as Value
  }
  if (kind === 'Dot') {
    const axes = random.pick(a.shape.length === 1 ? [1, -1] : [1, 2, -1])
    const at = axes === -1 ? a.shape.length - 1 : axes - 1
    const rest = a.shape.toSpliced(at, 1)
    const shape = a.shape.length === 1 ? [1] : [...rest, ...rest]
    return graph.call(
      graph.layer(kind, { axes, ...chosen(random, { normalize: oneOf(true, false) }) }),
      [a, b],
      [shape],
      { listed: true },
    )[0] as Value
  }
  const others = kind !== 'Subtract' && random.chance(0.2) ? [a, b, a] : [a, b]
  return graph.call(graph.layer(kind, {}), others, [a.shape], { listed: true })[0] as Value
}

/** A recurrent layer that begins with the states that another one ended with, as decoders do. */
function continued(random: Random, graph: GraphBuilder, x: Value): Value {
  const [length, width] = x.shape as [number, number]
  const [class_name, states] = random.pick([
    ['LSTM', 2],
    ['GRU', 1],
    ['SimpleRNN', 1],
  ] as const)
  const units = random.int(1, 3)
  const encoder = graph.layer(class_name, { units, return_state: true })
  const shapes = new Array<SampleShape>(states + 1).fill([units])
  const [, ...ended] = graph.call(encoder, [x], shapes)
  const isSequence = random.chance(0.6)
  const decoder = graph.layer(class_name, { units, ...(isSequence ? { return_sequences: true } : {}) })
  const begun = graph.values.filter(
    ({ shape, ref }) => shape.join() === `${length},${width}` && ref !== x.ref,
  )
  const sequence = begun.length > 0 && random.chance(0.4) ? random.pick(begun) : x
  const initial_state = ended.map(({ ref }) => ({ ref }))
  return graph.call(decoder, [sequence], [isSequence ? [length, units] : [units]], {
    kwargs: { initial_state },
  })[0] as Value
}

/** One more step of the graph. */
export function step(random: Random, graph: GraphBuilder, x: Value, depth: number): Value {
  const kind = random.next()
  if (kind < 0.12) {
    const same = graph.values.filter(
      ({ ref, shape }) => ref !== x.ref && shape.join() === x.shape.join() && !ref.includes('in_'),
    )
    const other = same.length > 0 && random.chance(0.6) ? random.pick(same) : graph.grow(random, x)
    return other.shape.join() === x.shape.join() && other.ref !== x.ref
      ? merge(random, graph, x, other)
      : other
  }
  if (kind < 0.25 && x.shape.length === 2) return attentionCall(random, graph, x)
  if (kind < 0.3 && x.shape.length === 2 && depth === 0) return continued(random, graph, x)
  if (kind < 0.36) {
    // A layer that was called before, on a tensor like the one it was called on.
    const again = graph.calls.filter(({ inputs, makes }) => {
      const input = graph.values.find(({ ref }) => ref === inputs[0])
      return (
        inputs.length === 1 &&
        makes.length === 1 &&
        input?.shape.join() === x.shape.join() &&
        !input.ref.includes('in_')
      )
    })
    if (again.length > 0) {
      const { layer, makes } = random.pick(again)
      const shape = graph.values.find(({ ref }) => ref === makes[0])?.shape as SampleShape
      return graph.call(layer, [x], [shape])[0] as Value
    }
  }
  if (kind < 0.43 && depth === 0) {
    const inner = new GraphBuilder({ prefix: `m${graph.layers.length}_`, isOpen: graph.isOpen })
    let y = inner.input(x.shape, 'float32')
    for (let i = random.int(1, 2); i > 0; i--) y = step(random, inner, y, depth + 1)
    if (inner.calls.length > 0)
      return graph.call(graph.layer('Functional', {}, inner.done([y])), [x], [y.shape])[0] as Value
  }
  return graph.grow(random, x)
}
