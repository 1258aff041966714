import { useLayoutEffect } from 'preact/hooks'
import { ClassButtons, chosenBy } from './class-buttons.tsx'
import { classOfKey } from './class-keys.ts'
import type { EditorProps } from './editor.ts'
import { SampleContent } from './sample-content.tsx'

/** Whether an event is a key by itself, Shift left aside. */
export const isPlain = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey

/** One class: choosing it saves. */
export function ClassEditor(props: EditorProps<'class'>) {
  const { sample, classes, value, isProposed, words, file, onSave, takeKeys } = props
  useLayoutEffect(() => {
    takeKeys((event) => {
      const place = isPlain(event) ? classOfKey(event.key, classes.length) : undefined
      if (place === undefined) return false
      onSave(classes[place] as string)
      return true
    })
    return () => takeKeys(undefined)
  })
  return (
    <>
      <SampleContent sample={sample} file={file} words={words} />
      <ClassButtons
        {...{ classes, words, isProposed }}
        isPressed={(name) => name === value}
        onChoose={onSave}
        scores={sample.proposal?.scores}
        chosenBy={chosenBy(sample)}
      />
    </>
  )
}

/** Any number of classes. */
export function ClassesEditor(props: EditorProps<'classes'>) {
  const { sample, classes, value = [], isProposed, words, file, onChange, takeKeys } = props
  const toggle = (name: string): void =>
    onChange(classes.filter((one) => (one === name ? !value.includes(one) : value.includes(one))))
  useLayoutEffect(() => {
    takeKeys((event) => {
      const place = isPlain(event) ? classOfKey(event.key, classes.length) : undefined
      if (place === undefined) return false
      toggle(classes[place] as string)
      return true
    })
    return () => takeKeys(undefined)
  })
  return (
    <>
      <SampleContent sample={sample} file={file} words={words} />
      <ClassButtons
        {...{ classes, words, isProposed }}
        isPressed={(name) => value.includes(name)}
        onChoose={toggle}
        scores={sample.proposal?.scores}
        chosenBy={chosenBy(sample)}
      />
    </>
  )
}
