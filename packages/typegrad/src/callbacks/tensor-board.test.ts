import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { decode } from 'fast-png'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tfRecord } from '../formats/tfrecord.ts'
import { ArgumentError, callbacks, input, layers, model, ShapeError, sequential, tensor } from '../index.ts'

let logDir: string
beforeEach(() => {
  logDir = mkdtempSync(join(tmpdir(), 'typegrad-board-'))
})
afterEach(() => rmSync(logDir, { recursive: true, force: true }))

/** The members of a message by their numbers, the last of each. */
function members(bytes: Uint8Array): Map<number, unknown> {
  const reader = new BinaryReader(bytes)
  const found = new Map<number, unknown>()
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (type === 0) found.set(field, Number(reader.uint64()))
    else if (type === 1) found.set(field, reader.double())
    else if (type === 5) found.set(field, reader.float())
    else found.set(field, reader.bytes())
  }
  return found
}
const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array)

/** Whole records with the right checksums. */
function records(run: string): Uint8Array[] {
  const files = readdirSync(join(logDir, run))
  expect(files).toHaveLength(1)
  expect(files[0]).toMatch(/^events\.out\.tfevents\.\d{10}\./)
  const bytes = new Uint8Array(readFileSync(join(logDir, run, files[0] as string)))
  const found: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = Number(new DataView(bytes.buffer).getBigUint64(at, true))
    const data = bytes.slice(at + 12, at + 12 + length)
    expect(bytes.slice(at, at + 16 + length)).toEqual(tfRecord(data))
    found.push(data)
    at += 16 + length
  }
  return found
}

/** Tags with their steps, and the tensors. */
function summaries(run: string) {
  return records(run).flatMap((record) => {
    const event = members(record)
    const summary = event.get(5)
    if (summary === undefined) return []
    const value = members(members(summary as Uint8Array).get(1) as Uint8Array)
    return [
      {
        tag: text(value.get(1)),
        step: Number(event.get(2) ?? 0),
        tensor: members(value.get(8) as Uint8Array),
      },
    ]
  })
}
const scalarOf = ({ tensor }: ReturnType<typeof summaries>[number]) =>
  new DataView((tensor.get(5) as Uint8Array).slice().buffer).getFloat32(0, true)

const x = [[1], [2], [3], [4]]
const y = [[2], [4], [6], [8]]
const small = () => {
  const made = sequential([layers.dense({ units: 1, inputShape: [1], name: 'line' })])
  made.compile({ optimizer: 'sgd', loss: 'mse' })
  return made
}

test("scalars of both runs under Keras's names, and histograms", async () => {
  const board = callbacks.tensorBoard({ logDir, histogramFreq: 2, updateFreq: 'batch' })
  const { history } = await small().fit(x, y, {
    epochs: 3,
    batchSize: 2,
    verbose: 0,
    validationData: [x, y],
    callbacks: [board],
  })
  const train = summaries('train')
  const tags = (list: ReturnType<typeof summaries>) => list.map(({ tag, step }) => `${tag} ${step}`)
  expect(tags(train)).toEqual(
    [0, 1, 2].flatMap((epoch) => [
      `batch_loss ${2 * epoch}`,
      `batch_loss ${2 * epoch + 1}`,
      `epoch_loss ${epoch}`,
      `epoch_learning_rate ${epoch}`,
      ...(epoch === 1 ? [] : [`line/kernel/histogram ${epoch}`, `line/bias/histogram ${epoch}`]),
    ]),
  )
  expect(train.filter(({ tag }) => tag === 'epoch_loss').map(scalarOf)).toEqual(history.loss)
  const validation = summaries('validation')
  expect(tags(validation)).toEqual(
    [0, 1, 2].flatMap((epoch) => [`evaluation_loss_vs_iterations ${2 * (epoch + 1)}`, `epoch_loss ${epoch}`]),
  )
  expect(validation.filter(({ tag }) => tag === 'epoch_loss').map(scalarOf)).toEqual(history.val_loss)
})

test('the graph, with models within as boxes', async () => {
  const inner = sequential(
    [layers.dense({ units: 2, inputShape: [1], name: 'first' }), layers.dense({ units: 1, name: 'second' })],
    { name: 'inner' },
  )
  const a = input({ shape: [1], name: 'a' })
  const sum = layers.add({ name: 'sum' }).apply([a, inner.apply(a)])
  const made = model({ inputs: a, outputs: sum })
  made.compile({ optimizer: 'sgd', loss: 'mse' })
  await made.fit(x, y, { verbose: 0, callbacks: [callbacks.tensorBoard({ logDir })] })
  const graph = records('train')
    .map((record) => members(record).get(4))
    .find((bytes) => bytes !== undefined)
  const reader = new BinaryReader(graph as Uint8Array)
  const nodes: string[] = []
  while (reader.pos < reader.len) {
    const [field] = reader.tag()
    const bytes = reader.bytes()
    if (field !== 1) continue
    const node = new BinaryReader(bytes)
    const inputs: string[] = []
    let [name, op] = ['', '']
    while (node.pos < node.len) {
      const [member, type] = node.tag()
      if (member === 1) name = node.string()
      else if (member === 2) op = node.string()
      else if (member === 3) inputs.push(node.string())
      else node.skip(type)
    }
    nodes.push(`${name}: ${op}(${inputs.join(', ')})`)
  }
  expect(nodes).toEqual([
    'a: InputLayer()',
    'inner/first: Dense(a)',
    'inner/second: Dense(inner/first)',
    'sum: Add(a, inner/second)',
  ])
})

test('pictures', async () => {
  const board = callbacks.tensorBoard({ logDir, writeGraph: false })
  await board.image(
    'grey',
    tensor([
      [[0], [0.5]],
      [[1], [2]],
    ]),
    4,
  )
  await board.image('two', tensor([[[[255, 0, 7]]], [[[1, 2, 3]]]], { dtype: 'uint8' }))
  const [grey, two] = summaries('train')
  expect([grey?.tag, grey?.step, two?.tag, two?.step]).toEqual(['grey', 4, 'two', 0])
  // The last of the strings is the last picture.
  const greyPicture = decode(grey?.tensor.get(8) as Uint8Array)
  expect([greyPicture.width, greyPicture.height, greyPicture.channels, [...greyPicture.data]]).toEqual([
    2,
    2,
    1,
    [0, 128, 255, 255],
  ])
  expect([...decode(two?.tensor.get(8) as Uint8Array).data]).toEqual([1, 2, 3])
  await expect(board.image('flat', tensor([[1, 2]]))).rejects.toThrow(ShapeError)
})

test('after so many batches, after epochs alone, and of an evaluation by itself', async () => {
  const board = callbacks.tensorBoard({ logDir, updateFreq: 3, writeGraph: false })
  const made = small()
  await made.fit(x, y, { epochs: 1, batchSize: 1, verbose: 0, callbacks: [board] })
  expect(
    summaries('train')
      .filter(({ tag }) => tag === 'batch_loss')
      .map(({ step }) => step),
  ).toEqual([0, 3])
  await made.evaluate(x, y, { batchSize: 2, verbose: 0, callbacks: [board] })
  expect(summaries('validation').map(({ tag, step }) => `${tag} ${step}`)).toEqual([
    'evaluation_loss_vs_iterations 2',
  ])
})

test('refuses frequencies that are none', () => {
  expect(() => callbacks.tensorBoard({ histogramFreq: -1 })).toThrow(ArgumentError)
  expect(() => callbacks.tensorBoard({ updateFreq: 0 })).toThrow("'epoch', 'batch' or a positive number")
})
