import {
  arange,
  full,
  layers,
  ones,
  ops,
  random,
  scalar,
  sequential,
  type Tensor,
  tensor,
  zeros,
} from '../index.ts'
import type { Floating, Numeric, Promote } from './dtype-types.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Expect<T extends true> = T
type DTypeIn<T> = T extends Tensor<infer _, infer D> ? D : never
type Elements<T extends { data(): unknown }> = Awaited<ReturnType<T['data']>>

export type PromotionCases = [
  Expect<Equal<Promote<'float32', 'float32'>, 'float32'>>,
  Expect<Equal<Promote<'float32', 'int64'>, 'float32'>>,
  Expect<Equal<Promote<'float16', 'float32'>, 'float32'>>,
  Expect<Equal<Promote<'float64', 'float16'>, 'float64'>>,
  Expect<Equal<Promote<'uint32', 'int32'>, 'int64'>>,
  Expect<Equal<Promote<'uint8', 'bool'>, 'uint8'>>,
  Expect<Equal<Promote<'bool', 'bool'>, 'bool'>>,
  Expect<Equal<Numeric<'bool'>, 'int32'>>,
  Expect<Equal<Floating<'int64'>, 'float32'>>,
]

const floats = tensor([[1, 2]])
const whole = ones([2], { dtype: 'int32' })
const long = tensor(new BigInt64Array(2))
const doubles = tensor(new Float64Array(2), { shape: [2, 1] })
const rows = tensor([new Int32Array(3), new Int32Array(3)])
const net = sequential([layers.dense({ units: 2, inputShape: [2] })])

export type ElementCases = [
  Expect<Equal<Elements<typeof rows>, Int32Array>>,
  Expect<Equal<(typeof rows)['shape'], [2, number]>>,
  Expect<Equal<Elements<typeof floats>, Float32Array>>,
  Expect<Equal<Elements<typeof whole>, Int32Array>>,
  Expect<Equal<Elements<typeof long>, BigInt64Array>>,
  Expect<Equal<Elements<typeof doubles>, Float64Array>>,
]

const operations = {
  created: [zeros([2]), full([2], 1), arange(3), scalar(1), random.normal([2]), tensor([true])] as const,
  float: [
    floats.add(1),
    floats.exp().mul(floats).sum(0),
    floats.mean(),
    ops.exp(whole),
    ops.div(whole, 2),
  ] as const,
  double: [doubles.add(floats), ops.add(doubles, whole), ops.mean(doubles), doubles.slice([0], [1])] as const,
  int: [whole.add(whole), ops.argMax(floats), ops.sum(whole), floats.argMax(), floats.argsort()] as const,
  bool: [floats.less(1), ops.equal(whole, 1), floats.isNaN(), whole.any()] as const,
  cast: [whole.cast('float64'), floats.reshape([2, 1]).cast('float64').transpose()] as const,
}
type Of<K extends keyof typeof operations> = DTypeIn<(typeof operations)[K][number]>

export type OperationCases = [
  Expect<Equal<Of<'created'>, 'float32'>>,
  Expect<Equal<Of<'float'>, 'float32'>>,
  Expect<Equal<Of<'double'>, 'float64'>>,
  Expect<Equal<Of<'int'>, 'int32'>>,
  Expect<Equal<Of<'bool'>, 'bool'>>,
  Expect<Equal<Of<'cast'>, 'float64'>>,
]

/** What programs write, without a cast. */
export const program = async (anything: Tensor) => {
  const predictions = await net.predict([[1, 2]])
  const flat: Float32Array = await predictions.data()
  const rows = await predictions.toArray()
  const matrix: number[][] = await floats.toArray()
  const one: number | undefined = (await anything.toArray())[0]?.[0]
  // A tensor of known shape and dtype is a tensor.
  const list: Tensor[] = [floats, whole, doubles]
  return [flat[0], rows[0]?.[0], matrix, one, list]
}
