import type { Shape } from '../base/shape.ts'
import { ones, ops, type Tensor, tensor, zeros } from '../index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles only if the tensor's shape is exactly `S`. */
declare function shaped<S extends Shape>(): <T extends Shape>(
  x: Tensor<T> & (Equal<T, S> extends true ? unknown : never),
) => void

declare const a: Tensor<[2, 3]>
declare const b: Tensor<[3, 4]>
declare const batch: Tensor<[number, 784]>
declare const scalar: Tensor<[]>
declare const any: Tensor
declare const either: Tensor<[2, 3]> | number
declare const axis: number
declare const axes: number | readonly number[]

export function creation(): void {
  shaped<[2, 3]>()(zeros([2, 3]))
  shaped<[]>()(tensor(3))
  shaped<[3]>()(tensor([1, 2, 3]))
  shaped<[2, 2]>()(
    tensor([
      [1, 2],
      [3, 4],
    ]),
  )
  shaped<[2, 3]>()(tensor(new Float32Array(6), { shape: [2, 3] }))
}

export function elementwise(): void {
  shaped<[2, 3]>()(a.exp())
  shaped<[2, 3]>()(a.add(1))
  shaped<[2, 3]>()(a.mul(zeros([3])))
  shaped<[5, 2, 3]>()(a.sub(zeros([5, 1, 1])))
  shaped<[2, 3]>()(ops.add(1, a))
  shaped<[2, 3]>()(ops.mul(a, scalar))
  shaped<[2, 3]>()(ops.maximum(a, either))
  shaped<[number, 784]>()(batch.add(zeros([784])))
  shaped<Shape>()(a.add(any))
  shaped<Shape>()(a.add([1, 2, 3]))
  shaped<[2, 3]>()(ops.greater(a, 0))
  // @ts-expect-error add: dimensions 3 and 4 do not broadcast
  a.add(zeros([2, 4]))
  // @ts-expect-error sub: dimensions 2 and 3 do not broadcast
  a.transpose().sub(a)
  // @ts-expect-error mul: dimensions 3 and 4 do not broadcast
  ops.mul(a, b)
}

export function products(): void {
  shaped<[2, 4]>()(a.matmul(b))
  shaped<[2, 4]>()(ops.matmul(a, b))
  shaped<[number, 10]>()(batch.matmul(zeros([784, 10])))
  shaped<[2]>()(a.matmul(zeros([3])))
  shaped<[7, 2, 4]>()(zeros([7, 2, 3]).matmul(b))
  shaped<Shape>()(any.matmul(b))
  // @ts-expect-error matmul: inner dimensions 3 and 2 differ
  a.matmul(a)
  // @ts-expect-error matmul: inner dimensions 784 and 3 differ
  ops.matmul(batch, b)
}

export function reductions(): void {
  shaped<[]>()(a.sum())
  shaped<[3]>()(a.mean(0))
  shaped<[2]>()(a.max(-1))
  shaped<[2, 1]>()(a.sum(1, { keepDims: true }))
  shaped<[]>()(a.sum([0, 1]))
  shaped<[1, 1]>()(ops.mean(a, undefined, { keepDims: true }))
  shaped<[2]>()(ops.sum(a, -1))
  shaped<[number]>()(ops.argMax(batch, 1))
  shaped<[]>()(a.argMax())
  shaped<[number]>()(a.sum(axis))
  shaped<Shape>()(any.sum(0))
  // @ts-expect-error sum: axis 2 is out of range for shape [2, 3]
  ops.sum(a, 2)
  // @ts-expect-error mean: axis -3 is out of range for shape [2, 3]
  ops.mean(a, -3)
  // @ts-expect-error argMax: axis 1 is out of range for shape [2]
  a.sum(1).argMax(1)
}

export function rearrangements(): void {
  shaped<[3, 2]>()(a.transpose())
  shaped<[3, 2]>()(ops.transpose(a, [1, 0]))
  shaped<[6]>()(a.reshape([6]))
  shaped<[number, 2]>()(ops.reshape(a, [-1, 2]))
  shaped<[number]>()(a.flatten())
  shaped<[2, 1, 3]>()(a.expandDims(1))
  shaped<[2, 3]>()(a.expandDims(-1).squeeze(-1))
  shaped<[4, 2, 3]>()(a.broadcastTo([4, 2, 3]))
  shaped<[2, 3]>()(a.softmax().clip({ min: 0 }).flip().sort())
  shaped<[4, 3]>()(ops.concat([a, a]))
  shaped<[2, 7]>()(ops.concat([a, zeros([2, 4])], 1))
  shaped<[3, 2, 3]>()(ops.stack([a, a, a]))
  shaped<Shape>()(ops.concat([a, any]))
  shaped<[1, 3]>()(ops.dynamicSlice(a, [scalar, 0], [1, 3]))
  shaped<[number, 3]>()(a.dynamicSlice([1, scalar], [-1, 3]))
  shaped<[2, 3]>()(ops.dynamicUpdateSlice(a, ones([1, 1]), [scalar, 0]))
  shaped<[number, 784]>()(batch.dynamicUpdateSlice(ones([1, 784]), any))
  shaped<Shape>()(a.dynamicSlice(any, axes as number[]))
  // @ts-expect-error dynamicSlice: ranks 2 and 1 differ
  ops.dynamicSlice(a, [0, 0], [1])
  // @ts-expect-error dynamicUpdateSlice: ranks 2 and 1 differ
  a.dynamicUpdateSlice(ones([3]), [0, 0])
  // @ts-expect-error transpose: permutation [0, 0] does not name each axis
  a.transpose([0, 0])
  // @ts-expect-error reshape: only one dimension may be -1
  a.reshape([-1, -1])
  // @ts-expect-error expandDims: axis 3 is out of range
  a.expandDims(3)
  // @ts-expect-error squeeze: the dimension at axis 0 is not 1
  a.squeeze(0)
  // @ts-expect-error concat: dimensions 3 and 4 differ at axis 1
  ops.concat([a, zeros([2, 4])])
  // @ts-expect-error stack: dimensions differ
  ops.stack([a, b])
}

/** A program without a shape in sight compiles, whatever it does. */
export function untyped(
  x: Tensor,
  y: Tensor,
  list: Tensor[],
  shape: number[],
  plain: Tensor | number,
): Tensor[] {
  const layer = (input: Tensor, kernel: Tensor, bias: Tensor): Tensor => input.matmul(kernel).add(bias).relu()
  return [
    layer(x, y, y),
    x.sum(axis, { keepDims: true }),
    x.mean(shape),
    x.mean(axes),
    ops.sum(x, axes),
    x.reshape(shape).transpose(shape),
    x.expandDims(axis).squeeze(axis),
    ops.concat(list, axis),
    ops.stack(list),
    ops.add(plain, plain),
    ops.mul(plain, 2),
    a.add(x).matmul(y),
    list.reduce((p, q) => p.add(q)),
  ]
}
