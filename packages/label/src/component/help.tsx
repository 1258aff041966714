import { useEffect, useRef } from 'preact/hooks'
import type { Task } from '../annotations/task.ts'
import { keyOfClass } from './class-keys.ts'
import type { Language } from './language.ts'

type Line = readonly [keys: readonly string[], text: keyof Language & `help${string}`]

const lines: { readonly [T in Task]: readonly Line[] } = {
  class: [
    [['classes'], 'helpClass'],
    [['Enter'], 'helpAccept'],
    [['←', '→'], 'helpMove'],
  ],
  classes: [
    [['classes'], 'helpClasses'],
    [['Enter'], 'helpSave'],
    [['←', '→'], 'helpMove'],
  ],
  boxes: [
    [['classes'], 'helpBoxesClass'],
    [['B'], 'helpBox'],
    [['←', '→', '↑', '↓'], 'helpBoxMove'],
    [['Del'], 'helpDelete'],
    [['Enter'], 'helpSave'],
    [['PgUp', 'PgDn'], 'helpMove'],
  ],
  spans: [
    [['classes'], 'helpSpansClass'],
    [['←', '→'], 'helpWords'],
    [['Del'], 'helpDelete'],
    [['Enter'], 'helpSave'],
    [['PgUp', 'PgDn'], 'helpMove'],
  ],
  transcript: [
    [['Enter'], 'helpSaveText'],
    [['Ctrl', 'Space'], 'helpPlay'],
    [['Ctrl', '← →'], 'helpSeek'],
    [['PgUp', 'PgDn'], 'helpMove'],
  ],
}

const common: readonly Line[] = [
  [['S'], 'helpSkip'],
  [['Z'], 'helpUndo'],
]

/** Which keys there are. */
export function Help({
  task,
  classes,
  words,
  onClose,
}: {
  readonly task: Task
  readonly classes: readonly string[]
  readonly words: Language
  readonly onClose: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const last = keyOfClass(Math.min(classes.length, 32) - 1) ?? ''
  const classKeys = classes.length > 1 ? [keyOfClass(0) ?? '', '…', last] : [last]
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="tgl-keys">
      <h2 id="tgl-keys">{words.keys}</h2>
      <dl>
        {[...lines[task], ...common].map(([keys, name]) => (
          <>
            <dt>
              {(keys[0] === 'classes' ? classKeys : keys).map((key) =>
                key === '…' ? <span key={key}>…</span> : <kbd key={key}>{key}</kbd>,
              )}
            </dt>
            <dd>{words[name] as string}</dd>
          </>
        ))}
      </dl>
      {task === 'boxes' && <p>{words.helpMouseBoxes}</p>}
      {task === 'spans' && <p>{words.helpMouseSpans}</p>}
      <button type="button" class="main" onClick={() => dialog.current?.close()}>
        {words.close}
      </button>
    </dialog>
  )
}
