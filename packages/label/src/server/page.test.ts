// The page in Chromium, by keys and by the mouse, as people use it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Chromium, missingChromium, modifiers, type Page } from '../../../../tools/chromium.ts'
import { bundled } from '../../../../tools/label-page.ts'
import type { Task } from '../annotations/task.ts'
import { label } from '../label.ts'
import type { LabelOptions } from '../options.ts'
import type { LabelData } from '../samples/sample.ts'
import { landscape, tone } from '../testing/samples.ts'
import type { LabelSession } from './session.node.ts'

const missing = missingChromium()
const folder = mkdtempSync(join(tmpdir(), 'typegrad-label-page-'))
let chromium: Chromium
let session: { close(): Promise<void> } | undefined
let count = 0

beforeAll(async () => {
  if (missing === undefined) chromium = await Chromium.start()
}, 240_000)
afterEach(async () => {
  await session?.close()
  session = undefined
})
afterAll(async () => {
  if (missing === undefined) await chromium.close()
  rmSync(folder, { recursive: true, force: true })
})

async function begin<T extends Task>(
  data: LabelData,
  options: Omit<LabelOptions<T>, 'folder'>,
): Promise<LabelSession<T>> {
  const made = await label(data, {
    folder: join(folder, String(count++)),
    title: 'Test',
    ...options,
  } as LabelOptions<T>)
  session = made
  return made
}

/** Opens the page and goes in under a name. */
async function join_(url: string, name: string, language = 'en-US'): Promise<Page> {
  const page = await chromium.open(url, { language })
  await page.until("document.activeElement?.matches('input')")
  await page.type(name)
  await page.press('Enter')
  await page.until(
    "document.querySelector('.work')?.getAttribute('aria-busy') === 'false' && document.querySelector('.classes, textarea')",
  )
  return page
}

const texts = ['a great film', 'a dull <b>film</b>', 'what a story']

