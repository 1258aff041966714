import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Report, writeReport } from './report.ts'

const digit = Uint8Array.from({ length: 784 }, (_, i) => i % 256)
const report: Report = {
  title: 'Digits & <letters>',
  summary: [
    ['Test accuracy', '98.9 %'],
    ['Epochs', '3'],
  ],
  history: {
    loss: [0.5, 0.25, 0.125],
    accuracy: [0.8, 0.9, 0.95],
    val_loss: [0.4, Number.NaN, 0.1],
    valAccuracy: [0.85, 0.92, 0.96],
    validity: [1, 2, 3],
  },
  confusion: [
    [5, 1, 0],
    [0, 6000, 0],
    [2, 0, 4],
  ],
  meaning: 'Loss & accuracy are means.',
  right: [{ image: digit, width: 28, height: 28, label: 1, guess: 1, confidence: 0.99 }],
  classes: ['zero', 'one', '<two>'],
  mistakes: [
    { image: digit, width: 28, height: 28, label: 0, guess: 1, confidence: 0.61 },
    {
      image: Float32Array.of(-1, 0, 1, 1),
      width: 2,
      height: 2,
      label: 2,
      guess: 0,
      confidence: 0.97,
    },
  ],
}

describe('writeReport', () => {
  let folder: string
  let html: string
  const write = async (changes: Partial<Report>): Promise<string> => {
    const file = join(folder, 'run', 'report.html')
    await writeReport(file, { ...report, ...changes })
    return await readFile(file, 'utf8')
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'typegrad-report-'))
    html = await write({})
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('needs no network and no script', () => {
    const addresses = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)/g)].map(
      (match) => match[1],
    )
    expect(addresses.filter((address) => !address?.startsWith('data:') && !address?.startsWith('#'))).toEqual(
      [],
    )
    expect(html).not.toMatch(/<script|@import|<link/)
  })

  it('escapes what it is given', () => {
    expect(html).toContain('<h1>Digits &amp; &lt;letters&gt;</h1>')
    expect(html).not.toContain('<two>')
    expect(html).not.toContain('<letters>')
  })

  it('draws training and validation of each metric into one picture', () => {
    const figures = html.split('<figure>').slice(1)
    expect(figures.map((figure) => /<h3>(.*?)<\/h3>/.exec(figure)?.[1])).toEqual([
      'Loss',
      'Accuracy',
      'Validity',
    ])
    expect(figures.map((figure) => /<figcaption>(.*?)<\/figcaption>/.exec(figure)?.[1])).toEqual([
      'After 3 epochs: training 0.125, validation 0.1',
      'After 3 epochs: training 95.00\u00a0%, validation 96.00\u00a0%',
      'After 3 epochs: training 3',
    ])
    expect(figures[0]).toContain(
      'aria-label="Loss by epoch. After 3 epochs: training 0.125, validation 0.1."',
    )
    expect(figures[0]).toContain('stroke="var(--blue)"')
    expect(figures[0]).toContain('stroke="var(--orange)"')
    expect(figures[2]).not.toContain('stroke="var(--orange)"')
  })

  it('says what the figures mean', () => {
    expect(html).toContain('<p class="meaning">Loss &amp; accuracy are means.</p>')
  })

  it('lists all numbers, those that are none too', () => {
    const row = /<tr><th scope="row">2<\/th>(.*?)<\/tr>/.exec(html)?.[1]
    expect(row?.match(/(?<=<td>).*?(?=<\/td>)/g)).toEqual([
      '0.25',
      'NaN',
      '90.00\u00a0%',
      '92.00\u00a0%',
      '2',
    ])
  })

  it('counts and colours the confusion', () => {
    const table = /<table class="confusion"[^>]*>[\s\S]*?<\/table>/.exec(html)?.[0] ?? ''
    const cells = [
      ...table.matchAll(/<td class="(\w+)" style="--heat:([\d.]+)"><span>([\d,]+)<\/span><\/td>/g),
    ]
    expect(cells.map(([, kind, heat, count]) => `${count} ${kind} ${heat}`)).toEqual([
      ...['5 right 0.833', '1 wrong 0.707', '0 none 0.000'],
      ...['0 none 0.000', '6,000 right 1.000', '0 none 0.000'],
      ...['2 wrong 1.000', '0 none 0.000', '4 right 0.667'],
    ])
    expect(table.match(/[\d.]+\u00a0%/g)).toEqual(['83.3\u00a0%', '100.0\u00a0%', '66.7\u00a0%'])
  })

  it('shows what was read right and the mistakes, the surest first', () => {
    const images = [
      ...html.matchAll(/<img src="data:image\/png;base64,([^"]+)" width="(\d+)".*? alt="([^"]*)"/g),
    ]
    expect(images.map(([, , width, alt]) => `${width}: ${alt}`)).toEqual([
      '28: Image of one, read right with 99\u00a0% confidence',
      '2: Image of &lt;two&gt;, taken for zero with 97\u00a0% confidence',
      '28: Image of zero, taken for one with 61\u00a0% confidence',
    ])
    const [, scaled, bytes] = images.map(([, base64]) => decode(Buffer.from(base64 ?? '', 'base64')))
    expect([...(scaled?.data ?? [])]).toEqual([0, 128, 255, 255])
    expect(bytes).toMatchObject({ width: 28, height: 28, channels: 1, depth: 8 })
    expect([...(bytes?.data ?? [])]).toEqual([...digit])
  })

  it('shows only so many mistakes, and says how many there are', async () => {
    const [mistake] = report.mistakes
    const many = await write({ mistakes: mistake === undefined ? [] : new Array(1000).fill(mistake) })
    expect(many.match(/<img /g)).toHaveLength(241)
    expect(many).toContain('The 240 surest of 1,000 mistakes')
  })

  it('is a page without any data too', async () => {
    const empty = await write({ summary: [], history: {}, confusion: [], right: [], mistakes: [] })
    expect(empty).toContain('What it got wrong</h2><p>Nothing.')
    expect(empty).not.toMatch(/<figure>|<table|undefined/)
    const oneEpoch = await write({ history: { loss: [0.5] } })
    expect(oneEpoch).toContain('After 1 epoch: training 0.5')
  })
})
