import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { EditorProps } from './editor.ts'
import { SampleContent } from './sample-content.tsx'
import { SoundPlayer } from './sound-player.tsx'

/** What a sound says, or a picture shows. */
export function TranscriptEditor(props: EditorProps<'transcript'>) {
  const { sample, value = '', isProposed, words, file, onChange, onSave, takeKeys } = props
  const field = useRef<HTMLTextAreaElement>(null)
  const audio = useRef<HTMLAudioElement | null>(null)
  const takeAudio = useRef((element: HTMLAudioElement | null): void => {
    audio.current = element
  })
  useEffect(() => field.current?.focus(), [])
  useLayoutEffect(() => {
    takeKeys((event) => {
      const sound = audio.current
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.target === field.current)
        onSave(value)
      else if (sound === null || !event.ctrlKey) return false
      else if (event.code === 'Space') {
        if (sound.paused) void sound.play().catch(() => undefined)
        else sound.pause()
      } else if (event.key === 'ArrowLeft') sound.currentTime -= 2
      else if (event.key === 'ArrowRight') sound.currentTime += 2
      else return false
      return true
    })
    return () => takeKeys(undefined)
  })
  return (
    <>
      {sample.medium === 'sound' ? (
        <div class="card">
          <SoundPlayer file={file} words={words} takeAudio={takeAudio.current} />
        </div>
      ) : (
        <SampleContent sample={sample} file={file} words={words} />
      )}
      <label>
        {words.transcript}
        <textarea
          ref={field}
          dir="auto"
          value={value}
          spellcheck
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      </label>
      {isProposed && value !== '' && (
        <p class="hint">
          <span class="proposed">{words.proposed}</span>
        </p>
      )}
    </>
  )
}
