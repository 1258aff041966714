import type { CommandContext } from '../../program/context.ts'

/** From here on Ctrl-C ends training with the best so far, and a second one the command. @throws Interrupted where it was pressed before. */
export function keepBestOnInterrupt(context: CommandContext): void {
  context.goOn()
  context.endsByItself = true
  context.terminal.interrupted.addEventListener('abort', () => context.note(stopping), { once: true })
  context.note(begun)
}

const begun = {
  en: 'Training; Ctrl-C ends it with the best so far.',
  zh: '正在训练；按 Ctrl-C 以目前最好的模型结束。',
}

const stopping = {
  en: 'Stopping: the best so far is kept. Ctrl-C again ends at once.',
  zh: '正在停止：保留目前最好的模型。再按 Ctrl-C 立即结束。',
}
