/** Attention of every kind on a sequence, with itself or with another one. */
import { chosen, oneOf } from '../families/objects.ts'
import type { Random } from '../random.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { kernelAndBias, rarely } from './options.ts'

export function attentionCall(random: Random, graph: GraphBuilder, query: Value): Value {
  const [length, width] = query.shape as [number, number]
  const others = graph.values.filter(
    ({ shape, ref }) => shape.length === 2 && shape[1] === width && ref !== query.ref && !ref.includes('in_'),
  )
  const value = others.length > 0 && random.chance(0.4) ? random.pick(others) : query
  const kwargs = random.chance(0.25) && value.shape[0] === length ? { use_causal_mask: true } : {}
  const kind = random.pick([
    'Attention',
    'AdditiveAttention',
    'MultiHeadAttention',
    'MultiHeadAttention',
    'GroupQueryAttention',
  ] as const)
  const key = random.chance(0.2) ? { key: { ref: value.ref } } : {}
  switch (kind) {
    case 'Attention':
      return graph.call(
        graph.layer(
          kind,
          chosen(random, { use_scale: oneOf(true, false), score_mode: oneOf('dot', 'concat') }, 0.3),
        ),
        [query, value],
        [[length, width]],
        { listed: true, kwargs },
      )[0] as Value
    case 'AdditiveAttention':
      return graph.call(
        graph.layer(kind, chosen(random, { use_scale: oneOf(true, false) }, 0.3)),
        [query, value],
        [[length, width]],
        { listed: true, kwargs },
      )[0] as Value
    case 'MultiHeadAttention': {
      const out = random.chance(0.2) ? random.int(1, 4) : undefined
      const config = {
        num_heads: random.int(1, 2),
        key_dim: random.int(1, 3),
        ...chosen(random, { value_dim: oneOf(1, 2), use_bias: oneOf(true, false) }, 0.2),
        ...(out === undefined ? {} : { output_shape: out }),
        ...rarely(random, kernelAndBias),
      }
      return graph.call(graph.layer(kind, config), [query, value], [[length, out ?? width]], {
        kwargs: { ...kwargs, ...key },
      })[0] as Value
    }
    case 'GroupQueryAttention': {
      const [perGroup, groups] = [random.int(1, 2), random.int(1, 2)]
      const config = {
        head_dim: random.int(1, 3),
        num_query_heads: perGroup * groups,
        num_key_value_heads: groups,
        ...chosen(random, { use_bias: oneOf(true, false) }, 0.2),
      }
      return graph.call(graph.layer(kind, config), [query, value], [[length, width]], {
        kwargs: { ...kwargs, ...key },
      })[0] as Value
    }
  }
}