// A machine that is busy takes its time; nothing here is about it.
const name = `in Chromium${missing === undefined ? '' : ` (${missing})`}`
describe.skipIf(missing !== undefined)(name, { timeout: 240_000 }, () => {
  test('three texts are labelled by keys, one is undone and one skipped, and all of it is in the journal', async () => {
    const opened = await begin(texts, { task: 'class', classes: ['good', 'bad'] })
    const page = await join_(opened.url, 'Ada')
    // The token is not left in the address.
    expect(await page.evaluate('location.hash')).toBe('')
    await page.untilText(texts[0] as string)
    await page.press('2')
    // Text is text, whatever it holds.
    await page.untilText(texts[1] as string)
    await page.press('z')
    await page.untilText(texts[0] as string)
    await page.press('1')
    await page.untilText(texts[1] as string)
    await page.press('s')
    await page.untilText(texts[2] as string)
    await page.press('?')
    await page.until("document.querySelector('dialog')?.open")
    await page.press('Escape')
    await page.until("document.querySelector('dialog') === null")
    await page.press('1')
    await page.untilText('All done')
    await page.press('ArrowLeft')
    await page.until("document.querySelector('.classes [aria-pressed=true]')?.innerText.includes('good')")
    expect(opened.answers().map(({ sample, person, value }) => [sample, person, value])).toEqual([
      ['0', 'Ada', 'good'],
      ['2', 'Ada', 'good'],
    ])
    const events = readFileSync(join(folder, String(count - 1), 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n')
    expect(events.slice(1).map((line) => JSON.parse(line).event)).toEqual([
      'label',
      'undo',
      'label',
      'skip',
      'label',
    ])
    expect(page.errors).toEqual([])
  })

  test('two people at once get different samples, disagree on one, and somebody decides', async () => {
    const opened = await begin(texts.slice(0, 2), { task: 'classes', classes: ['a', 'b', 'c'], perSample: 2 })
    const [ada, bo] = await Promise.all([join_(opened.url, 'Ada'), join_(opened.url, 'Bo', 'zh-CN')])
    await bo.untilText('保存')
    for (const [page, keys] of [
      [ada, ['1', '3']],
      [bo, ['1']],
    ] as const) {
      for (const key of keys) await page.press(key)
      await page.until(`document.querySelectorAll('.classes [aria-pressed=true]').length === ${keys.length}`)
      await page.press('Enter')
      await page.until("document.querySelectorAll('.classes [aria-pressed=true]').length === 0")
      await page.press('2')
      await page.until("document.querySelectorAll('.classes [aria-pressed=true]').length === 1")
      await page.press('Enter')
      await page.until("document.querySelector('.note')")
    }
    expect(opened.agreement().pairs).toMatchObject([{ people: ['Ada', 'Bo'], samples: 2, same: 1 }])
    expect(opened.labelled()).toHaveLength(1)
    await bo.until(
      "[...document.querySelectorAll('header button')].some((one) => one.innerText.includes('1 处分歧'))",
    )
    await bo.evaluate("document.querySelector('header button').click()")
    await bo.untilText('采用Ada的')
    await bo.evaluate("document.querySelector('.hint button').click()")
    await bo.until("document.querySelectorAll('.classes [aria-pressed=true]').length === 2")
    await bo.press('Enter')
    await bo.untilText('没有分歧了')
    expect(opened.labelled().map(({ value }) => value)).toEqual([['a', 'c'], ['b']])
    expect([...ada.errors, ...bo.errors]).toEqual([])
  })

  test('boxes are drawn by the mouse, moved by keys, and saved in the picture’s pixels', async () => {
    const opened = await begin([{ image: landscape(), id: 'house' }], {
      task: 'boxes',
      classes: ['house', 'sun'],
    })
    const page = await join_(opened.url, 'Ada')
    await page.until("document.querySelector('svg')")
    const [left, top, scale] = await page.evaluate<[number, number, number]>(
      "(({ left, top, width }) => [left, top, 640 / width])(document.querySelector('.boxes svg').getBoundingClientRect())",
    )
    const at = (x: number, y: number) => [left + x / scale, top + y / scale] as const
    await page.drag(at(100, 100), at(260, 320))
    await page.until("document.querySelectorAll('.boxes g').length === 1")
    await page.drag(at(560, 150), at(440, 30))
    await page.until("document.querySelectorAll('.boxes g').length === 2")
    await page.press('2')
    await page.press('ArrowRight')
    await page.until("document.querySelector('.boxes g[aria-pressed=true]')?.ariaLabel.startsWith('sun, 44')")
    await page.press('Enter')
    await page.untilText('All done')
    const [answer] = opened.answers()
    expect(answer?.value).toMatchObject({ width: 640, height: 400 })
    const near = (value: number) => expect.closeTo(value, -0.5)
    expect(answer?.value.boxes).toEqual([
      { class: 'house', x: near(100), y: near(100), width: near(160), height: near(220) },
      { class: 'sun', x: near(446), y: near(30), width: near(120), height: near(120) },
    ])
    expect(page.errors).toEqual([])
  })

  test('spans are selected by the mouse and marked by keys', async () => {
    const text = 'Ada Lovelace was born in London.'
    const opened = await begin([text], { task: 'spans', classes: ['PER', 'LOC'] })
    const page = await join_(opened.url, 'Ada')
    // From within "Ada" to within "Lovelace": whole words are marked.
    const [from, to] = await page.evaluate<[[number, number], [number, number]]>(`[1, 7].map((offset) => {
      const range = document.createRange()
      range.setStart(document.querySelector('.sample span').firstChild, offset)
      const { left, top, height } = range.getBoundingClientRect()
      return [left, top + height / 2]
    })`)
    await page.drag(from, to)
    await page.until("document.querySelector('mark')?.firstChild.data === 'Ada Lovelace'")
    await page.press('ArrowLeft')
    await page.press('ArrowLeft')
    await page.until("document.querySelector('.cursor')?.textContent === 'London'")
    await page.press('2')
    await page.until("document.querySelectorAll('mark').length === 2")
    await page.press('Enter')
    await page.untilText('All done')
    expect(opened.rows()).toEqual([
      {
        ...{ id: '0', text },
        spans: [
          { class: 'PER', start: 0, end: 12 },
          { class: 'LOC', start: 25, end: 31 },
        ],
        tokens: ['Ada', 'Lovelace', 'was', 'born', 'in', 'London', '.'],
        labels: ['B-PER', 'I-PER', 'O', 'O', 'O', 'B-LOC', 'O'],
      },
    ])
    expect(page.errors).toEqual([])
  })

  test('a sound is written down, and what a model hears is there to be mended', async () => {
    const opened = await begin([{ sound: tone() }], {
      task: 'transcript',
      propose: () => [{ value: 'beep beep' }],
    })
    await opened.modelIdle()
    const page = await join_(opened.url, 'Ada')
    await page.until("document.querySelector('.wave path')?.getAttribute('d').length > 100")
    await page.until("document.querySelector('textarea').value === 'beep beep'")
    await page.evaluate("document.querySelector('textarea').setSelectionRange(9, 9)")
    await page.type(' beep')
    await page.until("document.querySelector('textarea').value === 'beep beep beep'")
    await page.press(' ', modifiers.ctrl)
    await page.until(
      "document.querySelector('audio').currentTime > 0 || !document.querySelector('audio').paused",
    )
    await page.press('Enter')
    await page.untilText('All done')
    expect(opened.answers().map(({ value }) => value)).toEqual(['beep beep beep'])
    expect(page.errors).toEqual([])
  })

  test('the component labels a list without a server, and a sample that is not kept stays', async () => {
    const script = await bundled('../packages/label/src/component/index.ts')
    const page = await chromium.open('about:blank')
    await page.evaluate(`(async () => {
      const blob = new Blob([${JSON.stringify(script)}], { type: 'text/javascript' })
      const { mountLabelling } = await import(URL.createObjectURL(blob))
      window.kept = []
      window.mounted = mountLabelling(document.body, {
        task: 'class', classes: ['x', 'y'], samples: [{ text: 'first' }, { text: 'second' }], language: 'en',
        onLabel: async ({ text }, value) => {
          if (window.isFull) throw new Error('the disk is full')
          window.kept.push([text, value])
        },
      })
    })()`)
    await page.untilText('first')
    await page.press('2')
    await page.untilText('second')
    await page.evaluate('window.isFull = true')
    await page.press('1')
    await page.untilText('Not saved: the disk is full')
    await page.evaluate('window.isFull = false')
    await page.press('1')
    await page.untilText('All done')
    expect(await page.evaluate('window.kept')).toEqual([
      ['first', 'y'],
      ['second', 'x'],
    ])
    await page.evaluate('window.mounted.unmount()')
    expect(await page.evaluate('document.body.innerText.trim()')).toBe('')
  })
})
