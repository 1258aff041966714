import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('gpt2-lm')
describeAsInPython('gpt2')
