import { useLayoutEffect } from 'preact/hooks'
import { ClassButtons, chosenBy } from './class-buttons.tsx'
import { classOfKey } from './class-keys.ts'
import type { EditorProps } from './editor.ts'
import { SampleContent } from './sample-content.tsx'

/** Whether an event is a key by itself, Shift left aside. */
export const isPlain = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey

/** One class: choosing it saves. */
export function ClassEditor(props: EditorProps<'class'>) {
  return <ClassChoice {...props} isPressed={(name) => name === props.value} onChoose={props.onSave} />
}

/** Any number of classes. */
export function ClassesEditor(props: EditorProps<'classes'>) {
  const { classes, value = [], onChange } = props
  const toggle = (name: string): void =>
    onChange(classes.filter((one) => (one === name ? !value.includes(one) : value.includes(one))))
  return <ClassChoice {...props} isPressed={(name) => value.includes(name)} onChoose={toggle} />
}

type ClassChoiceProps = Pick<
  EditorProps<'class' | 'classes'>,
  'sample' | 'classes' | 'isProposed' | 'words' | 'file' | 'takeKeys'
> & {
  readonly isPressed: (name: string) => boolean
  readonly onChoose: (name: string) => void
}

/** The sample, and its classes as buttons and keys. */
function ClassChoice(props: ClassChoiceProps) {
  const { sample, classes, isProposed, words, file, takeKeys, isPressed, onChoose } = props
  useLayoutEffect(() => {
    takeKeys((event) => {
      const place = isPlain(event) ? classOfKey(event.key, classes.length) : undefined
      if (place === undefined) return false
      onChoose(classes[place] as string)
      return true
    })
    return () => takeKeys(undefined)
  })
  return (
    <>
      <SampleContent sample={sample} file={file} words={words} />
      <ClassButtons
        {...{ classes, words, isProposed, isPressed, onChoose }}
        scores={sample.proposal?.scores}
        chosenBy={chosenBy(sample)}
      />
    </>
  )
}
