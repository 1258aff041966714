import type { ComponentChild } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Task } from '../annotations/task.ts'
import type { Progress, SampleView } from '../server/protocol.ts'
import { BoxEditor } from './box-editor.tsx'
import { ClassEditor, ClassesEditor } from './class-editors.tsx'
import type { EditorProps } from './editor.ts'
import { Help } from './help.tsx'
import type { Language } from './language.ts'
import type { LabelSource } from './source.ts'
import { SpanEditor } from './span-editor.tsx'
import { TranscriptEditor } from './transcript-editor.tsx'
import { type Labelling, useLabelling } from './use-labelling.ts'

type Editor<T extends Task> = (props: EditorProps<T>) => ComponentChild

const editors: { readonly [T in Task]: Editor<T> } = {
  class: ClassEditor,
  classes: ClassesEditor,
  boxes: BoxEditor,
  spans: SpanEditor,
  transcript: TranscriptEditor,
}

export interface AppProps<T extends Task> {
  readonly source: LabelSource<T>
  readonly words: Language
  /** Where keys are listened to. Default: the component, once it has the focus. */
  readonly keyTarget?: EventTarget | undefined
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, dialog') !== null

/** All of it: the head with the progress, the sample with its editor, and what can be done. */
export function App<T extends Task>({ source, words, keyTarget }: AppProps<T>) {
  const labelling = useLabelling(source, words)
  const { next, progress, file, draft, isDeciding, isBusy } = labelling
  const [isHelping, setHelping] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const ofEditor = useRef<((event: KeyboardEvent) => boolean) | undefined>(undefined)
  const takeKeys = useRef((use: ((event: KeyboardEvent) => boolean) | undefined): void => {
    ofEditor.current = use
  })

  // Before the browser paints: a key that follows at once meets what is shown.
  useLayoutEffect(() => {
    const target = keyTarget ?? root.current
    const pressed = (event: Event): void => {
      if (event instanceof KeyboardEvent && !event.defaultPrevented && used(event)) event.preventDefault()
    }
    const used = (event: KeyboardEvent): boolean => {
      if (isHelping) return false
      // What is pressed while an answer is being saved was not meant for the sample that comes next.
      if (isBusy && event.key !== '?' && !isField(event.target)) return false
      if (typeof next === 'object' && !(isField(event.target) && event.target instanceof HTMLSelectElement))
        if ((!isField(event.target) || source.task === 'transcript') && ofEditor.current?.(event) === true)
          return true
      return keyUsed(event, labelling, source.task, () => setHelping(true))
    }
    target?.addEventListener('keydown', pressed)
    return () => target?.removeEventListener('keydown', pressed)
  })
  // A sample that was saved takes the focus with it: keys go on here, the very next one included.
  useLayoutEffect(() => {
    const active = root.current?.ownerDocument.activeElement
    if (source.task !== 'transcript' && !isField(active ?? null)) root.current?.focus({ preventScroll: true })
  }, [next, source.task])

  const Current = editors[source.task] as Editor<T>
  return (
    <div class="tgl" ref={root} tabIndex={-1} lang={words.save === 'Save' ? 'en' : 'zh-Hans'}>
      <Head
        {...{ source, words, progress, isDeciding }}
        onDecide={labelling.decide}
        onHelp={() => setHelping(true)}
      />
      <div class="work" aria-busy={isBusy}>
        {typeof next === 'object' ? (
          <>
            {isDeciding && <Answers {...{ words }} sample={next} onTake={labelling.change} />}
            <Current
              // An editor of one sample knows nothing of another.
              key={`${isDeciding} ${next.index}`}
              sample={next}
              classes={source.classes}
              value={draft.value}
              isProposed={draft.isProposed}
              words={words}
              file={file}
              onChange={labelling.change}
              onBegin={labelling.begin}
              onSave={labelling.save}
              takeKeys={takeKeys.current}
            />
          </>
        ) : (
          <p class="note" role="status">
            {next === undefined
              ? words.loading
              : next === 'waiting'
                ? words.waiting
                : isDeciding
                  ? words.doneDisputes
                  : words.done}
          </p>
        )}
      </div>
      <Foot {...{ labelling, words }} task={source.task} />
      {isHelping && (
        <Help task={source.task} classes={source.classes} words={words} onClose={() => setHelping(false)} />
      )}
    </div>
  )
}

/** What all tasks do with keys. */
function keyUsed<T extends Task>(
  event: KeyboardEvent,
  labelling: Labelling<T>,
  task: T,
  help: () => void,
): boolean {
  const { key } = event
  const isCommand = event.ctrlKey || event.metaKey
  if (key === 'Escape' && task === 'transcript' && event.target instanceof HTMLElement) {
    event.target.blur()
    return true
  }
  if (key === 'PageUp' || key === 'PageDown') {
    labelling.go(key === 'PageUp' ? -1 : 1)
    return true
  }
  if (isField(event.target) || event.altKey) return false
  const isUndo = key.toLowerCase() === 'z' || (key === 'Backspace' && !isCommand)
  if (isUndo && (isCommand || !event.shiftKey)) labelling.undo()
  else if (isCommand) return false
  // A button that has the focus is pressed by Enter itself.
  else if (key === 'Enter' && !(event.target instanceof HTMLButtonElement)) labelling.save()
  else if (key.toLowerCase() === 's') labelling.skip()
  else if (key === '?') help()
  else if (key === 'ArrowLeft') labelling.go(-1)
  else if (key === 'ArrowRight') labelling.go(1)
  else return false
  return true
}

function Head<T extends Task>(props: {
  readonly source: LabelSource<T>
  readonly words: Language
  readonly progress: Progress | undefined
  readonly isDeciding: boolean
  readonly onDecide: (isDeciding: boolean) => void
  readonly onHelp: () => void
}) {
  const { source, words, progress, isDeciding, onDecide, onHelp } = props
  const disputes = progress?.disagreements ?? 0
  return (
    <header>
      {source.title !== '' && <h1>{source.title}</h1>}
      {progress !== undefined && (
        <>
          <progress
            value={progress.complete}
            max={progress.samples}
            aria-label={words.of(progress.complete, progress.samples)}
          />
          <span class="count">
            {words.of(progress.complete, progress.samples)} · {words.labelledByYou(progress.own)}
          </span>
        </>
      )}
      {progress?.model !== undefined && <span class="count">{modelWords(progress.model, words)}</span>}
      <span class="space" />
      {source.disputes !== undefined && (disputes > 0 || isDeciding) && (
        <button type="button" onClick={() => onDecide(!isDeciding)}>
          {isDeciding ? words.backToWork : words.disagreements(disputes)}
        </button>
      )}
      <button type="button" class="plain" aria-keyshortcuts="?" onClick={onHelp}>
        <span class="key" aria-hidden="true">
          ?
        </span>{' '}
        {words.keys}
      </button>
    </header>
  )
}

function modelWords(model: NonNullable<Progress['model']>, words: Language): string {
  const said: Readonly<Record<typeof model.state, string>> = {
    waiting: words.waitingForLabels,
    training: words.training,
    proposing: words.proposing,
    ready: words.ready(model.trainedOn),
    failed: words.failed(model.error ?? ''),
  }
  return said[model.state]
}

/** What people have said, for whoever decides; taking an answer makes it the draft. */
function Answers<T extends Task>(props: {
  readonly sample: SampleView<T>
  readonly words: Language
  readonly onTake: (value: NonNullable<SampleView<T>['own']>) => void
}) {
  return (
    <p class="hint">
      {props.sample.answers?.map(({ person, value }) => (
        <button
          type="button"
          key={person}
          onClick={() => props.onTake(value as NonNullable<SampleView<T>['own']>)}
        >
          {props.words.takes(person)}
        </button>
      ))}
    </p>
  )
}

function Foot<T extends Task>({
  labelling,
  words,
  task,
}: {
  readonly labelling: Labelling<T>
  readonly words: Language
  readonly task: T
}) {
  const { next, notice, draft, isBusy, isDeciding } = labelling
  const isSample = typeof next === 'object'
  const hasNothing =
    draft.value === undefined && (task === 'class' || task === 'transcript' || task === 'boxes')
  return (
    <footer>
      <button
        type="button"
        class="plain"
        disabled={isBusy || isDeciding}
        onClick={() => labelling.go(-1)}
        aria-label={words.back}
      >
        <span aria-hidden="true">←</span>
      </button>
      <button type="button" disabled={isBusy} aria-keyshortcuts="z" onClick={labelling.undo}>
        <span class="key" aria-hidden="true">
          z
        </span>{' '}
        {words.undo}
      </button>
      <span class={`said ${notice.isBad ? 'bad' : ''}`} role={notice.isBad ? 'alert' : 'status'}>
        {notice.text}
      </span>
      <button
        type="button"
        disabled={isBusy || !isSample || isDeciding}
        aria-keyshortcuts="s"
        onClick={labelling.skip}
      >
        <span class="key" aria-hidden="true">
          s
        </span>{' '}
        {words.skip}
      </button>
      <button
        type="button"
        class="main"
        disabled={isBusy || !isSample || hasNothing}
        aria-keyshortcuts="Enter"
        onClick={() => labelling.save()}
      >
        <span class="key" aria-hidden="true">
          ↵
        </span>{' '}
        {draft.isProposed && !isDeciding ? words.accept : words.save}
      </button>
    </footer>
  )
}
