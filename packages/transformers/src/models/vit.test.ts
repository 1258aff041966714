import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('vit')
describeAsInPython('vit-classification')
