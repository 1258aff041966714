import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('bart')
describeAsInPython('bart-untied')
describeAsInPython('bart-model')
describeAsInPython('bart-classification')
describeAsInPython('mbart')
