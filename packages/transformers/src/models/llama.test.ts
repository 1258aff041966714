import { describeAsInPython, describeModelAsInPython, readGoldens } from '../testing/golden.ts'
import { testFilledUp, testInPieces } from '../testing/pieces.ts'

const files = [
  'llama-lm',
  'llama-tied-lm',
  'llama',
  'llama-classes',
  'llama-tokens',
  'mistral-lm',
  'qwen2-lm',
  'qwen3-lm',
  'qwen3-classes',
  'smollm3-lm',
  'smollm3-windows-lm',
  'gemma2-lm',
  'gemma2',
]
for (const file of files) describeAsInPython(file)

// With scaled positions, with windows in some blocks and in all, blocks without positions, normalized queries, soft caps.
for (const file of ['llama-lm', 'mistral-lm', 'qwen2-lm', 'qwen3-lm', 'smollm3-lm', 'gemma2-lm'])
  testInPieces(file)
for (const file of ['llama-lm', 'qwen2-lm']) testFilledUp(file)

// Members of the family with sizes, windows, scalings and biases of any kind, by chance.
for (const [i, golden] of readGoldens('llama-anyhow').entries())
  describeModelAsInPython(`${golden.config.model_type} by chance (${i})`, golden)
