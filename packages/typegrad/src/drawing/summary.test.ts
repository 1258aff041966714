import { describe, expect, test } from 'vitest'
import { layers, type Model, sequential } from '../index.ts'
import { resetNames } from '../layers/base/naming.ts'

describe('summary', () => {
  test('is a table', () => {
    resetNames()
    const model: Model = sequential(
      [
        layers.conv2d({ filters: 32, kernelSize: 3, inputShape: [28, 28, 1] }),
        layers.batchNormalization(),
        layers.flatten(),
        layers.dense({ units: 10, name: 'logits' }),
      ],
      { name: 'digits' },
    )
    model.getLayer('logits').trainable = false
    const lines: string[] = []
    const text = model.summary({ print: (line) => lines.push(line) })
    expect(lines.join('\n')).toBe(text)
    expect(text).toMatchInlineSnapshot(`
      "Model: digits
      ┌──────────────────────────────────────────┬─────────────────────┬─────────┐
      │ Layer (type)                             │ Output shape        │  Params │
      ├──────────────────────────────────────────┼─────────────────────┼─────────┤
      │ conv2d (Conv2D)                          │ [batch, 26, 26, 32] │     320 │
      │ batch_normalization (BatchNormalization) │ [batch, 26, 26, 32] │     128 │
      │ flatten (Flatten)                        │ [batch, 21632]      │       0 │
      │ logits (Dense)                           │ [batch, 10]         │ 216,330 │
      └──────────────────────────────────────────┴─────────────────────┴─────────┘
      Total params: 216,778 (846.79 KiB)
      Trainable params: 384 (1.50 KiB)
      Non-trainable params: 216,394 (845.29 KiB)"
    `)
  })

  test.each([34, 50, 60, 80, 120])('fits a terminal of %i columns', (columns) => {
    resetNames()
    const model: Model = sequential([
      layers.conv2d({ filters: 32, kernelSize: 3, inputShape: [28, 28, 1] }),
      layers.batchNormalization({ name: 'a_name_without_any_space_in_it' }),
    ])
    const text = model.summary({ print: null, lineLength: columns })
    const table = text.split('\n').slice(1, -3)
    const widest = Math.max(...table.map(({ length }) => length))
    expect(widest).toBeLessThanOrEqual(columns)
    expect(new Set(table.map(({ length }) => length)).size).toBe(1)
    // Nothing is lost: the letters of both columns are all there, in their order.
    const column = (i: number) => table.map((line) => line.split('│')[i]?.replaceAll(' ', '') ?? '').join('')
    expect(column(1)).toBe('Layer(type)conv2d(Conv2D)a_name_without_any_space_in_it(BatchNormalization)')
    expect(column(2)).toBe('Outputshape[batch,26,26,32][batch,26,26,32]')
    expect(column(3)).toBe('Params320128')
  })

  test('breaks names between words', () => {
    resetNames()
    const model: Model = sequential([
      layers.conv2d({ filters: 32, kernelSize: 3, inputShape: [28, 28, 1] }),
      layers.maxPooling2d(),
    ])
    expect(model.summary({ print: null, lineLength: 50 }).split('\n').slice(1, -3).join('\n')).toBe(
      `
┌─────────────────┬─────────────────────┬────────┐
│ Layer (type)    │ Output shape        │ Params │
├─────────────────┼─────────────────────┼────────┤
│ conv2d (Conv2D) │ [batch, 26, 26, 32] │    320 │
│ max_pooling2d   │ [batch, 13, 13, 32] │      0 │
│ (MaxPooling2D)  │                     │        │
└─────────────────┴─────────────────────┴────────┘`.trim(),
    )
  })

  test('says what is not known yet', () => {
    resetNames()
    const model = sequential([layers.dense({ units: 3 })])
    expect(model.summary({ print: null })).toMatchInlineSnapshot(`
      "Model: sequential
      ┌───────────────┬──────────────┬────────┐
      │ Layer (type)  │ Output shape │ Params │
      ├───────────────┼──────────────┼────────┤
      │ dense (Dense) │ ?            │      ? │
      └───────────────┴──────────────┴────────┘
      Total params: 0 (0 B)
      Trainable params: 0 (0 B)
      Non-trainable params: 0 (0 B)"
    `)
  })

  test('shows nested models and what learns', () => {
    resetNames()
    const inner = sequential(
      [layers.dense({ units: 2, inputShape: [4], name: 'frozen', trainable: false }), layers.flatten()],
      { name: 'inner' },
    )
    const middle = sequential([inner, layers.dropout({ rate: 0.5 })], { name: 'middle' })
    const model: Model = sequential([middle, layers.dense({ units: 1, name: 'head' })], { name: 'outer' })
    expect(model.summary({ print: null, expandNested: true, showTrainable: true })).toMatchInlineSnapshot(`
      "Model: outer
      ┌───────────────────────┬──────────────┬────────┬───────────┐
      │ Layer (type)          │ Output shape │ Params │ Trainable │
      ├───────────────────────┼──────────────┼────────┼───────────┤
      │ middle (Sequential)   │ [batch, 2]   │     10 │     N     │
      │ └ inner (Sequential)  │ [batch, 2]   │     10 │     N     │
      │   └ frozen (Dense)    │ [batch, 2]   │     10 │     N     │
      │   └ flatten (Flatten) │ [batch, 2]   │      0 │     -     │
      │ └ dropout (Dropout)   │ [batch, 2]   │      0 │     -     │
      │ head (Dense)          │ [batch, 1]   │      3 │     Y     │
      └───────────────────────┴──────────────┴────────┴───────────┘
      Total params: 13 (52 B)
      Trainable params: 3 (12 B)
      Non-trainable params: 10 (40 B)"
    `)
    expect(model.summary({ print: null })).not.toContain('inner')
  })
})
