import type { SampleView } from '../server/protocol.ts'
import type { Language } from './language.ts'
import { SoundPlayer } from './sound-player.tsx'

/** A sample as it is shown where it is only looked at or listened to. */
export function SampleContent({
  sample,
  file,
  words,
}: {
  readonly sample: SampleView
  readonly file: string | undefined
  readonly words: Language
}) {
  if (sample.medium === 'text')
    return (
      <section class="card sample" aria-label={words.text} dir="auto">
        {sample.text}
      </section>
    )
  if (sample.medium === 'sound')
    return (
      <div class="card">
        <SoundPlayer file={file} words={words} />
      </div>
    )
  return (
    <div class="card sample picture">
      {file !== undefined && <img src={file} alt={words.sample(sample.id)} draggable={false} />}
    </div>
  )
}
