import { useEffect, useRef, useState } from 'preact/hooks'
import type { Language } from './language.ts'

/** Columns of the picture of a sound. */
const columns = 240
const height = 96

/** The loudest of each part of a sound, 0 to 1; undefined where the browser cannot decode it. */
async function peaksOf(file: string): Promise<readonly number[] | undefined> {
  try {
    const bytes = await (await fetch(file)).arrayBuffer()
    const sound = await new OfflineAudioContext(1, 1, 44_100).decodeAudioData(bytes)
    const wave = sound.getChannelData(0)
    const step = wave.length / columns
    const peaks = Array.from({ length: columns }, (_, i) => {
      let peak = 0
      for (let at = Math.floor(i * step); at < (i + 1) * step; at++)
        peak = Math.max(peak, Math.abs(wave[at] ?? 0))
      return peak
    })
    const loudest = Math.max(...peaks, 1e-6)
    return peaks.map((peak) => peak / loudest)
  } catch {
    return undefined
  }
}

const pathOf = (peaks: readonly number[], from: number, to: number): string =>
  peaks
    .map((peak, i) => {
      if (i < from || i >= to) return ''
      const half = Math.max(1, (peak * (height - 12)) / 2)
      return `M${i * 4 + 0.7} ${height / 2 - half}h2.6v${2 * half}h-2.6z`
    })
    .join('')

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`

/** Plays a sound, and shows how loud it is where. */
export function SoundPlayer({
  file,
  words,
  takeAudio,
}: {
  readonly file: string | undefined
  readonly words: Language
  /** Gets the element, for keys. */
  readonly takeAudio?: (audio: HTMLAudioElement | null) => void
}) {
  const audio = useRef<HTMLAudioElement>(null)
  const [peaks, setPeaks] = useState<readonly number[] | undefined>(undefined)
  const [state, setState] = useState({ time: 0, duration: 0, isPlaying: false, isBroken: false, rate: 1 })
  const set = (change: Partial<typeof state>): void => setState((before) => ({ ...before, ...change }))
  useEffect(() => {
    let isOver = false
    if (file !== undefined) void peaksOf(file).then((found) => !isOver && setPeaks(found))
    return () => {
      isOver = true
    }
  }, [file])
  useEffect(() => {
    takeAudio?.(audio.current)
    return () => takeAudio?.(null)
  }, [takeAudio])
  const toggle = (): void => {
    if (audio.current === null) return
    if (audio.current.paused) void audio.current.play().catch(() => set({ isBroken: true }))
    else audio.current.pause()
  }
  const seek = (event: MouseEvent): void => {
    if (audio.current === null || !(state.duration > 0)) return
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect()
    audio.current.currentTime = ((event.clientX - left) / width) * state.duration
  }
  const past = state.duration > 0 ? Math.round((columns * state.time) / state.duration) : 0
  return (
    <div class="sound">
      {/* biome-ignore lint/a11y/useMediaCaption: what it says is what is asked */}
      <audio
        ref={audio}
        src={file}
        onTimeUpdate={({ currentTarget }) => set({ time: currentTarget.currentTime })}
        onDurationChange={({ currentTarget }) => set({ duration: currentTarget.duration })}
        onPlay={() => set({ isPlaying: true })}
        onPause={() => set({ isPlaying: false })}
        onError={() => set({ isBroken: true })}
      />
      <svg
        class="wave"
        viewBox={`0 0 ${4 * columns} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onClick={seek}
      >
        {peaks !== undefined && <path d={pathOf(peaks, past, columns)} />}
        {peaks !== undefined && <path class="past" d={pathOf(peaks, 0, past)} />}
      </svg>
      <div class="row">
        <button type="button" onClick={toggle} disabled={file === undefined}>
          {state.isPlaying ? words.pause : words.play}
        </button>
        <span>
          {clock(state.time)} / {clock(Number.isFinite(state.duration) ? state.duration : 0)}
        </span>
        <select
          aria-label={words.speed}
          value={String(state.rate)}
          onChange={({ currentTarget }) => {
            const rate = Number(currentTarget.value)
            if (audio.current !== null) audio.current.playbackRate = rate
            set({ rate })
          }}
        >
          {[0.5, 0.75, 1, 1.25, 1.5, 2].map((rate) => (
            <option key={rate} value={String(rate)}>
              {rate} ×
            </option>
          ))}
        </select>
        {state.isBroken && <strong>{words.noSound}</strong>}
      </div>
    </div>
  )
}
