// A chat in the terminal with any model of Llama's kind, from a folder as Hugging Face lays it out.
//
//   npx tsx examples/chat.ts models/SmolLM2-135M-Instruct
//   npx tsx examples/chat.ts models/SmolLM2-135M-Instruct --temperature 0 --system "Answer in one sentence."
//   npx tsx examples/chat.ts                                   a small model that has learned nothing
//
// Ctrl-C stops an answer, /reset begins a new conversation, /quit (or Ctrl-D) ends the program. What was said stays in the
// model's cache: each turn reads its own question alone.
import { createInterface } from 'node:readline'
import { loadChatModel, untrainedChatModel } from './chat/chat-model.ts'
import { ChatSession } from './chat/chat-session.ts'
import { StreamedText } from './chat/streamed-text.ts'
import { programOptions } from './options.ts'
import { wrapped } from './text.ts'

const { folder, ...options } = programOptions(
  {
    folder: '',
    system: '', // what the model is told before anything else
    temperature: 0.7, // 0 takes the likeliest word each time
    tokens: 256, // an answer has at most
    seed: 1,
  },
  'folder',
)
const columns = Math.min(process.stdout.columns ?? 80, 100)
const print = (text: string): void => console.log(wrapped(text, columns))

if (folder === '')
  print(
    'No folder was given, so this is a small model that has learned nothing, made on the spot: its answers are random ' +
      'pieces of words from docs/guide. For a real one: npx tsx examples/chat.ts <folder of a model>.\n',
  )
else print(`Loading ${folder} …\n`)
const chat = await (folder === ''
  ? untrainedChatModel('docs/guide', options.seed)
  : loadChatModel(folder)
).catch((error: unknown) => {
  print((error as Error).message)
  process.exit(1)
})
const session = new ChatSession(chat, options.system)
print('Ctrl-C stops an answer, /reset begins a new conversation, /quit ends the program.\n')

const { stdin, stdout } = process
const lines = createInterface({ input: stdin, ...(stdin.isTTY && { output: stdout }), prompt: '› ' })
let answering: AbortController | undefined
const interrupt = (): void => {
  if (answering !== undefined) answering.abort()
  else {
    console.log('\n/quit ends the program.')
    if (stdin.isTTY) lines.prompt()
  }
}
// In a terminal the line's editor takes Ctrl-C, elsewhere it is a signal.
lines.on('SIGINT', interrupt)
process.on('SIGINT', interrupt)

if (stdin.isTTY) {
  lines.prompt()
  // Ctrl-D leaves the cursor behind the prompt.
  lines.on('close', () => console.log())
}
for await (const line of lines) {
  const question = line.trim()
  // A terminal shows what is typed.
  if (!stdin.isTTY) console.log(`› ${question}`)
  if (question === '/quit') break
  if (question === '/reset') {
    session.reset()
    console.log('A new conversation.\n')
  } else if (question.startsWith('/')) console.log(`There is no ${question}, only /reset and /quit.\n`)
  else if (question !== '') await answer(question)
  if (stdin.isTTY) lines.prompt()
}
// An input that stays open would keep the program waiting.
process.exit()

async function answer(question: string): Promise<void> {
  answering = new AbortController()
  const { signal } = answering
  const text = new StreamedText(columns)
  const { temperature, tokens, seed } = options
  const pieces = session.answer(question, { temperature, maxNewTokens: tokens, seed, signal })
  try {
    let next = await pieces.next()
    for (; next.done !== true; next = await pieces.next()) stdout.write(text.push(next.value))
    stdout.write(text.finish())
    const { prompt, kept, tokens: said, tokensPerSecond } = next.value
    const how = `${said} tokens, ${tokensPerSecond.toFixed(0)} a second; ${kept} of ${prompt} before it were kept`
    console.log(`\n\n(${signal.aborted ? 'stopped; ' : ''}${how})\n`)
  } catch (error) {
    print(`${(error as Error).message}\n\nThe question was not asked. /reset makes room.\n`)
  } finally {
    answering = undefined
  }
}
