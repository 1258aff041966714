import type { Node, NodeOf } from '../../graph/node.ts'
import { panelColumns } from '../../kernel/product.ts'
import type { LoweringContext } from '../context.ts'

type Context = LoweringContext<'matmul'> | LoweringContext<'add'>

/** A product in a loop of what changes from step to step with a matrix that stays. */
interface LoopProduct {
  readonly product: NodeOf<'matmul'>
  readonly tasks: number
}

function loopProductOf({ loop, kernelSupport }: Context, node: Node): LoopProduct | undefined {
  if (loop === undefined || node.kind !== 'matmul' || node.dtype !== 'float32') return undefined
  const [a, b] = node.inputs as readonly [Node, Node]
  if (a.shape.length !== 2 || b.shape.length !== 2 || !loop.isInside(a) || loop.isInside(b)) return undefined
  const [rows, inner, columns] = [...a.shape, b.shape[1]] as [number, number, number]
  if (rows === 0 || columns === 0 || columns % panelColumns !== 0) return undefined
  const plan = kernelSupport.supports('loopProduct', { steps: loop.length, rows, inner, columns })
  return plan === false ? undefined : { product: node, tasks: plan.tasks }
}

/**
 * A loop's product by a kernel: the runtime packs the second matrix anew at each step, which here is packed once, before
 * the loop. Undefined where another product is meant, or one that the engine has no kernel for.
 */
export function loopProduct(context: LoweringContext<'matmul'>): string | undefined {
  const found = loopProductOf(context, context.node as Node)
  return found && emitProduct(context, found)
}

/** The same with what is added, which may be one row for all. */
export function loopProductWithSum(context: LoweringContext<'add'>): string | undefined {
  const { node, uses, nameOf } = context
  for (const [i, product] of node.inputs.entries()) {
    const added = node.inputs[1 - i] as Node
    const found = loopProductOf(context, product)
    if (found === undefined || uses(product) !== 1 || added.dtype !== 'float32') continue
    const columns = product.shape[1] as number
    const kind =
      added.shape.join() === product.shape.join()
        ? 'matrix'
        : added.shape.length === 1 && added.shape[0] === columns
          ? 'row'
          : undefined
    if (kind !== undefined) return emitProduct(context, found, { kind, name: nameOf(added) })
  }
  return undefined
}

function emitProduct(
  { builder, nameOf, loop }: Context,
  { product, tasks }: LoopProduct,
  added?: { readonly kind: 'matrix' | 'row'; readonly name: string },
): string {
  const [a, b] = product.inputs as readonly [Node, Node]
  const [rows, inner, columns] = [...a.shape, b.shape[1]] as [number, number, number]
  const around = (loop as NonNullable<typeof loop>).around
  const panels = around.transpose(
    around.reshape(nameOf(b), [inner, columns / panelColumns, panelColumns]),
    [1, 0, 2],
  )
  const kernel = { kind: 'panelProduct', rows, inner, columns, added: added?.kind, tasks } as const
  const operands = [nameOf(a), panels, ...(added === undefined ? [] : [added.name])]
  return builder.emitKernel(kernel, operands)[0] as string
}
