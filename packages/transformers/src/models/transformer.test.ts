import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('transformer')
