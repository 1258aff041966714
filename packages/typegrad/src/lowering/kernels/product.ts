import { sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import { type ProductTile, panelsOf, tilesOf } from '../../kernel/product.ts'
import type { LoweringContext } from '../context.ts'
import { multiplicationsOfTask, tasksFor } from './tasks.ts'

/**
 * Below, the runtime is as fast: packing does not pay, or registers are empty. Narrow tiles are no better than the
 * runtime's own on a processor without AVX-512, and gain by panels and blocks alone: 24 × 256 · 256 × 1024 would take 1.2
 * times as long.
 */
const fewest: Readonly<
  Record<ProductTile, Readonly<Record<'multiplications' | 'rows' | 'inner' | 'columns', number>>>
> = {
  narrow: { multiplications: 1 << 23, rows: 64, inner: 64, columns: 32 },
  wide: { multiplications: 1 << 20, rows: 12, inner: 16, columns: 32 },
}
/** Elements that are worth a thread of their own to pack. */
const packedOfTask = 1 << 14

type Context = LoweringContext<Primitive>

interface Product {
  readonly tile: ProductTile
  readonly rows: number
  readonly inner: number
  readonly columns: number
  /** The matrices as they are read, and whether that is by columns. */
  readonly a: { readonly name: string; readonly isTransposed: boolean }
  readonly b: { readonly name: string; readonly isTransposed: boolean }
}

/** Something · a matrix, if kernels make it faster. */
function productOf({ builder, productTile: tile, nameOf }: Context, node: Node): Product | undefined {
  if (tile === undefined || node.kind !== 'matmul' || node.dtype !== 'float32') return undefined
  const [a, b] = node.inputs as readonly [Node, Node]
  if (b.shape.length !== 2 || a.shape.length < 2) return undefined
  const [inner, columns] = b.shape as [number, number]
  const rows = sizeOf(node.shape) / columns
  const least = fewest[tile]
  if (rows * inner * columns < least.multiplications) return undefined
  if (rows < least.rows || inner < least.inner || columns < least.columns) return undefined
  const read = (of: Node) => {
    const name = nameOf(of)
    const before = of.kind === 'transpose' && of.shape.length === 2 ? builder.untransposed(name) : undefined
    return { name: before ?? name, isTransposed: before !== undefined }
  }
  const [left, right] = [read(a), read(b)]
  // Squares of eight are turned around while they are packed.
  const suits = !right.isTransposed || (inner % 8 === 0 && columns % 8 === 0)
  return { tile, rows, inner, columns, a: left, b: suits ? right : { name: nameOf(b), isTransposed: false } }
}

/**
 * A product by kernels: one that packs the second matrix, one that multiplies. Undefined where the runtime's is as fast.
 * 1024 × 768 · 768 × 3072 takes 24 ms on 2 cores with AVX-512 where the runtime takes 31; 4096 × 256 · 256 × 128 without
 * 1.59 where it takes 1.75.
 */
export function lowerProduct(context: LoweringContext<'matmul'>): string | undefined {
  const product = productOf(context, context.node as Node)
  return product && emitProduct(context, context.node.shape, product)
}

/** `product + bias`, whose kernel adds the bias by itself; undefined where a sum is something else. */
export function lowerBiasedProduct(context: LoweringContext<'add'>): string | undefined {
  const found = biasedProduct(context, context.node as Node)
  return found && emitProduct(context, context.node.shape, found.product, { bias: found.bias })
}

/** `relu(product)` or `relu(product + bias)`; undefined where it is something else. */
export function lowerReluOfProduct(context: LoweringContext<'relu'>): string | undefined {
  const [x] = context.node.inputs as readonly [Node]
  if (context.uses(x) !== 1) return undefined
  const product = productOf(context, x)
  const found = product === undefined ? biasedProduct(context, x) : { product, bias: undefined }
  return found && emitProduct(context, x.shape, found.product, { bias: found.bias, hasRelu: true })
}

/** What `node` is the sum of, if that is a product that no other node reads and one row for all of its rows. */
function biasedProduct(
  context: Context,
  node: Node,
): { readonly product: Product; readonly bias: string } | undefined {
  if (node.kind !== 'add') return undefined
  for (const [i, matmul] of node.inputs.entries()) {
    const bias = node.inputs[1 - i] as Node
    if (context.uses(matmul) !== 1 || !context.isMade(bias) || sizeOf(bias.shape) !== bias.shape.at(-1))
      continue
    if (matmul.shape.length !== node.shape.length || bias.shape.at(-1) !== node.shape.at(-1)) continue
    const product = productOf(context, matmul)
    if (product !== undefined) return { product, bias: context.nameOf(bias) }
  }
  return undefined
}

function emitProduct(
  { builder, threads }: Context,
  shape: Node['shape'],
  { tile, rows, inner, columns, a, b }: Product,
  { bias, hasRelu = false }: { readonly bias?: string | undefined; readonly hasRelu?: boolean } = {},
): string {
  const [panels] = builder.emitKernel(
    {
      kind: 'packPanels',
      tile,
      inner,
      columns,
      isTransposed: b.isTransposed,
      tasks: Math.min(panelsOf(tile, columns), tasksFor(inner * columns, packedOfTask, threads)),
    },
    [b.name],
  ) as [string]
  const parts = partsOf(tile, rows, columns, tasksFor(rows * inner * columns, multiplicationsOfTask, threads))
  const kernel = {
    kind: 'product',
    tile,
    shape,
    rows,
    inner,
    columns,
    isTransposed: a.isTransposed,
    hasBias: bias !== undefined,
    hasRelu,
    parts,
  } as const
  const operands = bias === undefined ? [a.name, panels] : [a.name, panels, bias]
  return builder.emitKernel(kernel, operands)[0] as string
}

/** The most even cut of rows and columns into so many parts, across the rows where that is as good. */
function partsOf(tile: ProductTile, rows: number, columns: number, tasks: number): readonly [number, number] {
  const [tiles, panels] = [tilesOf(tile, rows).count, panelsOf(tile, columns)]
  let best: readonly [number, number] = [tasks, 1]
  let least = Number.POSITIVE_INFINITY
  for (let ofColumns = 1; ofColumns <= tasks; ofColumns++) {
    if (tasks % ofColumns !== 0) continue
    const ofRows = tasks / ofColumns
    const longest = Math.ceil(tiles / ofRows) * Math.ceil(panels / ofColumns)
    if (longest < least) [best, least] = [[ofRows, ofColumns], longest]
  }
  return best
}
