import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Span } from '../annotations/task.ts'
import { ClassButtons } from './class-buttons.tsx'
import { isPlain } from './class-editors.tsx'
import { classOfKey, hueOfClass } from './class-keys.ts'
import type { EditorProps } from './editor.ts'
import { piecesOf, type Range, trimmed, wholeWords, withSpan, wordRanges } from './span-editing.ts'

/** Spans of a text, by the mouse or by keys that go from word to word. */
export function SpanEditor(props: EditorProps<'spans'>) {
  const { sample, classes, value: spans = [], isProposed, words, onChange, takeKeys } = props
  const text = sample.text ?? ''
  const ranges = useMemo(() => wordRanges(text), [text])
  const [active, setActive] = useState(classes[0] ?? '')
  /** The chosen words: the place where choosing began, and where it is. */
  const [cursor, setCursor] = useState<readonly [anchor: number, head: number] | undefined>(undefined)
  const element = useRef<HTMLElement>(null)
  const chosen: Range | undefined = cursor && {
    start: ranges[Math.min(...cursor)]?.start ?? 0,
    end: ranges[Math.max(...cursor)]?.end ?? 0,
  }
  const touched = (range: Range): readonly Span[] =>
    spans.filter(({ start, end }) => start < range.end && end > range.start)
  const mark = (range: Range, name: string): void => onChange(withSpan(spans, { class: name, ...range }))
  const chooseClass = (name: string): void => {
    setActive(name)
    if (chosen !== undefined) {
      const [only, ...more] = touched(chosen)
      // Within one span, its class changes; else what is chosen becomes a span.
      const isWithin =
        only !== undefined && more.length === 0 && only.start <= chosen.start && chosen.end <= only.end
      mark(isWithin ? { start: only.start, end: only.end } : chosen, name)
    }
  }
  const remove = (): void => {
    if (chosen !== undefined) onChange(spans.filter((span) => !touched(chosen).includes(span)))
  }
  const go = (by: number, keepsAnchor: boolean): void => {
    const last = ranges.length - 1
    if (last < 0) return
    const head = cursor === undefined ? (by > 0 ? 0 : last) : Math.min(Math.max(cursor[1] + by, 0), last)
    setCursor([keepsAnchor && cursor !== undefined ? cursor[0] : head, head])
  }

  useLayoutEffect(() => {
    takeKeys((event) => {
      if (!isPlain(event)) return false
      const place = classOfKey(event.key, classes.length)
      if (place !== undefined) chooseClass(classes[place] as string)
      else if (event.key === 'ArrowRight') go(1, event.shiftKey)
      else if (event.key === 'ArrowLeft') go(-1, event.shiftKey)
      else if (event.key === 'Escape' && cursor !== undefined) setCursor(undefined)
      else if ((event.key === 'Delete' || event.key === 'Backspace') && chosen !== undefined) remove()
      else return false
      return true
    })
    return () => takeKeys(undefined)
  })

  const select = (event: MouseEvent): void => {
    const selection = element.current?.ownerDocument.getSelection()
    const range =
      selection !== null && selection !== undefined && selection.rangeCount > 0
        ? selection.getRangeAt(0)
        : undefined
    if (range === undefined || !element.current?.contains(range.commonAncestorContainer)) return
    const selected = trimmed(text, offsetsOf(element.current, range))
    if (selected === undefined) {
      clicked(event)
      return
    }
    selection?.removeAllRanges()
    setCursor(undefined)
    mark(event.altKey ? selected : wholeWords(ranges, selected), active)
  }
  /** A click chooses the span, or the word, that it meets. */
  const clicked = (event: MouseEvent): void => {
    const start = (event.target as Element).closest('[data-start]')?.getAttribute('data-start')
    if (start === null || start === undefined) return
    const at = Number(start)
    const span = spans.find((one) => one.start <= at && at < one.end) ?? { start: at, end: at + 1 }
    const places = ranges.flatMap((word, i) => (word.start < span.end && word.end > span.start ? [i] : []))
    const [first, last] = [places[0], places.at(-1)]
    setCursor(first === undefined || last === undefined ? undefined : [first, last])
  }

  const cuts = chosen === undefined ? [] : [chosen.start, chosen.end]
  const pieces = piecesOf(text.length, spans, cuts)
  const isChosen = ({ start, end }: Range): boolean =>
    chosen !== undefined && start >= chosen.start && end <= chosen.end
  return (
    <>
      <section class="card sample" ref={element} aria-label={words.text} dir="auto" onMouseUp={select}>
        {pieces.map((piece) => {
          const { start, end, span } = piece
          const part = text.slice(start, end)
          const cursorClass = isChosen(piece) ? 'cursor' : ''
          if (span === undefined)
            return (
              <span key={start} data-start={start} class={cursorClass}>
                {part}
              </span>
            )
          return (
            <mark
              key={start}
              data-start={start}
              class={`${cursorClass} ${isProposed ? 'proposed' : ''}`}
              style={{ '--hue': String(hueOfClass(classes.indexOf(span.class))) }}
              data-class={end === span.end ? span.class : undefined}
            >
              {part}
            </mark>
          )
        })}
      </section>
      <span class="hidden" aria-live="polite">
        {chosen &&
          `${text.slice(chosen.start, chosen.end)} ${touched(chosen)
            .map((span) => span.class)
            .join(', ')}`}
      </span>
      <ClassButtons {...{ classes, words }} isPressed={(name) => name === active} onChoose={chooseClass} />
      <p class="hint">
        <button
          type="button"
          onClick={remove}
          disabled={chosen === undefined || touched(chosen).length === 0}
        >
          {words.remove}
        </button>
        {isProposed && spans.length > 0 && <span class="proposed">{words.proposed}</span>}
      </p>
    </>
  )
}

/** Where a selection begins and ends, in characters of an element's text. */
function offsetsOf(element: Element, range: globalThis.Range): Range {
  const before = element.ownerDocument.createRange()
  before.selectNodeContents(element)
  before.setEnd(range.startContainer, range.startOffset)
  const start = before.toString().length
  return { start, end: start + range.toString().length }
}
