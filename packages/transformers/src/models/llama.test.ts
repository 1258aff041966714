import { describeAsInPython } from '../testing/golden.ts'

const files = [
  'llama-lm',
  'llama-tied-lm',
  'llama',
  'llama-classes',
  'llama-tokens',
  'mistral-lm',
  'qwen2-lm',
  'qwen2-yarn-lm',
  'qwen3-lm',
  'qwen3-classes',
  'smollm3-lm',
  'smollm3-windows-lm',
  'gemma2-lm',
  'gemma2',
]
for (const file of files) describeAsInPython(file)
