// Commands of models, as a user types them: what is in a file, a table and a picture of its layers, and other formats.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { layers, loadModel, type Model, onnxModel, readSafetensors, sequential } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textWidth } from '../terminal/text-width.ts'
import { typed } from '../testing/typed.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-cli-models-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

const x = [
  [0.5, -1, 2],
  [1, 0, -0.25],
]
let model: Model
let predicted: readonly number[]

const predictionsOf = async (of: Model): Promise<number[]> =>
  Array.from(await (await of.predict(x)).data(), Number)

beforeAll(async () => {
  model = sequential(
    [
      layers.dense({ units: 4, activation: 'relu', inputShape: [3], name: 'hidden' }),
      layers.dense({ units: 2, name: 'out' }),
    ],
    { name: 'small' },
  )
  model.compile({ optimizer: 'adam', loss: 'mse' })
  predicted = await predictionsOf(model)
  await model.save(at('small.keras'))
}, 120_000)

const fitsIn80 = (text: string): void =>
  expect(text.split('\n').filter((line) => textWidth(line) > 80)).toEqual([])

describe('convert', () => {
  test.each(['h5', 'folder', 'again.keras'])('to %s, which predicts the same', async (name) => {
    const output = at(`layers.${name}`.replace('.folder', ''))
    expect(await typed(`typegrad convert ${at('small.keras')} ${output}`)).toEqual({
      code: 0,
      out: '',
      err: `The model is in ${output}.\n`,
    })
    const again = await loadModel(output)
    expectClose(await predictionsOf(again), predicted)
    expect(again.isCompiled).toBe(true)
  })

  test('to ONNX, and from there to a folder and tensors', async () => {
    expect((await typed(`typegrad convert ${at('small.keras')} ${at('small.onnx')}`)).code).toBe(0)
    expectClose(await predictionsOf((await onnxModel(at('small.onnx'))) as unknown as Model), predicted)
    expect((await typed(`typegrad convert ${at('small.onnx')} ${at('network')}`)).code).toBe(0)
    expectClose(await predictionsOf(await loadModel(at('network'))), predicted)
    expect((await typed(`typegrad convert ${at('small.onnx')} ${at('network.safetensors')}`)).code).toBe(0)
    expect((await readSafetensors(at('network.safetensors'))).tensors.size).toBe(4)
  })

  test('to weights, in another dtype too', async () => {
    expect((await typed(`typegrad convert ${at('small.keras')} ${at('small.weights.h5')}`)).code).toBe(0)
    await typed(`typegrad convert ${at('small.keras')} ${at('whole.safetensors')}`)
    await typed(`typegrad convert ${at('whole.safetensors')} ${at('half.safetensors')} --dtype bfloat16`)
    for (const [file, stored] of [
      ['whole.safetensors', 'float32'],
      ['half.safetensors', 'bfloat16'],
    ] as const) {
      const { tensors } = await readSafetensors(at(file))
      expect(tensors.get('layers/dense/kernel')).toMatchObject({ stored, shape: [3, 4] })
    }
    await model.loadWeights(at('small.weights.h5'))
    expectClose(await predictionsOf(model), predicted)
  })

  test('from TensorFlow.js', async () => {
    const from = fileURLToPath(new URL('../../../typegrad/golden/tfjs/dense', import.meta.url))
    expect(await typed(`typegrad convert ${from} ${at('from-tfjs')}`)).toEqual({
      code: 0,
      out: '',
      err: `The model is in ${at('from-tfjs')}.\n`,
    })
    const [one, other] = [await loadModel(join(from, 'model.json')), await loadModel(at('from-tfjs'))]
    expect(one.weights.length).toBeGreaterThan(0)
    for (const [i, weight] of other.weights.entries())
      expect(await weight.value.toArray()).toEqual(await one.weights[i]?.value.toArray())
    // Its hard sigmoid is not Keras 3's, and is not passed off as that.
    const { code, err } = await typed(`typegrad convert ${from} ${at('from-tfjs.keras')}`)
    expect(code).toBe(1)
    expect(err).toMatch(/expected activations that Keras 3 has, received legacyHardSigmoid/)
  })

  test('from a folder of Hugging Face', async () => {
    const { PretrainedModel } = await import('@typegrad/transformers')
    const bert = new PretrainedModel(
      {
        model_type: 'bert',
        architectures: ['BertModel'],
        vocab_size: 30,
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 12,
      },
      'BertModel',
    )
    await bert.savePretrained(at('bert'))
    const { out } = await typed(`typegrad inspect ${at('bert')}`)
    expect(out).toMatch(/^bert\na model's folder of Hugging Face\n/)
    expect(out).toMatch(/architectures +BertModel/)
    fitsIn80(out)
    expect((await typed(`typegrad convert ${at('bert')} ${at('bert-half')} --dtype bfloat16`)).code).toBe(0)
    const { tensors } = await readSafetensors(at('bert-half/model.safetensors'))
    expect([...tensors.values()][0]?.stored).toBe('bfloat16')
    expect((await typed(`typegrad convert ${at('bert')} ${at('bert.onnx')}`)).code).toBe(0)
    const { inputs } = JSON.parse((await typed(`typegrad inspect ${at('bert.onnx')} --json`)).out)
    expect(inputs.map(({ name }: { name: string }) => name)).toContain('input_ids')
  })

  test.each([
    [
      'small.onnx a.keras',
      2,
      "OUTPUT: expected one of .onnx, .safetensors, folder, which a model of ONNX can become, received '.keras'.",
    ],
    [
      'small.keras a.onnx --dtype float16',
      2,
      "--dtype: expected an output of .safetensors, or a folder of Hugging Face, received '.onnx'.",
    ],
    [
      'small.keras a.pt',
      2,
      "OUTPUT: expected one of .keras, .h5, .weights.h5, .safetensors, .onnx, folder, received '.pt'.",
    ],
    [
      'table.csv a.onnx',
      1,
      /table\.csv: expected a model of layers, tensors or ONNX to convert, received a table\.$/,
    ],
    [
      'small.keras layers.h5',
      2,
      /layers\.h5: expected an output where nothing is yet, received a file that exists\./,
    ],
    ['damaged.keras a.onnx', 1, /damaged\.keras: expected a whole zip archive/],
  ])('%s is refused', async (given, code, said) => {
    writeFileSync(at('table.csv'), 'a\n1\n')
    writeFileSync(at('damaged.keras'), 'nothing')
    const [input, output, ...options] = given.split(' ')
    const found = await typed(['typegrad convert', at(input ?? ''), at(output ?? ''), ...options].join(' '))
    expect(found).toMatchObject({ code, out: '' })
    expect(found.err.replace(/^typegrad: /, '').trimEnd()).toEqual(
      typeof said === 'string' ? said : expect.stringMatching(said),
    )
    expect(readdirSync(folder).filter((name) => /^a\.|\.typegrad-/.test(name))).toEqual([])
  })
})

describe('inspect', () => {
  test.each([
    [
      'small.keras',
      /^small\.keras\na model of Keras \(\.keras\)\n {2}inputs +\[\?, 3\]\n {2}parameters +26\n {2}training +Adam\n/,
    ],
    ['small.onnx', /^small\.onnx\na model of ONNX\n {2}producer +typegrad\n[\s\S]*parameters +26\n/],
    [
      'whole.safetensors',
      /^whole\.safetensors\ntensors \(\.safetensors\)\n {2}tensors +4\n {2}numbers +26\n/,
    ],
    ['layers', /^layers\na model's folder of typegrad\n/],
  ])('of %s, in 80 columns', async (file, said) => {
    const { code, out, err } = await typed(`typegrad inspect ${at(file)}`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(said)
    fitsIn80(out)
    expect(JSON.parse((await typed(`typegrad inspect ${at(file)} --json`)).out)).toHaveProperty('kind')
  })

  test('names layers and parameters as JSON', async () => {
    const found = JSON.parse((await typed(`typegrad inspect ${at('small.keras')} --json`)).out)
    expect(found).toMatchObject({
      kind: 'keras',
      name: 'small',
      inputs: [[null, 3]],
      parameters: { total: 26, trainable: 26 },
      layers: [
        { name: 'hidden', class: 'Dense', parameters: 16 },
        { name: 'out', class: 'Dense', parameters: 10 },
      ],
    })
    expect(found.keras_version).toMatch(/^3\./)
  })
})

test('summary prints the layers', async () => {
  const { code, out } = await typed(`typegrad summary ${at('small.keras')} --trainable`)
  expect(code).toBe(0)
  expect(out).toBe(`${(await loadModel(at('small.keras'))).summary({ print: null, showTrainable: true })}\n`)
})

describe('plot', () => {
  test('draws an SVG, and a page around it', async () => {
    const [svg, page] = [at('small.svg'), at('small.html')]
    expect((await typed(`typegrad plot ${at('small.keras')} -o ${svg} --shapes`)).code).toBe(0)
    expect((await typed(`typegrad plot ${at('small.keras')} -o ${page} --shapes`)).code).toBe(0)
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg[\s\S]*Dense[\s\S]*<\/svg>\s*$/)
    expect(readFileSync(page, 'utf8')).toContain(readFileSync(svg, 'utf8').trimEnd())
  })

  test('refuses a model without layers, and another ending', async () => {
    expect(await typed(`typegrad plot ${at('small.onnx')} -o ${at('no.svg')}`)).toEqual({
      code: 1,
      out: '',
      err: `typegrad: ${at('small.onnx')}: expected a model of layers: .keras, .h5, a folder, model.json of TensorFlow.js, received a model of ONNX.\n`,
    })
    expect(await typed(`typegrad plot ${at('small.keras')} -o a.png`)).toEqual({
      code: 2,
      out: '',
      err: "typegrad: --output: expected one of .svg, .html, received '.png'.\n",
    })
  })
})

test('doctor computes a product and checks it', async () => {
  const { code, out } = await typed('typegrad doctor --json')
  expect(code).toBe(0)
  const { machine, engine, tables, versions } = JSON.parse(out)
  expect(machine.threads).toBeGreaterThan(0)
  expect(engine).toMatchObject({ device: 'cpu', fault: null, isRight: true })
  expect(engine.gigaflops).toBeGreaterThan(0)
  expect(tables.works).toBe(true)
  expect(versions['@typegrad/cli']).toMatch(/^\d+\.\d+\.\d+$/)
})

test('a full disk is told, and the older file stays', async ({ skip }) => {
  const disk = at('disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return skip('a small file system needs root to be mounted')
  }
  try {
    await sequential([layers.dense({ units: 200, inputShape: [200] })]).save(at('large.keras'))
    writeFileSync(join(disk, 'model.onnx'), 'older')
    const { code, err } = await typed(`typegrad convert ${at('large.keras')} ${disk}/model.onnx --force`)
    expect({ code, err }).toEqual({
      code: 1,
      err: `typegrad: ${disk}/model.onnx: expected room on the disk, received a full one. Nothing was written. Make room, or name an output on another disk.\n`,
    })
    expect(readdirSync(disk)).toEqual(['model.onnx'])
    expect(readFileSync(join(disk, 'model.onnx'), 'utf8')).toBe('older')
    // A project is copied: the system names what is copied, and not where to.
    const project = await typed(`typegrad new ${disk}/project --template images`)
    expect(project).toMatchObject({ code: 1, out: '' })
    expect(project.err).toMatch(/^typegrad: \S+disk\/project: expected room on the disk/)
    expect(readdirSync(disk)).toEqual(['model.onnx'])
  } finally {
    execFileSync('umount', [disk])
  }
})

test('an interrupted command ends with 130 and writes nothing', async () => {
  const found = await typed(`typegrad convert ${at('small.keras')} ${at('never.onnx')}`, {
    interrupted: AbortSignal.abort(),
  })
  expect(found).toEqual({ code: 130, out: '', err: 'typegrad: Stopped.\n' })
  expect(existsSync(at('never.onnx'))).toBe(false)
})
