import { describeAsInPython } from '../testing/golden.ts'
import { testFilledUp, testInPieces } from '../testing/pieces.ts'

for (const file of ['gpt2-lm', 'gpt2-untied-lm', 'gpt2', 'gpt2-classes', 'gpt2-classes-whole', 'gpt2-tokens'])
  describeAsInPython(file)
testInPieces('gpt2-lm')
testFilledUp('gpt2-lm')
