import { expect, test } from 'vitest'
import { grad, ops, type Tensor, tensor } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'

const [batch, height, width] = [2, 20, 27]
const waves = tensor(
  Float32Array.from({ length: batch * height * width }, (_, i) => Math.sin(i * i)),
  { shape: [batch, height, width, 1] },
)

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data(), Number)

// One channel is blurred by a product where the kernel is wide, and three by convolutions, which Keras's numbers hold.
test.each([
  [31, 9],
  [7, 40],
  [8, 12],
  [3, 64],
])('a kernel of %j × %j blurs one channel as it does each of three', async (columns, rows) => {
  const options = { kernelSize: [columns, rows], sigma: [2.5, 4] } as const
  const blur = (x: Tensor): Tensor => ops.image.gaussianBlur(x, options)
  const three = ops.concat([waves.mul(0), waves, waves.mul(2)], 3)
  const middle = blur(three).slice([0, 0, 0, 1], [batch, height, width, 1])
  expectClose(await values(blur(waves)), await values(middle))
  const gradient = (of: (x: Tensor) => Tensor) => grad((x: Tensor) => of(x).mul(waves.cos()).sum())(waves)
  const inThree = (x: Tensor) =>
    blur(ops.concat([waves, x, waves], 3)).slice([0, 0, 0, 1], [batch, height, width, 1])
  const received = await values(gradient(blur))
  expectClose(received, await values(gradient(inThree)))
  expect(received.some((g) => Math.abs(g) > 1e-3)).toBe(true)
})
