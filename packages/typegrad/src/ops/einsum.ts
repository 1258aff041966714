import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { arange, asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, cast, countable, promoteTypes } from './apply.ts'

/** A tensor with a letter for each of its axes. */
interface Labelled {
  readonly tensor: Tensor
  readonly labels: string
}

/**
 * Einstein's summation convention: letters name axes; those that the result does not name are summed.
 *
 * Pairs of operands become one batched matrix product each, from the left. A missing `->` means the letters
 * that occur once, in alphabetical order, as in NumPy. `...` is not supported.
 *
 * @throws ArgumentError for an equation that cannot be read, ShapeError where a letter means two sizes.
 * @example
 * ops.einsum('bhqd,bhkd->bhqk', queries, keys)
 * ops.einsum('ii->i', matrix) // its diagonal
 */
export function einsum(equation: string, ...operands: TensorLike[]): Tensor {
  const compact = equation.replaceAll(' ', '')
  const parsed = /^([a-zA-Z]*(?:,[a-zA-Z]*)*)(?:->([a-zA-Z]*))?$/.exec(compact)
  const terms = parsed?.[1]?.split(',')
  if (terms === undefined || terms.length !== operands.length) {
    throw new ArgumentError({
      where: 'einsum',
      expected: `an equation such as 'ij,jk->ik' with a term for each of the ${operands.length} operands`,
      received: `'${equation}'`,
    })
  }
  const result = parsed?.[2] ?? implicitResult(terms.join(''))
  const tensors = operands.map((operand) => asTensor(operand))
  const dtype = tensors.map((t) => t.dtype).reduce(promoteTypes)
  const sizes = labelSizes(equation, terms, tensors)
  if (new Set(result).size !== result.length || [...result].some((label) => !sizes.has(label))) {
    throw new ArgumentError({
      where: 'einsum',
      expected: 'a result whose letters occur in the operands, each once',
      received: `'${equation}'`,
    })
  }

  const pending = tensors.map((t, i) =>
    diagonals({ tensor: countable(cast(t, dtype)), labels: terms[i] as string }),
  )
  let accumulated = pending.shift() as Labelled
  while (pending.length > 0) {
    const next = pending.shift() as Labelled
    const needed = new Set(result + pending.map((p) => p.labels).join(''))
    accumulated = contract(accumulated, next, needed, sizes)
  }
  return arrange(summed(accumulated, new Set(result)), result)
}

function implicitResult(labels: string): string {
  const once = [...new Set(labels)].filter((label) => labels.indexOf(label) === labels.lastIndexOf(label))
  return once.sort().join('')
}

function labelSizes(
  equation: string,
  terms: readonly string[],
  tensors: readonly Tensor[],
): Map<string, number> {
  const sizes = new Map<string, number>()
  terms.forEach((term, i) => {
    const { shape } = tensors[i] as Tensor
    if (term.length !== shape.length) {
      throw new ShapeError({
        where: 'einsum',
        expected: `${term.length} axes for '${term}' of '${equation}'`,
        received: `shape ${formatShape(shape)}`,
      })
    }
    for (const [axis, label] of [...term].entries()) {
      const size = shape[axis] as number
      const known = sizes.get(label) ?? size
      if (known !== size) {
        throw new ShapeError({
          where: 'einsum',
          expected: `one size for '${label}' in '${equation}'`,
          received: `${known} and ${size}`,
        })
      }
      sizes.set(label, size)
    }
  })
  return sizes
}

/** Replaces two axes of one label by their diagonal, until every label stands once. */
function diagonals({ tensor, labels }: Labelled): Labelled {
  const second = [...labels].findIndex((label, i) => labels.indexOf(label) < i)
  if (second === -1) return { tensor, labels }
  const first = labels.indexOf(labels[second] as string)
  const length = tensor.shape[first] as number
  const others = tensor.shape.map((_, i) => i).filter((i) => i !== first && i !== second)
  const front = apply('transpose', [tensor], { permutation: [first, second, ...others] })
  const rest = others.map((i) => tensor.shape[i] as number)
  const flat = apply('reshape', [front], { shape: [length * length, ...rest] })
  const every = arange(0, length * length, length + 1, { dtype: 'int32' })
  const diagonal = apply('gather', [flat, every], { axis: 0 })
  return diagonals({ tensor: diagonal, labels: labels[first] + others.map((i) => labels[i]).join('') })
}

/** Sums the axes that no later operand or output has. */
function summed({ tensor, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = [...labels].flatMap((label, i) => (needed.has(label) ? [] : [i]))
  if (axes.length === 0) return { tensor, labels }
  return {
    tensor: apply('reduceSum', [tensor], { axes, keepDims: false }),
    labels: [...labels].filter((label) => needed.has(label)).join(''),
  }
}

/** The axes in the order of `labels`. */
function arrange({ tensor, labels: from }: Labelled, labels: string): Tensor {
  if (from === labels) return tensor
  return apply('transpose', [tensor], { permutation: [...labels].map((label) => from.indexOf(label)) })
}

/** One batched product: shared labels that are needed are batches, those that are not are summed over. */
function contract(
  a: Labelled,
  b: Labelled,
  needed: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const left = summed(a, new Set([...needed, ...b.labels]))
  const right = summed(b, new Set([...needed, ...a.labels]))
  const shared = [...left.labels].filter((label) => right.labels.includes(label))
  const batch = shared.filter((label) => needed.has(label)).join('')
  const inner = shared.filter((label) => !needed.has(label)).join('')
  const rows = [...left.labels].filter((label) => !right.labels.includes(label)).join('')
  const columns = [...right.labels].filter((label) => !left.labels.includes(label)).join('')
  const shape = (labels: string): number[] => [...labels].map((label) => sizes.get(label) as number)
  const size = (labels: string): number => shape(labels).reduce((x, y) => x * y, 1)

  const x = apply('reshape', [arrange(left, batch + rows + inner)], {
    shape: [...shape(batch), size(rows), size(inner)],
  })
  const y = apply('reshape', [arrange(right, batch + inner + columns)], {
    shape: [...shape(batch), size(inner), size(columns)],
  })
  const product = apply('matmul', [x, y], {})
  return {
    tensor: apply('reshape', [product], { shape: shape(batch + rows + columns) }),
    labels: batch + rows + columns,
  }
}
