import type { Asker } from './terminal.ts'

const load = () => import('@clack/prompts')

/** Questions by @clack/prompts, which is loaded with the first one. They go where messages go. */
export const prompts: Asker = {
  async choose(message, choices) {
    const { isCancel, select } = await load()
    const options = choices.map(({ value, label, hint }) => ({
      value,
      label,
      ...(hint !== undefined && { hint }),
    }))
    const answer = await select({ message, options, maxItems: 12, output: process.stderr })
    return isCancel(answer) ? undefined : answer
  },
  async text(message, suggestion) {
    const { isCancel, text } = await load()
    const answer = await text({
      message,
      placeholder: suggestion,
      defaultValue: suggestion,
      output: process.stderr,
    })
    return isCancel(answer) ? undefined : answer
  },
}
