import { describeAsInPython } from '../testing/golden.ts'
import { testFilledUp, testInPieces } from '../testing/pieces.ts'

for (const file of ['gpt-neox-lm', 'gpt-neox-tied-lm', 'gpt-neox', 'gpt-neox-classes', 'gpt-neox-tokens'])
  describeAsInPython(file)
for (const file of ['gpt-neox-lm', 'gpt-neox-tied-lm']) testInPieces(file)
testFilledUp('gpt-neox-lm')
