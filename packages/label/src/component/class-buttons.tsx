import type { Task } from '../annotations/task.ts'
import type { SampleView } from '../server/protocol.ts'
import { hueOfClass, keyOfClass } from './class-keys.ts'
import type { Language } from './language.ts'

interface ClassButtonsProps {
  readonly classes: readonly string[]
  readonly words: Language
  readonly isPressed: (name: string) => boolean
  /** Whether what is pressed is the model's, and nobody's yet. */
  readonly isProposed?: boolean
  readonly onChoose: (name: string) => void
  /** Probabilities of the classes by the model. */
  readonly scores?: readonly number[] | undefined
  /** Who has chosen what, for whoever decides. */
  readonly chosenBy?: (name: string) => readonly string[]
}

/** A button for each class, with its key. */
export function ClassButtons(props: ClassButtonsProps) {
  const { classes, words, isPressed, isProposed = false, onChoose, scores, chosenBy } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in all browsers
    <div class="classes" role="group" aria-label={words.classes}>
      {classes.map((name, i) => {
        const key = keyOfClass(i)
        const score = scores?.[i]
        return (
          <button
            type="button"
            key={name}
            aria-pressed={isPressed(name) && !isProposed}
            class={isPressed(name) && isProposed ? 'proposed' : ''}
            aria-keyshortcuts={key}
            style={{ '--hue': String(hueOfClass(i)) }}
            onClick={() => onChoose(name)}
          >
            {key !== undefined && (
              <span class="key" aria-hidden="true">
                {key}
              </span>
            )}
            <span>{name}</span>
            {isPressed(name) && isProposed && <span class="hidden">{words.proposed}</span>}
            {score !== undefined && <span class="score">{Math.round(100 * score)} %</span>}
            {chosenBy?.(name).map((person) => (
              <span class="who" key={person}>
                {person}
              </span>
            ))}
            {score !== undefined && <span class="bar" style={{ width: `${100 * score}%` }} />}
          </button>
        )
      })}
    </div>
  )
}

/** Who has given a class to a sample. */
export const chosenBy =
  (sample: SampleView<Task>) =>
  (name: string): readonly string[] =>
    (sample.answers ?? []).flatMap(({ person, value }) =>
      value === name || (Array.isArray(value) && (value as readonly unknown[]).includes(name))
        ? [person]
        : [],
    )
