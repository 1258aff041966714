import { expect, test } from 'vitest'
import { compile, layers, ops, sequential, type Tensor, tensor, zeros } from '../index.ts'

const table = tensor([
  [1, 2],
  [3, 4],
])
const beyond = tensor([7], { dtype: 'int32' })
const within = tensor([1], { dtype: 'int32' })
const picked = compile((rows: Tensor) => ops.gather(table, rows).sum())
const large = zeros([1500, 1500])
/** Long enough to run beside the event loop. */
const pickedLate = compile((rows: Tensor) => ops.gather(large.matmul(large).add(1), rows).sum())
const net = sequential([layers.dense({ units: 1, inputShape: [2] })])

async function callingLine(call: () => unknown): Promise<void> {
  await call()
}

const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  'a value that is asked for': () => ops.gather(table, beyond).toArray(),
  'a compiled function': () => picked(beyond),
  'one of several compiled functions at a time': () => Promise.all([picked(within), picked(beyond)]),
  'a compiled function that takes long': () => pickedLate(tensor([-1600], { dtype: 'int32' })),
  'a model with a layer that fails': () =>
    sequential([
      layers.lambda({ function: (x) => ops.gather(x, tensor([9], { dtype: 'int32' }), 1) }),
      net,
    ]).predict([[1, 2]]),
}

test.each(Object.entries(calls))(
  'an error at run time has the line in its stack that wants %s',
  async (_, call) => {
    await callingLine(call).then(
      () => expect.unreachable('no error'),
      (error: Error) => {
        expect(error.stack).toContain('callingLine')
        expect(error.stack).toContain('error-stacks.test.ts')
      },
    )
  },
)

test('calls that come after one that fails are made', async () => {
  const [failed, done] = await Promise.allSettled([picked(beyond), picked(within)])
  expect(failed.status).toBe('rejected')
  if (done.status !== 'fulfilled') throw done.reason
  expect(await done.value.toArray()).toBe(7)
})
