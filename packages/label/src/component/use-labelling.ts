import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Task, ValueOf } from '../annotations/task.ts'
import type { NextSample, Progress, SampleView } from '../server/protocol.ts'
import type { Language } from './language.ts'
import type { LabelSource, Turn } from './source.ts'

/** What the page said last. */
export interface Notice {
  readonly text: string
  readonly isBad: boolean
}

/** A draft: what it is now, what it was, and whether it is still the model's. */
interface Draft<T extends Task> {
  readonly value: ValueOf<T> | undefined
  readonly before: readonly (ValueOf<T> | undefined)[]
  readonly isProposed: boolean
}

export interface Labelling<T extends Task> {
  readonly next: NextSample<T> | undefined
  readonly progress: Progress | undefined
  readonly file: string | undefined
  readonly draft: Draft<T>
  readonly notice: Notice
  readonly isBusy: boolean
  readonly isDeciding: boolean
  readonly change: (value: ValueOf<T>) => void
  /** Fills a draft that is empty; there is nothing to take back then. */
  readonly begin: (value: ValueOf<T>) => void
  readonly save: (value?: ValueOf<T>) => void
  readonly skip: () => void
  readonly undo: () => void
  /** To the sample before or after, of those that were answered; behind the last to what is open. */
  readonly go: (by: 1 | -1) => void
  readonly decide: (isDeciding: boolean) => void
}

const isSample = <T extends Task>(next: NextSample<T> | undefined): next is SampleView<T> =>
  typeof next === 'object'

/** How long a page that has nothing to do waits before it asks again, and one that works before it looks at the progress. */
const patience = 3000

const noDraft = { value: undefined, before: [], isProposed: false } as const

/** What nothing but Enter stands for: nothing is on the picture, nothing in the text. */
function emptyValue<T extends Task>(task: T): ValueOf<T> | undefined {
  const empty: { readonly [K in Task]: ValueOf<K> | undefined } = {
    class: undefined,
    classes: [],
    boxes: undefined,
    spans: [],
    transcript: undefined,
  }
  return empty[task]
}

/** The draft that a sample begins with: what was decided or said before, or what the model proposes. */
function draftOf<T extends Task>(next: NextSample<T> | undefined): Draft<T> {
  if (!isSample(next)) return noDraft
  const said = next.decision ?? next.own
  const value = said ?? next.answers?.[0]?.value ?? next.proposal?.value
  return { value, before: [], isProposed: said === undefined && value !== undefined }
}

/** The state of labelling, and what can be done in it. One thing is done at a time; what fails changes nothing. */
export function useLabelling<T extends Task>(source: LabelSource<T>, words: Language): Labelling<T> {
  const [turn, setTurn] = useState<Turn<T> | undefined>(undefined)
  const [draft, setDraft] = useState<Draft<T>>(noDraft)
  const [file, setFile] = useState<string | undefined>(undefined)
  const [notice, setNotice] = useState<Notice>({ text: '', isBad: false })
  const [isBusy, setBusy] = useState(false)
  const [isDeciding, setDeciding] = useState(false)
  const history = useRef<number[]>([...source.history])
  const shownAt = useRef(performance.now())
  /** Answers that come after another was asked for are too late. */
  const asked = useRef(0)
  const next = turn?.next
  const sample = isSample(next) ? next : undefined

  const show = useCallback((shown: Turn<T>): void => {
    shownAt.current = performance.now()
    setTurn(shown)
    setDraft(draftOf(shown.next))
  }, [])

  const run = useCallback(
    async (work: () => Promise<Turn<T>>, said = ''): Promise<void> => {
      const mine = ++asked.current
      setBusy(true)
      try {
        const shown = await work()
        if (mine !== asked.current) return
        show(shown)
        setNotice({ text: said, isBad: false })
      } catch (error) {
        setNotice({ text: words.notSaved((error as Error).message), isBad: true })
      } finally {
        if (mine === asked.current) setBusy(false)
      }
    },
    [show, words],
  )

  useEffect(() => {
    void run(() => source.next())
  }, [source, run])

  // The file of another sample is not shown for a moment.
  useEffect(() => {
    setFile(undefined)
    let isOver = false
    if (sample !== undefined && sample.medium !== 'text')
      source.file(sample.index).then(
        (address) => !isOver && setFile(address),
        (error: unknown) => setNotice({ text: (error as Error).message, isBad: true }),
      )
    return () => {
      isOver = true
    }
  }, [source, sample?.index])

  // What others and the model do in between.
  useEffect(() => {
    if (next === undefined) return undefined
    const timer = setInterval(() => {
      if (isBusy || isDeciding) return
      if (next === 'waiting') void run(() => source.next())
      else
        source.look?.().then(
          (progress) => setTurn((now) => now && { ...now, progress }),
          () => undefined,
        )
    }, patience)
    return () => clearInterval(timer)
  }, [next, isBusy, isDeciding, run, source])

  const save = (value = draft.value ?? emptyValue(source.task)): void => {
    if (isBusy || sample === undefined || value === undefined) return
    const { index } = sample
    if (isDeciding) {
      void run(
        async () => await (source.disputes as NonNullable<typeof source.disputes>).decide(index, value),
        words.decided,
      )
      return
    }
    const seconds = Math.round((performance.now() - shownAt.current) / 10) / 100
    void run(async () => {
      const saved = await source.save(index, value, seconds)
      if (!history.current.includes(index)) history.current.push(index)
      return saved
    }, words.saved)
  }

  const undo = (): void => {
    if (isBusy) return
    const { before } = draft
    if (before.length > 0) {
      setDraft({ value: before.at(-1), before: before.slice(0, -1), isProposed: false })
      return
    }
    const last = history.current.at(-1)
    if (last === undefined || isDeciding) {
      setNotice({ text: words.nothingToUndo, isBad: false })
      return
    }
    void run(async () => {
      const taken = await source.undo(last)
      history.current.pop()
      return taken
    }, words.undone)
  }

  const go = (by: 1 | -1): void => {
    if (isBusy || isDeciding) return
    const places = history.current
    const at = sample === undefined ? places.length : places.indexOf(sample.index)
    const target = (at < 0 ? places.length : at) + by
    if (target < 0 || target > places.length) return
    const index = places[target]
    void run(() => (index === undefined ? source.next() : source.view(index)))
  }

  return {
    next,
    progress: turn?.progress,
    file,
    draft,
    notice,
    isBusy,
    isDeciding,
    change: (value) =>
      setDraft((now) => ({ value, before: [...now.before, now.value].slice(-100), isProposed: false })),
    begin: (value) => setDraft((now) => (now.value === undefined ? { ...now, value } : now)),
    save,
    skip() {
      if (isBusy || sample === undefined || isDeciding) return
      const { index } = sample
      void run(async () => {
        const skipped = await source.skip(index)
        if (!history.current.includes(index)) history.current.push(index)
        return skipped
      }, words.skipped)
    },
    undo,
    go,
    decide(deciding) {
      const { disputes } = source
      if (isBusy || disputes === undefined) return
      setDeciding(deciding)
      void run(() => (deciding ? disputes.next(0) : source.next()))
    },
  }
}
