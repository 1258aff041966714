import type { Language } from '../../language/text.ts'
import type { CommandContext } from '../../program/context.ts'

/** Milliseconds between two drawings. */
const interval = 200

/** Draws how much of the budget is over, and what is being done, until `end`. */
export function drawProgress(
  { progress, language }: Pick<CommandContext, 'progress' | 'language'>,
  budget: number,
): { readonly say: (message: string) => void; readonly end: () => void } {
  const began = performance.now()
  let message = { en: 'reading', zh: '读取' }[language]
  const draw = (): void => {
    const seconds = (performance.now() - began) / 1000
    progress.draw(seconds / budget, `${Math.floor(seconds)} s  ${message}`)
  }
  draw()
  const timer = setInterval(draw, interval)
  timer.unref()
  return {
    say: (told) => {
      message = inLanguage(told, language)
      draw()
    },
    end: () => {
      clearInterval(timer)
      progress.clear()
    },
  }
}

/** What training tells is English: `trees: fold 2 of 5`. */
const chinese: readonly (readonly [RegExp, string])[] = [
  [/^(.+): fold (\d+) of (\d+)$/, '$1：第 $2 折，共 $3 折'],
  [/^(.+): all (\d+) rows$/, '$1：全部 $2 行'],
  [/^judging$/, '评判'],
]

const inLanguage = (told: string, language: Language): string =>
  language === 'en' ? told : chinese.reduce((text, [pattern, own]) => text.replace(pattern, own), told)
